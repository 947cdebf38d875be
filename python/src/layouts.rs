//! Layouts of chunks, as Python describes them.

use l2_adapter::adapter::{ChunkLayout, GroupLayouts, Tensor};
use pyo3::prelude::*;

/// The layout of tensors in a chunk's bytes.
#[pyclass(frozen, module = "l2_adapter._native")]
pub(crate) struct Layout(ChunkLayout);

#[pymethods]
impl Layout {
    fn __repr__(&self) -> &str {
        self.0.text()
    }
}

impl Layout {
    pub(crate) fn get(&self) -> &ChunkLayout {
        &self.0
    }
}

/// The layout of tensors, each with the name and size in bytes of its elements and its shape. None for a flat row of bytes,
/// whose contents are unknown.
#[pyfunction]
pub(crate) fn layout(tensors: Vec<(String, u64, Vec<u64>)>) -> Option<Layout> {
    let tensors =
        tensors.iter().map(|(dtype, element_bytes, shape)| Tensor { dtype, element_bytes: *element_bytes, shape });
    ChunkLayout::new(tensors).map(Layout)
}

/// The layouts that a lookup expects, by object group.
pub(crate) fn group_layouts(layouts: Vec<(u32, Bound<'_, Layout>)>) -> GroupLayouts {
    layouts.into_iter().map(|(group, layout)| (group, layout.get().get().clone())).collect()
}
