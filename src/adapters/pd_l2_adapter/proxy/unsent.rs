//! The error for a message that was not sent.

use std::io;

use super::zmtp::ZmtpError;
use crate::adapters::pd_l2_adapter::advice::{Wanted, with_advice};

/// The reason why a message was not sent.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Unsent(pub(super) String);

impl Unsent {
    pub(super) fn not_connected(error: io::Error) -> Self {
        Self(with_advice(Wanted::Connection, &error))
    }
}

impl From<io::Error> for Unsent {
    fn from(error: io::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<ZmtpError> for Unsent {
    fn from(error: ZmtpError) -> Self {
        Self(error.to_string())
    }
}
