//! What the chunks of a look-up have to look like.

use std::collections::BTreeMap;

use crate::{
    adapter::{GroupLayouts, ObjectKey},
    adapters::pd_l2_adapter::protocol::LayoutFingerprint,
};

/// The layout that a look-up wants in each object group, and the size of a chunk that has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct WantedLayouts(BTreeMap<u32, (LayoutFingerprint, u64)>);

impl WantedLayouts {
    /// Whether a chunk of so many bytes may be what the look-up wants under this key. A chunk of unknown layout may be, and so may
    /// one of another size: somebody has packed it, and unpacks it again.
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
