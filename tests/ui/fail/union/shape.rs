//! A union has a tag, and variants that hold one section or nothing.

use l2_adapter::ConfigUnion;

/// A backend.
#[derive(Debug, ConfigUnion)]
#[config(tag = "kind")]
pub enum UnionWithFieldsInAVariant {
    /// In a file.
    File {
        /// Where.
        path: String,
    },
}

/// A backend.
#[derive(Debug, ConfigUnion)]
pub enum UnionWithoutTag {
    /// In memory.
    Memory,
}

fn main() {}
