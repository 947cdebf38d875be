//! A variant of a union holds a section.

use l2_adapter::ConfigUnion;

/// A backend.
#[derive(Debug, ConfigUnion)]
#[config(tag = "kind")]
pub enum UnionOfScalars {
    /// In a file.
    File(String),
}

fn main() {}
