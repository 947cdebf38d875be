//! SIGINT and SIGTERM, with which a person or a supervisor ends a command.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Both signals. While this value exists, neither ends the process by itself.
pub(super) struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// Must be called in a runtime.
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Waits for the next signal and returns its name.
    pub(super) async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
        }
    }
}

/// The exit code of an interrupted process: 128 plus the number of SIGINT, as in shells.
const SECOND_SIGNAL: i32 = 130;

/// Whether a command should end, to be checked between its steps.
#[derive(Debug, Clone, Default)]
pub(super) struct Interruption(Arc<AtomicBool>);

impl Interruption {
    /// Listens on a separate thread. A second signal ends the process at once.
    pub(super) fn listen() -> io::Result<Self> {
        let interruption = Self::default();
        let noticed = interruption.clone();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let entered = runtime.enter();
        let mut signals = Signals::listen()?;
        drop(entered);
        // Ends with the process: it waits for a signal that may never come.
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            runtime.block_on(signals.next());
            noticed.0.store(true, Ordering::Relaxed);
            runtime.block_on(signals.next());
            std::process::exit(SECOND_SIGNAL);
        })?;
        Ok(interruption)
    }

    pub(super) fn is_asked_for(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
