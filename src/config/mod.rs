//! What every adapter spec shares: the config trait, the shared keys, and the `--l2-adapter` argument.

mod l2_adapter_args;
mod l2_adapter_config;
mod shared;

pub use l2_adapter_args::{L2AdapterArgs, L2AdapterArgsError, Problem, SpecProblem, parse_l2_adapters};
pub use l2_adapter_config::{Factory, L2AdapterConfig};
#[doc(hidden)]
pub use shared::read_shared;
pub use shared::{EvictionConfig, EvictionPolicy, PersistConfig, SerdeConfig, SharedConfig};
