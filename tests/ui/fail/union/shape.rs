//! A union has a tag, and variants that hold one section or nothing.

use l2_adapter::{ConfigSection, ConfigUnion};

/// A file.
#[derive(Debug, ConfigSection)]
pub struct File {
    /// Where.
    #[config(required, example = "/cache")]
    pub path: String,
}

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
    /// In a file.
    File(File),
}

fn main() {}
