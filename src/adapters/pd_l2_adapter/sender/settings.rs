//! Settings, status and counters of the sender machine.

use std::time::Duration;

use super::peer::PeerCondition;

/// Settings of one rank's sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SenderSettings {
    pub(crate) tp_rank: u32,
    pub(crate) rank_count: u32,
    pub(crate) transfer_channel: &'static str,
    pub(crate) node_name: Option<String>,
    pub(crate) checksum: bool,
    pub(crate) staging_bytes: u64,
    pub(crate) staging_alignment_bytes: u64,
    /// The limit of one write from staging memory: the next one is staged while it is in progress.
    pub(crate) staged_write_max_bytes: u64,
    /// How long a receiver may let a reserve call wait.
    pub(crate) reserve_wait: Duration,
    pub(crate) write_deadline: Duration,
    pub(crate) store_deadline: Duration,
    pub(crate) heartbeat_interval: Duration,
    /// What an operator can check if the control connection works and the transfer channel's does not.
    pub(crate) channel_advice: &'static str,
    /// Spreads the attempts of many senders.
    pub(crate) random_seed: u64,
    /// The first delay between attempts to connect; it doubles up to `reconnect_delay_max`.
    pub(crate) reconnect_delay: Duration,
    pub(crate) reconnect_delay_max: Duration,
    /// The delay before a call that the receiver could not serve is repeated.
    pub(crate) retry_delay: Duration,
    pub(crate) tasks_max: usize,
    pub(crate) keys_per_task_max: usize,
}

impl Default for SenderSettings {
    fn default() -> Self {
        Self {
            tp_rank: 0,
            rank_count: 1,
            transfer_channel: "mock_memory",
            node_name: None,
            checksum: false,
            staging_bytes: 64 << 20,
            staging_alignment_bytes: 4096,
            staged_write_max_bytes: 8 << 20,
            reserve_wait: Duration::from_secs(5),
            write_deadline: Duration::from_secs(30),
            store_deadline: Duration::from_secs(60),
            heartbeat_interval: Duration::from_secs(5),
            channel_advice: "",
            random_seed: 0,
            reconnect_delay: Duration::from_millis(100),
            reconnect_delay_max: Duration::from_secs(2),
            retry_delay: Duration::from_millis(20),
            tasks_max: 16_384,
            keys_per_task_max: super::super::protocol::KEYS_PER_CALL_MAX,
        }
    }
}

/// The status of one rank's sender.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SenderStatus {
    /// Whether the control connection is up.
    pub(crate) is_connected: bool,
    /// Why it is not, if an attempt has failed.
    pub(crate) last_failure: Option<String>,
    /// Whether the transfer channel reaches the receiver's memory.
    pub(crate) peer: PeerCondition,
    /// What is wrong with the peer, in whole sentences.
    pub(crate) peer_trouble: Option<String>,
    pub(crate) open_tasks: usize,
    pub(crate) open_requests: usize,
    /// Cancelled requests that the receiver has not confirmed yet.
    pub(crate) open_cancellations: usize,
    pub(crate) writes_in_flight: usize,
    pub(crate) staged_bytes: u64,
    /// Whether stores wait for room at the receiver.
    pub(crate) is_receiver_full: bool,
    pub(crate) counters: SenderCounters,
}

impl SenderStatus {
    /// Whether a chunk can be stored: the control connection is up, and a write has arrived.
    pub(crate) fn is_ready(&self) -> bool {
        self.is_connected && self.peer == PeerCondition::Ready
    }

    /// Why it cannot store.
    pub(crate) fn trouble(&self) -> Option<String> {
        let full =
            || "the receiver's buffer is full, and stores wait for room: see the receiver's own `trouble`".to_owned();
        self.why_unreached().or_else(|| self.is_receiver_full.then(full))
    }

    /// Why chunks do not arrive at the receiver.
    pub(crate) fn why_unreached(&self) -> Option<String> {
        if !self.is_connected {
            let unreached = || "it has not reached its receiver yet".to_owned();
            return Some(self.last_failure.clone().unwrap_or_else(unreached));
        }
        self.peer_trouble.clone()
    }
}

/// Counters since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct SenderCounters {
    pub(crate) stored_tasks: u64,
    pub(crate) failed_tasks: u64,
    pub(crate) stored_chunks: u64,
    pub(crate) stored_bytes: u64,
    pub(crate) present_chunks: u64,
    pub(crate) failed_writes: u64,
    pub(crate) broken_peers: u64,
    pub(crate) connections: u64,
    pub(crate) busy_answers: u64,
}
