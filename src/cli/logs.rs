//! The log of adapters, on standard error next to the command's own output.

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

/// The environment variable that filters the log, such as `info` or `l2_adapter=debug,h2=off`.
const FILTER_VARIABLE: &str = "RUST_LOG";

/// The target of NIXL's bindings. They log each error that they return to us, without the peer, even if it is the usual end of
/// a write, and two trace lines for each poll.
const NIXL_BINDINGS: &str = "nixl_sys";

/// Starts logging: the events that the variable selects, or ours from this level on. A subscriber that the program has already
/// set stays.
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

/// A single word that is not a level would count as a target and silence all others. NIXL's bindings are logged only if the
/// filter names them.
fn read_filter(text: &str) -> Result<Targets, String> {
    for part in text.split(',').map(str::trim) {
        if part.is_empty() || !part.contains('=') && part.parse::<LevelFilter>().is_err() {
            return Err(format!("`{part}` is not a log level: expected off, error, warn, info, debug or trace"));
        }
    }
    let named: Targets = text.parse().map_err(|error: ParseError| error.to_string())?;
    let names_bindings = named.iter().any(|(target, _)| target.starts_with(NIXL_BINDINGS));
    Ok(if names_bindings { named } else { named.with_target(NIXL_BINDINGS, LevelFilter::OFF) })
}

/// Our events from this level on, and errors of other crates. Unknown callers can make the HTTP/2 library log hundreds of
/// lines.
fn usual(level: Level) -> Targets {
    Targets::new()
        .with_default(level.min(Level::WARN))
        .with_target("l2_adapter", level)
        .with_target("h2", Level::ERROR)
        .with_target(NIXL_BINDINGS, LevelFilter::OFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shows(filter: &Targets, target: &str, level: Level) -> bool {
        filter.would_enable(target, &level)
    }

    #[test]
    fn the_log_of_nixls_bindings_is_shown_only_if_a_variable_names_them() {
        for filter in [usual(Level::INFO), read_filter("trace").unwrap(), read_filter("info,h2=off").unwrap()] {
            assert!(!shows(&filter, "nixl_sys::agent", Level::ERROR), "{filter}");
            assert!(shows(&filter, "l2_adapter::transfer", Level::INFO), "{filter}");
        }
        for text in ["nixl_sys=error", "info,nixl_sys::agent=debug"] {
            assert!(shows(&read_filter(text).unwrap(), "nixl_sys::agent", Level::ERROR), "{text}");
        }
    }

    #[cfg(feature = "nixl")]
    #[test]
    fn metadata_that_nixl_refuses_is_our_error_without_a_line_of_its_bindings() {
        const OF_BINDINGS: &str = "Failed to load remote metadata";
        assert!(!log_of_refused_metadata(usual(Level::INFO)).contains(OF_BINDINGS));
        // The reason for this test.
        let everything = log_of_refused_metadata(Targets::new().with_default(Level::ERROR));
        assert!(everything.contains("ERROR") && everything.contains(OF_BINDINGS), "{everything}");
    }

    /// The log of a channel that shall reach a peer with truncated metadata.
    #[cfg(feature = "nixl")]
    fn log_of_refused_metadata(filter: Targets) -> String {
        use std::sync::{Arc, Mutex};

        use crate::transfer::{ChannelKind, ChannelSettings, PeerId, TransferError, create_channel};

        #[derive(Clone, Default)]
        struct Log(Arc<Mutex<Vec<u8>>>);

        impl io::Write for Log {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.lock().unwrap().write(bytes)
            }

            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }

        let settings = |epoch| ChannelSettings {
            kind: ChannelKind::Nixl,
            nixl_backends: vec!["tcp".to_owned()],
            package_folders: Vec::new(),
            staging_bytes: 4096,
            l1_arena: None,
            is_local: true,
            epoch,
            tp_rank: 0,
        };
        let log = Log::default();
        let writer = log.clone();
        let layer = fmt::layer().with_writer(move || writer.clone()).with_ansi(false).with_filter(filter);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            let (mut sender, receiver) = (create_channel(&settings(1)).unwrap(), create_channel(&settings(2)).unwrap());
            let mut region = receiver.region();
            region.metadata.pop();
            assert!(matches!(sender.add_peer(PeerId(2), &region), Err(TransferError::Unreachable { .. })));
            assert_eq!((sender.close(), receiver.close()), (0, 0));
        });
        let bytes = std::mem::take(&mut *log.0.lock().unwrap());
        String::from_utf8(bytes).unwrap()
    }
}
