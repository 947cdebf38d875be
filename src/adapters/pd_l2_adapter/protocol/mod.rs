//! The messages between a sender and a receiver of one TP rank, as plain values: identities, granted slots, ended writes. The
//! state machines of both sides use them. No sockets, no encoding, no clock.
//!
//! ```text
//! call                  calls of a receiver's rank, and their answers
//! request               reserve, commit, cancel
//! handshake             how a sender introduces itself
//! proof                 evidence that no write can land in a slot any more
//! connection            connections, and how one is attached to memory
//! identity              incarnations, requests, regions, tenancies of slots
//! ```

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod call;
mod connection;
mod handshake;
mod identity;
mod proof;
mod request;

pub(crate) use call::{ControlAnswer, ControlCall};
pub(crate) use connection::{Attachment, CallId, ClosedByPeer, ConnectionNumber, SpokenBySender};
pub(crate) use handshake::{HandshakeAnswer, HandshakeRefusal, HandshakeRequest, PROTOCOL_VERSION, Region};
pub(crate) use identity::{Destination, Epoch, Identity, RankPorts, RegionNumber, RequestId, SlotTicket};
pub(crate) use proof::{EndOfWrite, IncarnationDead};
pub(crate) use request::{
    CancelRequest, CommitAnswer, CommitRequest, CommitResult, KEYS_PER_CALL_MAX, KeyAnswer, LayoutFingerprint, Refusal,
    RequestWrites, ReserveAnswer, ReserveRequest, SENDERS_MAX, SlotCommit, WantedChunk,
};
