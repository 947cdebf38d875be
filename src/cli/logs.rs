//! What adapters have to say while they run: to standard error, beside what the command says.

use std::io::{self, IsTerminal as _};

use tracing::Level;

/// Shows events of this level and graver ones from now on. A program that has its own subscriber keeps it.
pub(super) fn show(level: Level) {
    let _ = tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none())
        .with_max_level(level)
        .with_target(false)
        .try_init();
}
