//! What a rank's thread last said of itself, for whoever asks from another thread.

use std::sync::{Mutex, PoisonError};

use crate::adapters::pd_l2_adapter::{receiver::ReceiverStatus, sender::SenderStatus};

/// The state of one TP rank.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum RankStatus {
    /// Its thread has not said anything yet.
    Starting,
    /// It sends.
    Sender(SenderStatus),
    /// It receives.
    Receiver(ReceiverStatus),
    /// It is over. Bytes that a write could still reach are kept for ever.
    Closed { leaked_bytes: u64 },
}

impl RankStatus {
    /// What keeps the rank from serving.
    pub(crate) fn trouble(&self) -> Option<String> {
        match self {
            Self::Sender(sender) => sender.trouble(),
            Self::Starting | Self::Receiver(_) => None,
            Self::Closed { .. } => Some("its thread has ended".to_owned()),
        }
    }
}

/// Written by the rank's thread, read by everybody. Never held for longer than a copy.
#[derive(Debug)]
pub(super) struct StatusBoard(Mutex<RankStatus>);

impl StatusBoard {
    pub(super) fn new() -> Self {
        Self(Mutex::new(RankStatus::Starting))
    }

    pub(super) fn publish(&self, status: RankStatus) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = status;
    }

    pub(super) fn read(&self) -> RankStatus {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
