//! Who is told which keys came, were read, and went.

use std::fmt;

use super::ObjectKey;

/// Is told of keys. Called outside every lock of the adapter, on one of its threads: it returns soon.
pub trait KeyListener: Send + Sync + fmt::Debug {
    /// These keys are there now, with these sizes in bytes.
    fn keys_stored(&self, keys: &[(ObjectKey, u64)]);

    /// These keys were looked up or loaded.
    fn keys_accessed(&self, keys: &[ObjectKey]);

    /// These keys are there no longer; their sizes in bytes.
    fn keys_deleted(&self, keys: &[(ObjectKey, u64)]);
}
