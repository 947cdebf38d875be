//! Declarative configuration for LMCache L2 adapters.
//!
//! Annotate one struct and get its parser, help text, JSON Schema, reference documentation, examples and registry entry,
//! all read off one table: see [`L2AdapterConfig`].
//!
//! The parts of the crate; each uses only parts below it (CONTRIBUTING.md has the exact arrows):
//!
//! ```text
//! cli         the command `l2-adapter`
//! fuzz        private functions for fuzz targets
//! adapters    the adapter types; `pd` and `mock` have a runtime
//! specs       `--l2-adapter` on a server's command line
//! sound       `assert_sound`, for tests of config types
//! config      the trait of configs, the common keys, the registry
//! transfer    transfer channels: `nixl` and `mock_memory`
//! adapter     what an L2 adapter is, and the contract suite
//! lmcache     the versions of LMCache, and the installed one
//! machine     the file system and the environment
//! ```

// Allowed only in the buffer and transfer modules.
#![deny(unsafe_code)]

// The output of the derives uses the crate's own name, also inside the crate.
extern crate self as l2_adapter;

pub mod adapter;
pub mod adapters;
#[doc = include_str!("../docs/attributes.md")]
/// # The items named above
///
/// [`AdapterSpec`], [`assert_sound`], [`CommonConfig`], [`ConfigDefaults::defaults`], [`ConfigError::warnings`], [`ConfigValue`],
/// [`Context`], [`Given`], [`L2AdapterConfig`], [`Machine`], [`Peer`], [`RuleError`] with [`as_warning`](RuleError::as_warning),
/// [`at`](RuleError::at), [`item`](RuleError::item) and [`key`](RuleError::key), [`Secret`], [`ThisMachine`].
pub mod attributes {}
#[cfg(feature = "cli")]
pub mod cli;
pub mod config;
/// Code that only the fuzz targets in fuzz/ call. No build of a user has it: cargo-fuzz sets `fuzzing`.
#[cfg(all(pd_runtime, any(fuzzing, test)))]
#[doc(hidden)]
pub mod fuzz;
pub mod lmcache;
mod machine;
mod sound;
pub mod specs;
#[allow(unsafe_code, reason = "memory of other processes is used by address")]
mod transfer;

pub use config::{
    CommonConfig, EvictionConfig, EvictionPolicy, L2AdapterConfig, PersistConfig, SerdeConfig,
    register_l2_adapter_type, registry,
};
pub use l2_adapter_derive::{ConfigChoice, ConfigSection, ConfigUnion, L2AdapterConfig};
pub use l2_adapter_schema::{
    Access, AdapterSpec, BLANK, ConfigDefaults, ConfigError, ConfigValue, Context, Extent, Fault, FaultCode, Given,
    Kind, Machine, Parsed, PathKind, Peer, Place, REDACTED, Reader, RuleError, Secret, Secrets, Version, Versions,
    Warning, WarningCode,
};
pub use machine::{ThisMachine, environment_variable};
pub use registry::get_registered_l2_adapter_types;
pub use sound::assert_sound;

/// The crates whose types occur in signatures of this one.
pub use {l2_adapter_schema as schema, schemars, serde_json};

/// The names in the derives' output. Not part of the interface: they change without notice.
#[doc(hidden)]
pub mod __private {
    pub use std::option::Option::{self, None, Some};

    pub use inventory;
    pub use l2_adapter_schema::*;
    pub use schemars;
    pub use serde_json;

    pub use crate::{
        adapter::{CreateError, CreationContext, L2Adapter},
        config::{CommonConfig, Factory, L2AdapterConfig, read_common},
        registry::{Registration, schema_of as registered_schema_of},
    };
}
