//! The bytes in use, and the capacity.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use super::ObjectKey;

/// The bytes that an adapter keeps, by user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage {
    /// All bytes in use.
    pub total_bytes_used: u64,
    /// The capacity; `None` if it is unknown.
    pub total_capacity_bytes: Option<u64>,
    /// The bytes in use under each `cache_salt` that has any.
    pub bytes_by_cache_salt: BTreeMap<String, u64>,
}

impl Usage {
    /// The fraction in use, 0 to 1; `None` if the capacity is unknown.
    pub fn fraction(&self) -> Option<f64> {
        self.total_capacity_bytes.map(|capacity| self.total_bytes_used as f64 / capacity as f64)
    }
}

/// Counts bytes by cache salt. Changed by an adapter's threads, read by its callers.
#[derive(Debug, Default)]
pub struct UsageLedger(Mutex<BTreeMap<String, u64>>);

impl UsageLedger {
    /// Adds stored keys with these sizes in bytes.
    pub fn add(&self, keys: &[(ObjectKey, u64)]) {
        let mut salts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, bytes) in keys {
            match salts.get_mut(key.cache_salt()) {
                Some(used) => *used += bytes,
                None => drop(salts.insert(key.cache_salt().to_owned(), *bytes)),
            }
        }
    }

    /// Subtracts deleted keys with these sizes in bytes. A salt without keys is removed.
    pub fn remove(&self, keys: &[(ObjectKey, u64)]) {
        let mut salts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, bytes) in keys {
            if let Some(used) = salts.get_mut(key.cache_salt()) {
                *used = used.saturating_sub(*bytes);
                if *used == 0 {
                    salts.remove(key.cache_salt());
                }
            }
        }
    }

    /// The bytes in use, next to a capacity.
    pub fn usage(&self, total_capacity_bytes: Option<u64>) -> Usage {
        let bytes_by_cache_salt = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Usage { total_bytes_used: bytes_by_cache_salt.values().sum(), total_capacity_bytes, bytes_by_cache_salt }
    }
}
