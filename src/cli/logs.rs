//! What adapters have to say while they run: to standard error, beside what the command says.

use std::io::{self, IsTerminal as _};

use tracing::Level;
use tracing_subscriber::{
    Layer as _,
    filter::{LevelFilter, ParseError, Targets},
    fmt,
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use super::exit::Failure;

/// The environment variable that says what is shown, as `info` or `l2_adapter=debug,h2=off`.
const FILTER_VARIABLE: &str = "RUST_LOG";

/// Shows events from now on: those that the variable names, or ours of this level and graver ones. A program that has its own
/// subscriber keeps it.
///
/// # Errors
///
/// The variable cannot be read.
pub(super) fn show(level: Level) -> Result<(), Failure> {
    let filter = match std::env::var_os(FILTER_VARIABLE) {
        Some(text) if !text.is_empty() => {
            let filter = text.to_str().map_or_else(|| Err("it is not UTF-8".to_owned()), read_filter);
            filter.map_err(|reason| Failure::LogFilter { variable: FILTER_VARIABLE, reason })?
        }
        _ => usual(level),
    };
    let to_standard_error = fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none())
        .with_target(false)
        .with_filter(filter);
    let _ = tracing_subscriber::registry().with(to_standard_error).try_init();
    Ok(())
}

/// A lone word that is no level would be taken for a target, and silence all others.
fn read_filter(text: &str) -> Result<Targets, String> {
    for part in text.split(',').map(str::trim) {
        if part.is_empty() || !part.contains('=') && part.parse::<LevelFilter>().is_err() {
            return Err(format!("`{part}` is no level: there are off, error, warn, info, debug and trace"));
        }
    }
    text.parse().map_err(|error: ParseError| error.to_string())
}

/// Ours from this level on, and of others what went wrong. What strangers make the HTTP/2 library say can be hundreds of lines.
fn usual(level: Level) -> Targets {
    Targets::new().with_default(level.min(Level::WARN)).with_target("l2_adapter", level).with_target("h2", Level::ERROR)
}
