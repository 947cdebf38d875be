//! `valkey_rdma`: `valkey` with chunks that travel by RDMA. Configuration only.

use super::valkey_l2_adapter::ValkeyL2AdapterConfig;
use crate::{ConfigChoice, L2AdapterConfig};

/// Keeps KV chunks in a Valkey server or cluster; the chunks travel by RDMA.
///
/// `request_timeout` bounds requests, not the transfer of a chunk.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "valkey_rdma")]
pub struct ValkeyRdmaL2AdapterConfig {
    /// The keys of `valkey`.
    #[config(extends)]
    pub valkey: ValkeyL2AdapterConfig,
    /// The libfabric provider for chunks.
    #[config(default = "efa-direct")]
    pub rdma_provider: RdmaProvider,
    /// The libfabric domain for chunks. Absent or null: the provider chooses.
    #[config(min_length = 1, example = "rdmap0s6")]
    pub rdma_interface: Option<String>,
}

/// The libfabric providers that `valkey_rdma` knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ConfigChoice)]
pub enum RdmaProvider {
    /// AWS's Elastic Fabric Adapter.
    #[config(name = "efa-direct")]
    EfaDirect,
    /// TCP, without RDMA.
    Tcp,
}
