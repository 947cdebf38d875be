//! What the thread of a TP rank does between two waits, without the waiting: each driver is a plain value that handles events,
//! and then takes its turn in a world.
//!
//! A world is what a state machine's actions need: connections, a transfer channel, callers that wait, a clock. The threads of
//! [`node`](super::node) are one such world, the simulation is another, and both run these drivers. Nothing here waits, and
//! nothing knows the time but by asking its world.
//!
//! - `sender`, `receiver`: one driver for each role. `worlds`: the traits of their worlds.
//! - `loads`, `commits`: work of a receiver that is done part by part, so that everybody else is heard in between.
//! - `pace`: how often the transfer channel is polled. `announcer`: when the log says how things stand.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod announcer;
mod commits;
mod loads;
mod pace;
mod receiver;
mod sender;
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
    /// When the next turn is due by the machine.
    pub(super) due: Option<Duration>,
    /// When the transfer channel is to be polled again.
    pub(super) pause: Pause,
}
