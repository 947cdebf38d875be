//! What the thread of a TP rank does between two waits, without the waiting. A driver is a plain value that handles events and
//! then takes its turn in a world.
//!
//! A world provides what a state machine's actions need: connections, a transfer channel, waiting callers, a clock. The threads
//! of [`node`](super::node) are one such world and the simulation is another; both run these drivers. Nothing here waits, and
//! only the world knows the time.
//!
//! - `sender`, `receiver`: one driver for each role. `worlds`: the traits of their worlds.
//! - `loads`, `commits`: work of a receiver that is done part by part, so that other events are handled in between.
//! - `pace`: how often the transfer channel is polled. `announcer`: when the log reports the receiver's state.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod announcer;
mod commits;
mod loads;
mod pace;
mod receiver;
mod sender;
#[cfg(test)]
mod sender_tests;
#[cfg(test)]
mod tests;
mod worlds;

use std::time::Duration;

pub(super) use self::{
    announcer::{Announcement, Announcer},
    pace::Pause,
    receiver::{ReceiverDriver, ReceiverEvent},
    sender::{Answered, SenderDriver, SenderEvent},
    worlds::{LoadId, NotLent, ReceiverWorld, SenderWorld},
};

/// How long to wait for an event before the next turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rest {
    /// The machine's next deadline.
    pub(super) due: Option<Duration>,
    /// When to poll the transfer channel again.
    pub(super) pause: Pause,
}
