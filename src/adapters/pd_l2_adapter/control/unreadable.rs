//! What is wrong with a message that is no value of the protocol.

/// A message that breaks the protocol.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Unreadable(pub(super) String);

pub(super) fn missing(what: &str) -> Unreadable {
    Unreadable(format!("{what} is missing"))
}
