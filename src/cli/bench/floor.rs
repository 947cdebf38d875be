//! What a small store needs two of: the wake-up of another thread by an event.

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use rustix::event::{PollFd, PollFlags, poll};

use crate::{adapter::CompletionEvent, cli::nodes::Latencies};

/// From a signal to the end of the other thread's poll: half of there and back.
pub(super) fn event_wake_ups(count: usize) -> io::Result<Latencies> {
    let (there, back) = (Arc::new(CompletionEvent::new()?), Arc::new(CompletionEvent::new()?));
    let (theirs, answer) = (Arc::clone(&there), Arc::clone(&back));
    let thread = std::thread::spawn(move || {
        for _ in 0..count {
            wait(&theirs)?;
            answer.signal();
        }
        Ok::<_, io::Error>(())
    });
    let mut latencies = Latencies::default();
    for _ in 0..count {
        let start = Instant::now();
        there.signal();
        wait(&back)?;
        latencies.add(start.elapsed() / 2);
    }
    // It has answered as often as it was asked.
    thread.join().unwrap_or_else(|_| Err(io::Error::other("the thread that is woken up has ended early")))?;
    Ok(latencies)
}

fn wait(event: &CompletionEvent) -> io::Result<()> {
    let mut polled = [PollFd::from_borrowed_fd(event.handle(), PollFlags::IN)];
    loop {
        match poll(&mut polled, None) {
            Ok(_) => break,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    event.drain();
    Ok(())
}

/// The shortest time of the report, which is the clock's resolution.
pub(super) const TICK: Duration = Duration::from_nanos(1);
