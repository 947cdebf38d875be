//! New memory for a region. A separate thread maps it and backs it with pages, because a GiB takes 0.7 s and more (measured on
//! a virtual machine), and the thread of a channel must not stop for so long.

use std::{
    io,
    sync::mpsc::{self, Receiver, TryRecvError},
    thread,
};

use crate::transfer::TransferError;

/// The new memory of one channel; at most one is being prepared at a time. If the channel closes meanwhile, the thread unmaps
/// the memory: nothing else knows its addresses.
#[derive(Debug)]
pub(in crate::transfer) struct Replacement<M> {
    under_way: Option<UnderWay<M>>,
}

#[derive(Debug)]
struct UnderWay<M> {
    size_bytes: u64,
    memory: Receiver<Result<M, TransferError>>,
}

impl<M> Default for Replacement<M> {
    fn default() -> Self {
        Self { under_way: None }
    }
}

impl<M: Send + 'static> Replacement<M> {
    /// Starts the thread. It owns nothing but what `make` captures.
    pub(in crate::transfer) fn begin(
        &mut self,
        size_bytes: u64,
        make: impl FnOnce() -> Result<M, TransferError> + Send + 'static,
    ) -> Result<(), TransferError> {
        if self.under_way.is_some() {
            return Err(TransferError::ReplacementUnderWay);
        }
        let (made, memory) = mpsc::channel();
        thread::Builder::new()
            .name("pd-new-memory".to_owned())
            // If the channel has closed, the memory is dropped here.
            .spawn(move || drop(made.send(make())))
            .map_err(|error| failed(size_bytes, error))?;
        self.under_way = Some(UnderWay { size_bytes, memory });
        Ok(())
    }

    /// Takes the memory, or the reason why there is none. `None` if none was requested or it is not ready. Never waits.
    pub(in crate::transfer) fn take(&mut self) -> Option<Result<M, TransferError>> {
        let UnderWay { size_bytes, memory } = self.under_way.as_ref()?;
        let taken = match memory.try_recv() {
            Err(TryRecvError::Empty) => return None,
            Err(TryRecvError::Disconnected) => Err(failed(*size_bytes, io::Error::other("its thread has panicked"))),
            Ok(made) => made,
        };
        self.under_way = None;
        Some(taken)
    }
}

fn failed(size_bytes: u64, source: io::Error) -> TransferError {
    TransferError::Memory { what: "taking new memory into use", size_bytes, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Memory that reports when it is dropped.
    struct Memory(mpsc::Sender<&'static str>);

    impl Drop for Memory {
        fn drop(&mut self) {
            self.0.send("dropped").unwrap();
        }
    }

    fn until_taken<M: Send + 'static>(replacement: &mut Replacement<M>) -> Result<M, TransferError> {
        loop {
            if let Some(taken) = replacement.take() {
                return taken;
            }
            thread::yield_now();
        }
    }

    #[test]
    fn only_one_replacement_runs_at_a_time_and_taking_it_never_waits() {
        let mut replacement = Replacement::default();
        assert!(replacement.take().is_none(), "none was started");
        let (release, held) = mpsc::channel::<()>();
        replacement.begin(7, move || held.recv().map(|()| "new").map_err(|_| TransferError::NotLent)).unwrap();
        assert!(replacement.take().is_none());
        assert!(matches!(replacement.begin(7, || Ok("second")), Err(TransferError::ReplacementUnderWay)));
        release.send(()).unwrap();
        assert_eq!(until_taken(&mut replacement).unwrap(), "new");
        replacement.begin(7, || Ok("next")).unwrap();
        assert_eq!(until_taken(&mut replacement).unwrap(), "next");
        assert!(replacement.take().is_none(), "it can be taken only once");
    }

    #[test]
    fn memory_that_is_ready_after_its_channel_closed_is_unmapped() {
        let mut replacement = Replacement::default();
        let (release, held) = mpsc::channel::<()>();
        let (on_drop, dropped) = mpsc::channel();
        replacement
            .begin(7, move || {
                held.recv().unwrap();
                Ok(Memory(on_drop))
            })
            .unwrap();
        drop(replacement);
        assert!(dropped.try_recv().is_err(), "the thread still prepares it");
        release.send(()).unwrap();
        assert_eq!(dropped.recv().unwrap(), "dropped");
    }

    #[test]
    fn a_panic_of_the_thread_fails_the_replacement_and_a_new_one_may_start() {
        let mut replacement = Replacement::<()>::default();
        replacement.begin(7, || panic!("expected")).unwrap();
        let error = until_taken(&mut replacement).unwrap_err().to_string();
        assert_eq!(error, "taking new memory into use of 7 bytes failed: its thread has panicked");
        replacement.begin(7, || Ok(())).unwrap();
        until_taken(&mut replacement).unwrap();
    }
}
