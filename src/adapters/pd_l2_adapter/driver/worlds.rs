//! The worlds of drivers: what they need, and where results go.

use std::{ops::Range, time::Duration};

use super::announcer::Announcement;
use crate::{
    adapter::{Bitmap, ObjectKey, StoreResult, TaskId},
    adapters::pd_l2_adapter::{
        protocol::{CallId, ControlAnswer, Epoch, HandshakeRequest, Region},
        receiver::{LookupId, ReceiverStatus},
        sender::{ChunkWrite, SenderCall, SenderStatus, WriteRefusal},
    },
    transfer::{Polled, RegionReplaced, WriteEnd, WriteId},
};

/// The world of a sender's rank. Each function follows the rules of the
/// [`SenderAction`](crate::adapters::pd_l2_adapter::sender::SenderAction) of the same name.
pub(in super::super) trait SenderWorld {
    fn now(&self) -> Duration;

    /// Adds the writes that have ended since the last call.
    fn poll_channel(&mut self, ended: &mut Vec<WriteEnd>);

    fn connect(&mut self, attempt: u64, request: HandshakeRequest);
    fn leave_connection(&mut self);
    fn close_connection(&mut self, attempt: u64);
    fn call(&mut self, call: SenderCall);

    fn add_peer(&mut self, peer: Epoch, region: Region) -> Result<(), String>;
    fn remove_peer(&mut self, peer: Epoch);
    fn probe(&mut self, write: WriteId, peer: Epoch, remote_offset_bytes: u64) -> Result<(), WriteRefusal>;
    /// Stages and posts. Returns a checksum for each chunk if checksums are on.
    fn write(&mut self, write: WriteId, peer: Epoch, chunks: &[ChunkWrite]) -> Result<Vec<Option<u64>>, WriteRefusal>;

    fn publish(&mut self, status: SenderStatus);
    fn announce(&mut self, announcement: Announcement);
    /// Comes after the status that includes the task.
    fn complete(&mut self, task: TaskId, result: StoreResult);
}

/// Identifies a load task of a rank.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(in super::super) struct LoadId(pub(in super::super) u64);

/// The caller has its buffer back, or memory is not where it should be.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) struct NotLent;

/// The world of a receiver's rank.
pub(in super::super) trait ReceiverWorld {
    fn now(&self) -> Duration;

    fn poll_channel(&mut self) -> Polled;
    /// XXH3-64 of a range of the region; `None` if it cannot be read.
    fn hash(&mut self, offset_bytes: u64, length_bytes: u64) -> Option<u64>;
    /// Starts to make new memory for the region; one at a time.
    fn begin_replacing_region(&mut self) -> Result<(), String>;
    /// The region in its new memory, or why that failed; `None` while it is being made.
    fn replaced_region(&mut self) -> Option<Result<(Region, RegionReplaced), String>>;

    /// Copies a part of a chunk, which begins at `offset_bytes` of the region, to the same part of its caller's buffer.
    fn copy_out(&mut self, load: LoadId, index: usize, offset_bytes: u64, part: Range<u64>) -> Result<(), NotLent>;
    /// XXH3-64 of the copy.
    fn hash_copy(&mut self, load: LoadId, index: usize) -> Result<u64, NotLent>;
    /// Returns the buffer to its caller; it is not touched any more.
    fn release_buffer(&mut self, load: LoadId, index: usize);

    /// Whether there is a listener for [`keys_accessed`](Self::keys_accessed).
    fn wants_accesses(&self) -> bool;
    fn keys_stored(&mut self, keys: Vec<(ObjectKey, u64)>);
    fn keys_accessed(&mut self, keys: Vec<ObjectKey>);
    fn keys_deleted(&mut self, keys: Vec<(ObjectKey, u64)>);
    fn publish(&mut self, status: ReceiverStatus);

    // These come after the status that includes them. An answer to a disconnected caller is discarded.
    fn answer(&mut self, call: CallId, answer: ControlAnswer);
    fn answer_lookup(&mut self, lookup: LookupId, found: Bitmap);
    fn end_load(&mut self, load: LoadId, loaded: Bitmap);
}
