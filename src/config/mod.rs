//! What every adapter spec shares: the config trait and the shared keys.

mod l2_adapter_config;
mod shared;

pub use l2_adapter_config::{Factory, L2AdapterConfig};
#[doc(hidden)]
pub use shared::read_shared;
pub use shared::{EvictionConfig, EvictionPolicy, PersistConfig, SerdeConfig, SharedConfig};
