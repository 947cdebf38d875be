//! Settings, status and counters of the receiver machine.

use std::time::Duration;

use super::waiting::WaitEnd;
use crate::adapters::pd_l2_adapter::protocol::{RankPorts, SENDERS_MAX};

/// Memory limit of the waiting reserve calls, and again of the waiting lookups: enough for 4,096 of them with 140 keys each,
/// or for 35 with as many keys as a call may have. Limited only by their number they could take 28 GiB.
const WAITING_BYTES_MAX: usize = 256 << 20;

/// Settings of one rank's receiver.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ReceiverSettings {
    pub(crate) tp_rank: u32,
    pub(crate) rank_count: u32,
    /// The ports on which this rank listens, for messages to people.
    pub(crate) ports: RankPorts,
    pub(crate) transfer_channel: &'static str,
    pub(crate) slot_alignment_bytes: u64,
    /// How long a sender may be silent.
    pub(crate) lease: Duration,
    /// How long a sent packet may take to arrive.
    pub(crate) death_grace: Duration,
    /// How long after a sender's death its kernel may still send what the transfer channel had passed to it.
    pub(crate) channel_close_time: Duration,
    /// How long a chunk is kept after its last use.
    pub(crate) time_to_live: Duration,
    pub(crate) eviction: Option<Watermark>,
    pub(crate) checksum: bool,
    pub(crate) senders_max: usize,
    /// How many reserve calls may wait at once, and how much memory they may take. Further calls are answered at once.
    pub(crate) parked_calls_max: usize,
    pub(crate) parked_bytes_max: usize,
    pub(crate) keys_per_call_max: usize,
    /// The longest wait of a call, whatever it requests.
    pub(crate) wait_max: Duration,
    /// The longest wait of a lookup, whatever it waits for.
    pub(crate) lookup_wait: Duration,
    /// How long a lookup waits for a key that no sender has announced. Zero: not at all.
    pub(crate) lookup_grace: Duration,
    /// How many lookups may wait in grace at once. Further lookups do not wait for keys that no sender has announced.
    pub(crate) lookups_in_grace_max: usize,
    /// How many lookups may wait at once, and how much memory they may take. Further lookups are answered at once.
    pub(crate) waiting_lookups_max: usize,
    pub(crate) waiting_lookup_bytes_max: usize,
}

impl Default for ReceiverSettings {
    fn default() -> Self {
        Self {
            tp_rank: 0,
            rank_count: 1,
            ports: RankPorts::default(),
            transfer_channel: "mock_memory",
            slot_alignment_bytes: 4096,
            lease: Duration::from_secs(30),
            death_grace: Duration::from_secs(2),
            channel_close_time: Duration::ZERO,
            time_to_live: Duration::from_secs(120),
            eviction: None,
            checksum: false,
            senders_max: SENDERS_MAX,
            parked_calls_max: 4096,
            parked_bytes_max: WAITING_BYTES_MAX,
            keys_per_call_max: super::super::protocol::KEYS_PER_CALL_MAX,
            wait_max: Duration::from_secs(60),
            lookup_wait: Duration::from_secs(30),
            lookup_grace: Duration::from_millis(500),
            lookups_in_grace_max: 4,
            waiting_lookups_max: 4096,
            waiting_lookup_bytes_max: WAITING_BYTES_MAX,
        }
    }
}

/// LMCache's eviction: above `trigger` of the capacity, `ratio` of the capacity is freed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Watermark {
    pub(crate) trigger: f64,
    pub(crate) ratio: f64,
}

/// The status of one rank's receiver.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ReceiverStatus {
    pub(crate) capacity_bytes: u64,
    pub(crate) reserved: Tally,
    pub(crate) committed: Tally,
    /// Committed slots with a lock; `committed` includes them.
    pub(crate) locked: Tally,
    pub(crate) quarantined: Tally,
    pub(crate) senders: usize,
    pub(crate) silent_senders: usize,
    pub(crate) parked_calls: usize,
    pub(crate) waiting_lookups: usize,
    /// The room that a reserve call needed and did not find in time, if there still is no room for it.
    pub(crate) missing_room: Option<u64>,
    pub(crate) counters: ReceiverCounters,
}

