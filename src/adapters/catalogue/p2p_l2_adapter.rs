//! `p2p`: loads KV chunks from the L1 memory of another server. Configuration only.

use crate::{CommonConfig, L2AdapterConfig};

/// Loads KV chunks from the L1 memory of another server.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "p2p")]
#[config(also_known_as = ["peer", "peer_to_peer"])]
#[config(warning(
    name = "one_machine_to_reach",
    doc = "`peer_mq_server_url` is not `0.0.0.0` or `::`, which lead to no machine.",
    reads(peer_mq_server_url),
    check = crate::adapters::addresses::one_to_reach,
))]
#[config(warning(
    name = "one_machine_for_the_channel",
    doc = "`peer_transfer_channel_server_url` is not `0.0.0.0` or `::`, which lead to no machine.",
    reads(peer_transfer_channel_server_url),
    check = crate::adapters::addresses::one_to_reach,
))]
pub struct P2pL2AdapterConfig {
    /// The peer's address for lookups and unlocks.
    #[config(required, not_blank, url = advised, example = "tcp://10.0.0.7:5600")]
    pub peer_mq_server_url: String,
    /// The peer's address for setting up the transfer channel.
    #[config(required, not_blank, example = "tcp://10.0.0.7:5700")]
    pub peer_transfer_channel_server_url: String,
    /// How long a lookup may take before it counts as a miss.
    #[config(default = 10.0, above = 0.0, unit = seconds)]
    pub lookup_timeout_s: f64,
    /// How long a load may take before it counts as failed.
    #[config(default = 10.0, above = 0.0, unit = seconds)]
    pub load_timeout_s: f64,
    /// The keys that every adapter shares.
    pub common: CommonConfig,
}
