//! The tag of a union is a key of none of its variants.

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
#[config(tag = "path")]
pub enum UnionTagIsAKeyOfAVariant {
    /// In memory.
    Memory,
    /// In a file.
    File(File),
}

fn main() {}
