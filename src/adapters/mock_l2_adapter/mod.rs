//! `mock`: keeps KV chunks in memory at a simulated speed, for tests and as a model of an adapter.
//!
//! `chunks` decides which chunks are kept, and `link` when one arrives; both can be tested without a thread or a clock. `worker` is
//! the thread that moves bytes and completes tasks. The server calls `adapter`.

#[cfg(all(feature = "runtime", unix))]
mod adapter;
#[cfg(all(feature = "runtime", unix))]
mod chunks;
#[cfg(all(feature = "runtime", unix))]
mod link;
#[cfg(all(feature = "runtime", unix))]
mod worker;

#[cfg(all(feature = "runtime", unix))]
pub use adapter::MockL2Adapter;

#[cfg(all(feature = "runtime", unix))]
use self::{chunks::Chunks, link::Link};
use crate::{CommonConfig, L2AdapterConfig};

/// Keeps KV chunks in memory at a simulated bandwidth, for tests.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "mock")]
#[config(also_known_as = ["fake", "dummy", "test"])]
#[cfg_attr(all(feature = "runtime", unix), config(factory = MockL2Adapter::create))]
pub struct MockL2AdapterConfig {
    /// How much may be stored.
    #[config(required, above = 0.0, unit = gib, example = 4.0)]
    #[config(also_known_as = ["max_capacity_gb", "capacity_gb", "size_gb"])]
    pub max_size_gb: f64,
    /// The simulated bandwidth, per second.
    #[config(required, above = 0.0, unit = gib, example = 10.0)]
    #[config(also_known_as = ["bandwidth", "bandwidth_gb", "bandwidth_gbps"])]
    pub mock_bandwidth_gb: f64,
    /// The keys that every adapter shares.
    pub common: CommonConfig,
}
