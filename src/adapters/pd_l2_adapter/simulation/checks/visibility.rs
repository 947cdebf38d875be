//! The keys that can be found, according to the messages.

use std::collections::BTreeMap;

use crate::adapters::pd_l2_adapter::simulation::{
    clock::Micros,
    memory::{PAGE_BYTES, pages_of},
};

/// Committed keys that were not deleted.
#[derive(Debug, Default)]
pub(in super::super) struct Visibility {
    /// Since when each key can be found.
    visible: BTreeMap<usize, Micros>,
    /// When a deleted key could last be found.
    gone_at: BTreeMap<usize, Micros>,
}

impl Visibility {
    pub(in super::super) fn stored(&mut self, key: usize, now: Micros) {
        let before = self.visible.insert(key, now);
        assert_eq!(before, None, "visibility: key {key} is stored twice");
    }

    pub(in super::super) fn deleted(&mut self, key: usize, now: Micros) {
        let before = self.visible.remove(&key);
        assert!(before.is_some(), "visibility: key {key} is deleted but was not stored");
        self.gone_at.insert(key, now);
    }

    /// The receiver's process has ended, with everything in it.
    pub(in super::super) fn all_gone(&mut self, now: Micros) {
        for key in std::mem::take(&mut self.visible).into_keys() {
            self.gone_at.insert(key, now);
        }
    }

    pub(in super::super) fn contains(&self, key: usize) -> bool {
        self.visible.contains_key(&key)
    }

    /// Whether the key can be found, or could be at that moment.
    pub(in super::super) fn contains_since(&self, key: usize, since: Micros) -> bool {
        self.visible.get(&key).is_some_and(|stored_at| *stored_at < since)
    }

    pub(in super::super) fn could_be_found_since(&self, key: usize, since: Micros) -> bool {
        self.contains(key) || self.gone_at.get(&key).is_some_and(|gone_at| *gone_at >= since)
    }

    pub(in super::super) fn footprint_bytes(&self) -> u64 {
        self.visible.keys().map(|key| pages_of(*key) * PAGE_BYTES).sum()
    }
}
