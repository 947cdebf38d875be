//! The field that holds the extended struct.

use l2_adapter::ConfigSection;

/// A base.
#[derive(Debug, ConfigSection)]
pub struct Base {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    #[config(extends, required)]
    pub extends_with_other_attribute: Base,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct ExtendsNotFirst {
    /// The other limit.
    #[config(required)]
    pub other: u16,
    #[config(extends)]
    pub base: Base,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct ExtendsTwice {
    #[config(extends)]
    pub base: Base,
    #[config(extends)]
    pub more: Base,
}

fn main() {}
