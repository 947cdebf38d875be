//! How full an adapter is.

use std::collections::BTreeMap;

/// What an adapter keeps, by whom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage {
    /// All bytes in use.
    pub total_bytes_used: u64,
    /// The most it can keep; `None` where that is not known.
    pub total_capacity_bytes: Option<u64>,
    /// The bytes in use under each `cache_salt` that has any.
    pub bytes_by_cache_salt: BTreeMap<String, u64>,
}

impl Usage {
    /// The part in use, 0 to 1; `None` where the capacity is not known.
    pub fn fraction(&self) -> Option<f64> {
        self.total_capacity_bytes.map(|capacity| self.total_bytes_used as f64 / capacity as f64)
    }
}
