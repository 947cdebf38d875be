//! The error for a message that is not a value of the protocol.

/// The error in a message that violates the protocol.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Unreadable(pub(super) String);

pub(super) fn missing(what: &str) -> Unreadable {
    Unreadable(format!("{what} is missing"))
}
