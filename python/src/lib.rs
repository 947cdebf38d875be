//! The native part of the Python package `l2_adapter`: bindings to the Rust library. It has no rules of its own, and only the
//! Python part knows LMCache's classes.
//!
//! Importing it starts nothing: threads, ports and NIXL agents begin with an adapter and end with it.
//!
//! ```text
//! adapter               the PD adapter (buffers, config, keys, layouts, logs, notifications)
//! catalogue, command    types and validation; the command `l2-adapter`
//! ```

mod adapter;
#[expect(unsafe_code, reason = "memory of Python's objects is lent by address")]
mod buffers;
mod catalogue;
mod command;
mod config;
mod keys;
mod layouts;
mod logs;
mod notifications;

/// The module that the Python part uses.
#[pyo3::pymodule]
mod _native {
    #[pymodule_export]
    use super::{
        adapter::{Adapter, expect},
        catalogue::{check, explain, json_schema, types},
        command::run_command,
        config::{PdConfig, SpecError},
        layouts::{Layout, layout},
    };

    #[pymodule_export]
    #[expect(non_upper_case_globals, reason = "Python's name for it")]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
