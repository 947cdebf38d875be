//! The times of a `pd` adapter.
//!
//! LMCache frees a buffer that it lent after 300 seconds (reads) or 600 (writes), whether or not the task has ended, so every
//! deadline here stays far below that.

use l2_adapter_schema::parse_silently;
use serde_json::Map;

use crate::{ConfigSection, Context, RuleError};

/// Deadlines, leases and times to live.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
#[config(rule(
    name = "heartbeat_within_lease",
    doc = "A lease lasts for at least two heartbeats.",
    reads(heartbeat_seconds, lease_seconds),
    check = heartbeat_within_lease
))]
#[config(warning(
    name = "grace_within_wait",
    doc = "A lookup waits for at most `lookup_seconds`, also for keys that no sender has announced.",
    reads(lookup_grace_seconds, lookup_seconds),
    check = grace_within_wait
))]
pub struct Timing {
    /// How long a sender may be silent before the receiver quarantines the slots that it has reserved.
    #[config(default = 30.0, min = 0.05, max = 120.0, unit = seconds)]
    pub lease_seconds: f64,
    /// Interval of a sender's heartbeats.
    #[config(default = 5.0, min = 0.01, max = 60.0, unit = seconds)]
    pub heartbeat_seconds: f64,
    /// The timeout of each attempt to connect to the receiver, including the handshake.
    #[config(default = 10.0, min = 0.05, max = 60.0, unit = seconds)]
    pub connect_seconds: f64,
    /// How long a reserve call waits for room at the receiver before the receiver responds that it is busy.
    #[config(default = 5.0, min = 0.0, max = 60.0, unit = seconds)]
    pub reserve_seconds: f64,
    /// How long a write may take before its store task fails.
    #[config(default = 30.0, min = 0.05, max = 120.0, unit = seconds)]
    pub write_seconds: f64,
    /// How long a commit or a cancel may take.
    #[config(default = 10.0, min = 0.05, max = 60.0, unit = seconds)]
    pub commit_seconds: f64,
    /// How long a whole store task may take, including waiting for room and reconnecting.
    #[config(default = 60.0, min = 0.05, max = 240.0, unit = seconds)]
    pub store_seconds: f64,
    /// The longest a lookup at a receiver waits for keys that senders are writing. It holds the chunks that it has found until
    /// then. The request that made the lookup waits as long; other requests do not.
    #[config(default = 30.0, min = 0.0, max = 240.0, unit = seconds)]
    pub lookup_seconds: f64,
    /// How long a lookup at a receiver waits for a key that no sender has announced. The time starts with the lookup, and
    /// again with each of its chunks that arrives. A prompt that was not prefilled costs this time. 0: the lookup does not
    /// wait for such keys.
    #[config(default = 0.5, min = 0.0, max = 240.0, unit = seconds)]
    pub lookup_grace_seconds: f64,
    /// How many lookups may wait at once for keys that no sender has announced; further lookups do not wait for such keys.
    /// Keep it below the number of lookups that LMCache serves at once, 8 by default.
    #[config(default = 4, max = 4096)]
    pub lookups_in_grace: u16,
    /// How long closing waits for transfers in progress.
    #[config(default = 5.0, min = 0.0, max = 60.0, unit = seconds)]
    pub close_seconds: f64,
    /// How long a receiver keeps a chunk after its last use. A loaded chunk may be evicted sooner, when room is needed.
    #[config(default = 120.0, min = 0.05, max = 86400.0, unit = seconds)]
    pub time_to_live_seconds: f64,
    /// How long the network may hold a packet. Slots of a dead sender, or of an interrupted write, are free only after this
    /// time; over NIXL, those of a dead sender 20 s later, when its kernel has closed NIXL's connections.
    #[config(default = 2.0, min = 0.0, max = 60.0, unit = seconds)]
    pub death_grace_seconds: f64,
}

impl Default for Timing {
    fn default() -> Self {
        // Every key has a default, so an object without keys is always valid; a test below checks it.
        parse_silently(&Map::new(), &Context::empty()).expect("every key of `timing` has a default")
    }
}

fn heartbeat_within_lease(heartbeat_seconds: &f64, lease_seconds: &f64) -> Result<(), RuleError> {
    if heartbeat_seconds * 2.0 <= *lease_seconds {
        return Ok(());
    }
    Err(RuleError::new(format!("must be at most half of `lease_seconds`, {lease_seconds}")))
}

fn grace_within_wait(lookup_grace_seconds: &f64, lookup_seconds: &f64) -> Result<(), RuleError> {
    if lookup_grace_seconds <= lookup_seconds {
        return Ok(());
    }
    Err(RuleError::new(format!("is longer than `lookup_seconds`, {lookup_seconds}, which ends the wait first")))
}

#[cfg(test)]
mod tests {
    use super::Timing;

    #[test]
    fn the_rust_default_has_the_defaults_of_the_keys() {
        assert_eq!(Timing::default().lease_seconds, 30.0);
    }
}
