//! What adapters have to say while they run. It goes to standard error and not to Python's `logging`: a transfer thread would
//! have to wait for the interpreter there.

use std::io::{self, IsTerminal as _};

/// Shows events from now on. A process that shows them already is left as it is.
pub(crate) fn show() {
    let _ = tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none())
        .with_max_level(tracing::Level::INFO)
        .with_target(false)
        .try_init();
}
