//! What a sender's machine is told once, and what it says of itself.

use std::time::Duration;

/// What one rank's sender is told at its start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SenderSettings {
    pub(crate) tp_rank: u32,
    pub(crate) rank_count: u32,
    pub(crate) transfer_channel: &'static str,
    pub(crate) node_name: Option<String>,
    pub(crate) checksum: bool,
    pub(crate) staging_bytes: u64,
    pub(crate) staging_alignment_bytes: u64,
    /// Of one write from staging memory: while it is under way the next one is staged.
    pub(crate) staged_write_max_bytes: u64,
    /// How long a receiver may let a reserve call wait.
    pub(crate) reserve_wait: Duration,
    pub(crate) write_deadline: Duration,
    pub(crate) store_deadline: Duration,
    /// How long after a write broke off what was on its way may still land.
    pub(crate) settle_time: Duration,
    pub(crate) heartbeat_interval: Duration,
    /// Between attempts to connect, at first; it doubles up to `reconnect_delay_max`.
    pub(crate) reconnect_delay: Duration,
    pub(crate) reconnect_delay_max: Duration,
    /// Before a call is made again that a receiver could not do yet.
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
            settle_time: Duration::from_secs(2),
            heartbeat_interval: Duration::from_secs(5),
            reconnect_delay: Duration::from_millis(100),
            reconnect_delay_max: Duration::from_secs(2),
            retry_delay: Duration::from_millis(20),
            tasks_max: 16_384,
            keys_per_task_max: super::super::protocol::KEYS_PER_CALL_MAX,
        }
    }
}

/// How one rank's sender is doing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SenderStatus {
    pub(crate) is_connected: bool,
    /// Why it is not, where an attempt has failed.
    pub(crate) last_failure: Option<String>,
    pub(crate) open_tasks: usize,
    pub(crate) open_requests: usize,
    /// Requests given up that the receiver has not confirmed yet.
    pub(crate) open_cancellations: usize,
    pub(crate) writes_in_flight: usize,
    pub(crate) staged_bytes: u64,
    pub(crate) counters: SenderCounters,
}

impl SenderStatus {
    /// What keeps it from serving.
    pub(crate) fn trouble(&self) -> Option<String> {
        if self.is_connected {
            return None;
        }
        Some(self.last_failure.clone().unwrap_or_else(|| "it has not reached its receiver yet".to_owned()))
    }
}

/// What has happened since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct SenderCounters {
    pub(crate) stored_tasks: u64,
    pub(crate) failed_tasks: u64,
    pub(crate) stored_chunks: u64,
    pub(crate) stored_bytes: u64,
    pub(crate) present_chunks: u64,
    pub(crate) failed_writes: u64,
    pub(crate) connections: u64,
    pub(crate) busy_answers: u64,
}
