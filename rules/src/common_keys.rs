//! The keys of every adapter spec next to `type`.

use crate::ValueType;

/// The names of the common keys and what their values are, in the order in which they are declared and documented.
pub const COMMON_KEYS: &[(&str, ValueType)] = &[
    ("eviction", ValueType::Other),
    ("persist_enabled", ValueType::Boolean),
    ("serde", ValueType::Other),
    ("shared", ValueType::Boolean),
    ("affinity_tag", ValueType::String),
];
