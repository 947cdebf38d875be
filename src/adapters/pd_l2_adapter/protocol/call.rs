//! The calls that a receiver's rank handles, and its answers.

use super::{
    Attachment, CancelRequest, CommitAnswer, CommitRequest, ConnectionNumber, Destination, Epoch, HandshakeAnswer,
    HandshakeRefusal, HandshakeRequest, Refusal, RegionNumber, ReserveAnswer, ReserveRequest, SpokenBySender,
};

/// A call of a sender.
#[derive(Debug)]
pub(crate) enum ControlCall {
    Handshake(HandshakeRequest),
    /// From now on the end of the connection is evidence about the incarnation.
    Attach(ConnectionNumber, Attachment),
    Reserve(ReserveRequest),
    Commit(CommitRequest, SpokenBySender),
    Cancel(CancelRequest, SpokenBySender),
    Heartbeat {
        epoch: Epoch,
        is_probing: bool,
    },
}

/// The answer to the call of the same name.
#[derive(Debug)]
pub(crate) enum ControlAnswer {
    Handshake(Result<HandshakeAnswer, HandshakeRefusal>),
    /// The memory that the connection is attached to.
    Attach(Result<Destination, Refusal>),
    Reserve(ReserveAnswer),
    Commit(CommitAnswer),
    Cancel(Result<(), Refusal>),
    Heartbeat(Result<RegionNumber, Refusal>),
}
