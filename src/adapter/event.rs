//! The descriptor that signals available results.

use std::io;

use super::EventHandle;

/// A counter in the kernel that a controller polls: an eventfd on Linux, a pipe on other systems.
///
/// It belongs to the adapter; any thread may signal it.
#[derive(Debug)]
pub struct CompletionEvent {
    #[cfg(target_os = "linux")]
    descriptor: std::os::fd::OwnedFd,
    #[cfg(not(target_os = "linux"))]
    reader: io::PipeReader,
    #[cfg(not(target_os = "linux"))]
    writer: io::PipeWriter,
}

#[cfg(target_os = "linux")]
impl CompletionEvent {
    /// An event that is not signalled. Its descriptor does not block and is closed in child processes.
    ///
    /// # Errors
    ///
    /// The system has no descriptor left.
    pub fn new() -> io::Result<Self> {
        use rustix::event::{EventfdFlags, eventfd};
        Ok(Self { descriptor: eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)? })
    }

    /// Signals it.
    pub fn signal(&self) {
        // It fails only if the counter is full, and then the event is already signalled.
        let _ = rustix::io::write(&self.descriptor, &1_u64.to_ne_bytes());
    }

    /// Resets it, as a controller does once it has woken up. Whether it was signalled.
    pub fn drain(&self) -> bool {
        rustix::io::read(&self.descriptor, &mut [0; 8]).is_ok()
    }

    /// The descriptor for a controller to poll.
    pub fn handle(&self) -> EventHandle<'_> {
        std::os::fd::AsFd::as_fd(&self.descriptor)
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
impl CompletionEvent {
    /// An event that is not signalled.
    ///
    /// # Errors
    ///
    /// The system has no descriptor left.
    pub fn new() -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        rustix::io::ioctl_fionbio(&reader, true)?;
        rustix::io::ioctl_fionbio(&writer, true)?;
        Ok(Self { reader, writer })
    }

    /// Signals it.
    pub fn signal(&self) {
        // It fails only if the pipe is full, and then the event is already signalled.
        let _ = rustix::io::write(&self.writer, &[1]);
    }

    /// Resets it, as a controller does once it has woken up. Whether it was signalled.
    pub fn drain(&self) -> bool {
        let mut signalled = false;
        while rustix::io::read(&self.reader, &mut [0; 64]).is_ok_and(|bytes| bytes > 0) {
            signalled = true;
        }
        signalled
    }

    /// The descriptor for a controller to poll.
    pub fn handle(&self) -> EventHandle<'_> {
        std::os::fd::AsFd::as_fd(&self.reader)
    }
}
