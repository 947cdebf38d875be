//! SIGINT and SIGTERM: the end that a person or a supervisor asks for.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::signal::unix::{SignalKind, signal};

/// Resolves when one of them comes, with its name. From this call on neither ends the process by itself. Called within a runtime.
pub(super) fn ended() -> io::Result<impl Future<Output = &'static str>> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => "SIGINT",
            _ = terminate.recv() => "SIGTERM",
        }
    })
}

/// Says between two steps of a command whether it should end.
#[derive(Debug, Clone, Default)]
pub(super) struct Interruption(Arc<AtomicBool>);

impl Interruption {
    /// Listens on a thread of its own.
    pub(super) fn listen() -> io::Result<Self> {
        let interruption = Self::default();
        let noticed = interruption.clone();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let entered = runtime.enter();
        let ended = ended()?;
        drop(entered);
        // Ends with the process: it waits for a signal that may never come.
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            runtime.block_on(ended);
            noticed.0.store(true, Ordering::Relaxed);
        })?;
        Ok(interruption)
    }

    pub(super) fn is_asked_for(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
