//! The common part of adapter specs, and the registry of types.
//!
//! ```text
//! l2_adapter_config   the trait of a config: reads by the registry, and registers itself
//! registry            from a type's name to its config and factory
//! common              the keys that every spec shares
//! ```

mod common;
mod l2_adapter_config;
pub mod registry;

#[doc(hidden)]
pub use common::read_common;
pub use common::{CommonConfig, EvictionConfig, EvictionPolicy, PersistConfig, SerdeConfig};
pub use l2_adapter_config::{Factory, L2AdapterConfig, register_l2_adapter_type};