impl ReceiverStatus {
    /// Why it has no room for stores.
    pub(crate) fn trouble(&self) -> Option<String> {
        let (needed, free, capacity) = (self.missing_room?, self.free_bytes(), self.capacity_bytes);
        Some(format!(
            "the buffer is full: a store of {needed} bytes found no room in time, and {free} of {capacity} bytes are free. Chunks \
             stay until they are loaded or expire: check that the decode engine loads them, or raise `buffer_size`"
        ))
    }

    /// Bytes that no slot holds.
    pub(crate) fn free_bytes(&self) -> u64 {
        self.capacity_bytes - self.reserved.bytes - self.committed.bytes - self.quarantined.bytes
    }
}

/// A number of slots, and the bytes of the region that they occupy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) slots: u64,
    pub(crate) bytes: u64,
}

impl Tally {
    pub(super) fn add(&mut self, bytes: u64) {
        self.slots += 1;
        self.bytes += bytes;
    }

    pub(super) fn remove(&mut self, bytes: u64) {
        self.slots -= 1;
        self.bytes -= bytes;
    }

    /// Adds or removes a slot.
    pub(super) fn move_to(&mut self, is_counted: bool, was_counted: bool, bytes: u64) {
        match (was_counted, is_counted) {
            (false, true) => self.add(bytes),
            (true, false) => self.remove(bytes),
            _ => {}
        }
    }
}

/// Counters since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ReceiverCounters {
    pub(crate) committed_chunks: u64,
    pub(crate) committed_bytes: u64,
    pub(crate) loaded_chunks: u64,
    pub(crate) loaded_bytes: u64,
    pub(crate) evicted_chunks: u64,
    pub(crate) refused_commits: u64,
    pub(crate) corrupt_chunks: u64,
    /// Chunks that a lookup did not find because they have another layout.
    pub(crate) other_layout_chunks: u64,
    pub(crate) busy_answers: u64,
    pub(crate) leases_run_out: u64,
    pub(crate) senders_died: u64,
    pub(crate) senders_superseded: u64,
    pub(crate) regions_replaced: u64,
    pub(crate) lookup_waits: LookupWaits,
}

/// Lookups that waited, by what ended the wait.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct LookupWaits {
    pub(crate) whole: u64,
    pub(crate) unannounced: u64,
    pub(crate) write_ended: u64,
    pub(crate) other_layout: u64,
    pub(crate) too_long: u64,
    pub(crate) room: u64,
    pub(crate) closed: u64,
    /// The total time of all waits.
    pub(crate) waited: Duration,
}

impl LookupWaits {
    /// How many waits ended in each way, with the way's name.
    pub(crate) fn ends(&self) -> impl Iterator<Item = (&'static str, u64)> {
        [
            ("whole", self.whole),
            ("unannounced", self.unannounced),
            ("write_ended", self.write_ended),
            ("other_layout", self.other_layout),
            ("too_long", self.too_long),
            ("room", self.room),
            ("closed", self.closed),
        ]
        .into_iter()
    }

    pub(super) fn count(&mut self, end: WaitEnd, waited: Duration) {
        let count = match end {
            WaitEnd::Whole => &mut self.whole,
            WaitEnd::Unannounced => &mut self.unannounced,
            WaitEnd::WriteEnded => &mut self.write_ended,
            WaitEnd::OtherLayout => &mut self.other_layout,
            WaitEnd::TooLong => &mut self.too_long,
            WaitEnd::Room => &mut self.room,
            WaitEnd::Closed => &mut self.closed,
        };
        *count += 1;
        self.waited += waited;
    }
}
