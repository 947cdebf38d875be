//! The log of adapters. It goes to standard error instead of Python's `logging`, in which a transfer thread would have to wait
//! for the interpreter.

use std::io::{self, IsTerminal as _};

use tracing::Level;
use tracing_subscriber::{
    Layer as _,
    filter::{LevelFilter, Targets},
    fmt,
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

/// Starts logging, from this level of Python's `logging` on. A process that already has a subscriber keeps it.
pub(crate) fn show(python_level: u32) {
    let level = level(python_level);
    // Of other crates, such as those for network connections, only errors.
    let ours_and_grave = Targets::new()
        .with_default(level.min(Level::WARN))
        .with_target("l2_adapter", level)
        .with_target("_native", level)
        // Unknown callers can make the HTTP/2 library log hundreds of lines.
        .with_target("h2", Level::ERROR)
        // NIXL's bindings log each error that they return to us, without the peer, even if it is the usual end of a write.
        .with_target("nixl_sys", LevelFilter::OFF);
    let to_standard_error = fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none())
        .with_target(false)
        .with_filter(ours_and_grave);
    let _ = tracing_subscriber::registry().with(to_standard_error).try_init();
}

/// Python's levels are numbers between which there may be others.
fn level(python_level: u32) -> Level {
    match python_level {
        0..10 => Level::TRACE,
        10..20 => Level::DEBUG,
        20..30 => Level::INFO,
        30..40 => Level::WARN,
        40.. => Level::ERROR,
    }
}
