//! Which keys can be found, as the messages tell it.

use std::collections::BTreeMap;

use crate::adapters::pd_l2_adapter::simulation::{
    clock::Micros,
    memory::{PAGE_BYTES, pages_of},
};

/// What was committed and not deleted.
#[derive(Debug, Default)]
pub(in super::super) struct Visibility {
    /// Since when.
    visible: BTreeMap<usize, Micros>,
    /// When a key that is gone could be found last.
    gone_at: BTreeMap<usize, Micros>,
}

impl Visibility {
    pub(in super::super) fn stored(&mut self, key: usize, now: Micros) {
        let before = self.visible.insert(key, now);
        assert_eq!(before, None, "visibility: key {key} is stored twice");
    }

    pub(in super::super) fn deleted(&mut self, key: usize, now: Micros) {
        let before = self.visible.remove(&key);
        assert!(before.is_some(), "visibility: key {key} is deleted, and was not there");
        self.gone_at.insert(key, now);
    }

    /// The receiver's process is gone, and everything in it.
    pub(in super::super) fn all_gone(&mut self, now: Micros) {
        for key in std::mem::take(&mut self.visible).into_keys() {
            self.gone_at.insert(key, now);
        }
    }

    pub(in super::super) fn contains(&self, key: usize) -> bool {
        self.visible.contains_key(&key)
    }

    /// Whether it can be found, and could be at that moment.
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
