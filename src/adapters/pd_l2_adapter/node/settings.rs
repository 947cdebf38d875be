//! Computes the settings of each rank's thread from a `pd` spec and the server's context. Pure.

#![deny(clippy::disallowed_methods)]

use l2_adapter_schema::counted;
use std::{net::IpAddr, path::PathBuf, sync::Arc, time::Duration};

use super::super::{
    PdL2AdapterConfig, Role, Timing, TransferChannel,
    control::{IncarnationKey, SharedSecret},
    host::Host,
    protocol::{Epoch, RankPorts},
    receiver::{ReceiverSettings, Watermark},
    sender::SenderSettings,
    usable,
};
use crate::{
    EvictionPolicy, L2AdapterConfig,
    adapter::{Clock, CreateError, CreationContext, L1Arena},
    transfer::{ChannelKind, ChannelSettings},
};
pub(in super::super) use usable::SLOT_ALIGNMENT_BYTES;

/// The settings with which every rank of a node starts.
#[derive(Debug, Clone)]
pub(super) struct NodeSettings {
    pub(super) config: PdL2AdapterConfig,
    pub(super) timing: Timing,
    pub(super) secret: SharedSecret,
    pub(super) clock: Arc<dyn Clock>,
    /// The key of this incarnation. A sender that was declared dead draws another one.
    pub(super) incarnation: IncarnationKey,
    pub(super) random_seed: u64,
    pub(super) l1_arena: Option<L1Arena>,
    pub(super) package_folders: Vec<PathBuf>,
}

/// The bytes that a probe writes: more than fits into a packet of any network, so that a path that drops only large packets is
/// detected. A buffer is larger than in the spec by as many bytes, which are behind the last slot.
pub(super) const PROBE_BYTES: u64 = 64 << 10;

/// The first byte for probes, behind the last slot.
pub(super) fn probe_offset_bytes(buffer_bytes: u64) -> u64 {
    buffer_bytes / SLOT_ALIGNMENT_BYTES * SLOT_ALIGNMENT_BYTES
}

/// A staged write is at most this long: small enough that the copy of the next overlaps with it, large enough that its fixed
/// cost (16 to 45 microseconds measured for a NIXL request) is small.
pub(in super::super) const STAGED_WRITE_MAX_BYTES: u64 = 8 << 20;

impl NodeSettings {
    /// Checks that a spec alone cannot make.
    pub(super) fn new(
        config: &PdL2AdapterConfig,
        context: &CreationContext,
        incarnation: IncarnationKey,
    ) -> Result<Self, CreateError> {
        let unusable =
            |reason: String| CreateError::Unusable { type_name: PdL2AdapterConfig::TYPE_NAME, reason, source: None };
        let ports = config.peer_init_port.len();
        if let Some(ranks) = context.rank_count
            && ranks as usize > ports
        {
            return Err(unusable(format!(
                "the server has {}, but `peer_init_port` and `peer_alloc_port` have {} each: give one port in each list for \
                 every rank",
                counted(ranks, "TP rank"),
                counted(ports, "port")
            )));
        }
        usable::check(config).map_err(|refusal| unusable(refusal.to_string()))?;
        Ok(Self {
            config: config.clone(),
            timing: config.timing.clone().unwrap_or_default(),
            secret: SharedSecret::new(config.shared_secret.clone()),
            clock: Arc::clone(&context.clock),
            incarnation,
            random_seed: context.random_seed,
            l1_arena: context.l1_arena.clone(),
            package_folders: context.package_folders.clone(),
        })
    }

    pub(super) fn rank_count(&self) -> u32 {
        // A list of ports is shorter than there are ports.
        u32::try_from(self.config.peer_init_port.len()).unwrap_or(u32::MAX)
    }

    /// The staging memory of all ranks together.
    pub(super) fn all_buffers_bytes(&self) -> u64 {
        all_buffers_bytes(self.config.buffer_size, self.rank_count().into())
    }

    fn staging_bytes(&self) -> u64 {
        staging_bytes(self.config.buffer_size)
    }

    pub(super) fn epoch(&self) -> Epoch {
        self.incarnation.epoch()
    }

    pub(super) fn channel(&self, tp_rank: u32) -> ChannelSettings {
        ChannelSettings {
            kind: self.config.transfer_channel.into(),
            nixl_backends: self.config.nixl_backends.clone(),
            package_folders: self.package_folders.clone(),
            staging_bytes: self.staging_bytes(),
            // A receiver is written to, and writes nothing.
            is_local: is_loopback(self.config.listen_host.as_ref().unwrap_or(&self.config.peer_host)),
            l1_arena: self.l1_arena.clone().filter(|_| self.config.role == Role::Sender),
            epoch: self.epoch().0,
            tp_rank,
        }
    }

