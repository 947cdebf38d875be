//! The layout of tensors in a chunk's bytes, on which the storing and the loading server have to agree.

use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

use super::ObjectKey;

/// Element types and shapes of a chunk's tensors.
///
/// Chunks of the same size can have different meanings: float16 and bfloat16 have two bytes each. A chunk that was stored with one
/// layout is not found by a lookup that expects another.
///
/// ```
/// use l2_adapter::adapter::{ChunkLayout, Tensor};
///
/// let tensor = |dtype| Tensor { dtype, element_bytes: 2, shape: &[2, 32, 256, 1024] };
/// let stored = ChunkLayout::new([tensor("float16")]).unwrap();
/// assert_eq!(stored.text(), "float16[2, 32, 256, 1024]");
/// assert_eq!(stored.size_bytes(), 32 << 20);
/// let wanted = ChunkLayout::new([tensor("bfloat16")]).unwrap();
/// assert!(!wanted.is_met_by(Some(&stored), 32 << 20));
/// // A chunk without a layout, or with another size, is packed, and its reader unpacks it.
/// assert!(wanted.is_met_by(None, 32 << 20) && wanted.is_met_by(Some(&stored), 1000));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkLayout {
    text: Arc<str>,
    size_bytes: u64,
}

/// One tensor of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tensor<'a> {
    /// The name of the element type: `float16`.
    pub dtype: &'a str,
    /// The size of an element.
    pub element_bytes: u64,
    /// The length of each dimension.
    pub shape: &'a [u64],
}

impl ChunkLayout {
    /// The layout of consecutive tensors. `None` without tensors, and for one flat row of single bytes, in which packed chunks
    /// (compressed, encrypted) are stored: it does not describe their contents.
    pub fn new<'a>(tensors: impl IntoIterator<Item = Tensor<'a>>) -> Option<Self> {
        let tensors: Vec<Tensor<'_>> = tensors.into_iter().collect();
        if tensors.is_empty() || matches!(tensors[..], [Tensor { element_bytes: 1, shape: [_], .. }]) {
            return None;
        }
        let (mut text, mut size_bytes) = (String::new(), 0_u64);
        for Tensor { dtype, element_bytes, shape } in tensors {
            let separator = if text.is_empty() { "" } else { ", " };
            // Writing to a string does not fail.
            let _ = write!(text, "{separator}{dtype}{shape:?}");
            let bytes = shape.iter().fold(element_bytes, |bytes, length| bytes.saturating_mul(*length));
            size_bytes = size_bytes.saturating_add(bytes);
        }
        Some(Self { text: text.into(), size_bytes })
    }

    /// The layout as text. Equal layouts have equal texts.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The size of such a chunk in bytes.
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Whether a chunk of so many bytes that was stored as `stored` may be one of this layout.
    pub fn is_met_by(&self, stored: Option<&Self>, length_bytes: u64) -> bool {
        length_bytes != self.size_bytes || stored.is_none_or(|stored| stored.text == self.text)
    }
}

/// The layouts that a lookup expects, by the object groups of its keys. A group that is not named may have any layout.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupLayouts(BTreeMap<u32, ChunkLayout>);

impl GroupLayouts {
    /// The layout of a key's chunk, if the lookup expects one.
    pub fn of(&self, key: &ObjectKey) -> Option<&ChunkLayout> {
        self.0.get(&key.object_group_id())
    }

    /// Every object group that is named, with its layout.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &ChunkLayout)> {
        self.0.iter().map(|(group, layout)| (*group, layout))
    }
}

impl FromIterator<(u32, ChunkLayout)> for GroupLayouts {
    fn from_iter<I: IntoIterator<Item = (u32, ChunkLayout)>>(layouts: I) -> Self {
        Self(layouts.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_row_of_bytes_and_no_tensor_at_all_have_no_layout() {
        let flat = Tensor { dtype: "uint8", element_bytes: 1, shape: &[4096] };
        assert_eq!((ChunkLayout::new([flat]), ChunkLayout::new([])), (None, None));
        // An FP8 cache is not a flat row.
        assert!(ChunkLayout::new([Tensor { shape: &[2, 2048], ..flat }]).is_some());
        assert!(ChunkLayout::new([flat, flat]).is_some());
    }

    #[test]
    fn sizes_beyond_all_memory_do_not_panic() {
        let huge = Tensor { dtype: "float64", element_bytes: 8, shape: &[u64::MAX, u64::MAX] };
        assert_eq!(ChunkLayout::new([huge, huge]).unwrap().size_bytes(), u64::MAX);
    }
}
