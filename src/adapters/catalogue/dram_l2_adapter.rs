//! `dram`: keeps KV chunks in the server's own memory. Configuration only.

use crate::{CommonConfig, L2AdapterConfig};

/// Keeps KV chunks in the server's own memory.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "dram")]
#[config(also_known_as = ["memory", "mem", "ram", "cpu", "local_cpu", "local_cpu_backend", "host_memory"])]
pub struct DramL2AdapterConfig {
    /// How much may be stored.
    #[config(required, above = 0.0, unit = gib, example = 16.0)]
    #[config(also_known_as = ["max_capacity_gb", "capacity_gb", "max_local_cpu_size", "size_gb"])]
    pub max_size_gb: f64,
    /// The keys that every adapter shares.
    pub common: CommonConfig,
}