    pub(super) fn sender(&self, tp_rank: u32) -> SenderSettings {
        let timing = &self.timing;
        SenderSettings {
            tp_rank,
            rank_count: self.rank_count(),
            transfer_channel: self.config.transfer_channel.as_str(),
            node_name: self.config.node_name.clone(),
            checksum: self.config.checksum,
            staging_bytes: self.config.buffer_size,
            staging_alignment_bytes: SLOT_ALIGNMENT_BYTES,
            staged_write_max_bytes: STAGED_WRITE_MAX_BYTES.min((self.config.buffer_size / 2).max(1)),
            reserve_wait: seconds(timing.reserve_seconds),
            write_deadline: seconds(timing.write_seconds),
            store_deadline: seconds(timing.store_seconds),
            heartbeat_interval: seconds(timing.heartbeat_seconds),
            channel_advice: ChannelKind::from(self.config.transfer_channel).advice(),
            // Of this start and rank: two senders that lost their receiver at the same moment do not come back in step.
            random_seed: self.epoch().0 ^ u64::from(tp_rank),
            ..SenderSettings::default()
        }
    }

    /// The ports of a rank, of which the spec has two for each.
    pub(super) fn ports(&self, tp_rank: u32) -> RankPorts {
        let port = |ports: &[u16]| ports.get(tp_rank as usize).copied().unwrap_or_default();
        RankPorts { init: port(&self.config.peer_init_port), alloc: port(&self.config.peer_alloc_port) }
    }

    pub(super) fn receiver(&self, tp_rank: u32) -> ReceiverSettings {
        let timing = &self.timing;
        ReceiverSettings {
            tp_rank,
            rank_count: self.rank_count(),
            ports: self.ports(tp_rank),
            transfer_channel: self.config.transfer_channel.as_str(),
            slot_alignment_bytes: SLOT_ALIGNMENT_BYTES,
            lease: seconds(timing.lease_seconds),
            death_grace: seconds(timing.death_grace_seconds),
            lookup_wait: seconds(timing.lookup_seconds),
            lookup_grace: seconds(timing.lookup_grace_seconds),
            lookups_in_grace_max: usize::from(timing.lookups_in_grace),
            channel_close_time: ChannelKind::from(self.config.transfer_channel).close_time(),
            time_to_live: seconds(timing.time_to_live_seconds),
            eviction: self
                .config
                .eviction_config()
                .filter(|eviction| eviction.eviction_policy == EvictionPolicy::Lru)
                .map(|eviction| Watermark { trigger: eviction.trigger_watermark, ratio: eviction.eviction_ratio }),
            checksum: self.config.checksum,
            ..ReceiverSettings::default()
        }
    }
}

/// Whether a host names this machine, whatever its networks are.
fn is_loopback(host: &str) -> bool {
    let host = Host::new(host);
    host.as_str() == "localhost" || host.as_str().parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl From<TransferChannel> for ChannelKind {
    fn from(channel: TransferChannel) -> Self {
        match channel {
            TransferChannel::Nixl => Self::Nixl,
            TransferChannel::MockMemory => Self::MockMemory,
        }
    }
}

/// The spec limits every number of seconds to between 0 and a day.
pub(super) fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

/// The buffer of one TP rank, with room for what probes a connection.
fn staging_bytes(buffer_size: u64) -> u64 {
    buffer_size.saturating_add(PROBE_BYTES)
}

/// The buffers of all TP ranks.
pub(in crate::adapters::pd_l2_adapter) fn all_buffers_bytes(buffer_size: u64, rank_count: u64) -> u64 {
    staging_bytes(buffer_size).saturating_mul(rank_count)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::adapter::SystemClock;

    fn context() -> CreationContext {
        CreationContext::new(Arc::new(SystemClock::new()), 7)
    }

    fn refused(spec: &str, context: &CreationContext) -> String {
        let config = PdL2AdapterConfig::from_str(spec).unwrap();
        NodeSettings::new(&config, context, IncarnationKey::new([0; 32], 7)).unwrap_err().to_string()
    }

    #[test]
    fn fewer_ports_than_ranks_are_refused_with_both_numbers() {
        let mut context = context();
        context.rank_count = Some(2);
        let reason =
            refused(r#"{"role": "sender", "peer_host": "h", "peer_init_port": [1], "peer_alloc_port": [2]}"#, &context);
        assert!(reason.contains("2 TP ranks") && reason.contains("1 port"), "{reason}");
    }

    #[test]
    fn a_buffer_on_the_gpu_is_refused_with_what_to_use_instead() {
        let reason = refused(
            r#"{"role": "sender", "peer_host": "h", "peer_init_port": [1], "peer_alloc_port": [2],
                "buffer_device": "cuda"}"#,
            &context(),
        );
        assert!(reason.contains("\"cpu\""), "{reason}");
    }
}
