//! Declarative configuration for LMCache L2 adapters.

#![forbid(unsafe_code)]

// The derives name their paths through the crate's own name, here as everywhere.
extern crate self as l2_adapter;

pub use l2_adapter_schema::{
    AdapterSpec, ConfigError, Context, Fault, FaultCode, Given, Parsed, RuleError, Secret, Warning, WarningCode,
};

/// What the derives' output names. Not part of the interface: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use inventory;
    pub use l2_adapter_schema::*;
    pub use schemars;
    pub use serde_json;
}
