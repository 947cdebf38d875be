//! The layouts that a lookup expects.

use std::collections::BTreeMap;

use crate::{
    adapter::{GroupLayouts, ObjectKey},
    adapters::pd_l2_adapter::protocol::LayoutFingerprint,
};

/// The layout that a lookup expects in each object group, and the size of a chunk with that layout.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct WantedLayouts(BTreeMap<u32, (LayoutFingerprint, u64)>);

impl WantedLayouts {
    /// Whether a chunk of this length may be what the lookup expects under this key. That is so for a chunk of unknown layout,
    /// and for one of another size, which was packed and is unpacked after the load.
    pub(super) fn are_met_by(&self, key: &ObjectKey, stored: Option<LayoutFingerprint>, length_bytes: u64) -> bool {
        let (Some(stored), Some((wanted, size_bytes))) = (stored, self.0.get(&key.object_group_id())) else {
            return true;
        };
        stored == *wanted || length_bytes != *size_bytes
    }
}

impl From<&GroupLayouts> for WantedLayouts {
    fn from(layouts: &GroupLayouts) -> Self {
        let wanted = |(group, layout)| (group, (LayoutFingerprint::of(layout), layout.size_bytes()));
        Self(layouts.iter().map(wanted).collect())
    }
}
