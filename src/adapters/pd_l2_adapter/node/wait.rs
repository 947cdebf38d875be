//! How a rank's thread waits: for its queue, for a deadline, and in between for the next look at the transfer channel.

use std::{io, time::Duration};

use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
};
use tokio::{io::AsyncReadExt, net::unix::pipe, sync::mpsc};

use crate::adapters::pd_l2_adapter::driver::{Pause, Rest};

/// The messages that are handled before a turn, in which their responses leave and the channel is polled.
pub(super) const BATCH_MAX: usize = 1024;

/// The tick of the runtime's timer: it does not measure anything shorter.
const TICK: Duration = Duration::from_millis(1);

/// Waits for a rank's thread. Belongs to that thread.
pub(super) struct Waiter {
    /// A timer of the system, for waits that are shorter than a tick. To the runtime it is a descriptor to read from.
    timer: pipe::Receiver,
}

impl Waiter {
    /// # Errors
    ///
    /// The system has no descriptor left.
    pub(super) fn new() -> io::Result<Self> {
        let timer = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK)?;
        Ok(Self { timer: pipe::Receiver::from_owned_fd_unchecked(timer)? })
    }

    /// The first message that comes, or `None` when the next turn is due or the channel is to be polled.
    pub(super) async fn next_message<M>(
        &mut self,
        messages: &mut mpsc::UnboundedReceiver<M>,
        rest: Rest,
        now: Duration,
    ) -> Option<M> {
        let left = rest.due.map(|due| due.saturating_sub(now));
        let timeout = match rest.pause {
            Pause::None | Pause::Yield => {
                if rest.pause == Pause::Yield {
                    std::thread::yield_now();
                }
                // Lets the sockets' tasks run, and the runtime look at the sockets.
                tokio::task::yield_now().await;
                return messages.try_recv().ok();
            }
            Pause::For(pause) => Some(left.map_or(pause, |left| left.min(pause))),
            Pause::UntilEvent => left,
        };
        match timeout {
            // The queue is never closed: its reader holds a sender of it.
            None => messages.recv().await,
            Some(timeout) if timeout < TICK => tokio::select! {
                biased;
                message = messages.recv() => message,
                () = self.sleep(timeout) => None,
            },
            Some(timeout) => tokio::time::timeout(timeout, messages.recv()).await.ok().flatten(),
        }
    }

    /// Waits for less than a tick.
    async fn sleep(&mut self, time: Duration) {
        // A timer that is set to 0 never ends.
        let value = Timespec { tv_sec: 0, tv_nsec: time.subsec_nanos().max(1).into() };
        let once = Itimerspec { it_interval: Timespec::default(), it_value: value };
        let set = timerfd_settime(&self.timer, TimerfdTimerFlags::empty(), &once);
        debug_assert!(set.is_ok(), "a timer of this clock takes every such time");
        if set.is_ok() {
            // Longer than the counter that is read, so that the runtime knows that nothing is left. A failure ends the wait.
            let _ = self.timer.read(&mut [0; 16]).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::pd_l2_adapter::runtime::ThreadRuntime;

    fn waits(rest: Rest, queued: Option<u32>) -> Option<u32> {
        let runtime = ThreadRuntime::new().unwrap();
        let _entered = runtime.enter();
        let mut waiter = Waiter::new().unwrap();
        let (sender, mut messages) = mpsc::unbounded_channel();
        let (tell, told) = std::sync::mpsc::channel();
        runtime.block_on(async move {
            for _ in 0..3 {
                assert_eq!(waiter.next_message(&mut messages, rest, Duration::ZERO).await, None);
            }
            queued.into_iter().for_each(|message| sender.send(message).unwrap());
            tell.send(waiter.next_message(&mut messages, rest, Duration::ZERO).await).unwrap();
        });
        told.recv().unwrap()
    }

    #[test]
    fn every_pause_and_every_deadline_ends_without_a_message_and_earlier_with_one() {
        for pause in [Duration::ZERO, Duration::from_micros(50), TICK, Duration::from_millis(2)] {
            for rest in [
                Rest { due: None, pause: Pause::For(pause) },
                Rest { due: Some(pause), pause: Pause::UntilEvent },
                Rest { due: Some(pause), pause: Pause::For(Duration::MAX) },
            ] {
                assert_eq!((waits(rest, None), waits(rest, Some(7))), (None, Some(7)), "{rest:?}");
            }
        }
        for pause in [Pause::None, Pause::Yield] {
            let at_once = Rest { due: None, pause };
            assert_eq!((waits(at_once, None), waits(at_once, Some(7))), (None, Some(7)));
        }
    }
}
