//! What every adapter spec shares, and which types there are.
//!
//! ```text
//! l2_adapter_config   the trait of a config: reads by the registry, and registers itself
//! registry            from a type's name to its config and factory
//! shared              the keys that every spec shares
//! ```

mod l2_adapter_config;
pub mod registry;
mod shared;

pub use l2_adapter_config::{Factory, L2AdapterConfig, register_l2_adapter_type};
#[doc(hidden)]
pub use shared::read_shared;
pub use shared::{EvictionConfig, EvictionPolicy, PersistConfig, SerdeConfig, SharedConfig};
