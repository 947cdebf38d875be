//! How full an adapter is.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use super::ObjectKey;

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

/// Counts bytes by cache salt. Changed by an adapter's threads, read by its callers.
#[derive(Debug, Default)]
pub struct UsageLedger(Mutex<BTreeMap<String, u64>>);

impl UsageLedger {
    /// Keys have come, with these sizes in bytes.
    pub fn add(&self, keys: &[(ObjectKey, u64)]) {
        let mut salts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, bytes) in keys {
            match salts.get_mut(key.cache_salt()) {
                Some(used) => *used += bytes,
                None => drop(salts.insert(key.cache_salt().to_owned(), *bytes)),
            }
        }
    }

    /// Keys have gone, with these sizes in bytes. A salt that has none left is forgotten.
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

    /// What is in use, beside a capacity.
    pub fn usage(&self, total_capacity_bytes: Option<u64>) -> Usage {
        let bytes_by_cache_salt = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Usage { total_bytes_used: bytes_by_cache_salt.values().sum(), total_capacity_bytes, bytes_by_cache_salt }
    }
}
