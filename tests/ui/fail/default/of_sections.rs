use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// Lacks defaults.
    #[config(default)]
    pub section: Required,
    /// Lacks defaults as well.
    #[config(default)]
    pub optional: Option<Required>,
}

/// Needs a key.
#[derive(Debug, ConfigSection)]
#[config(default)]
pub struct Required {
    /// The key.
    #[config(required)]
    pub key: u8,
}

/// Has two implementations of `Default`.
#[derive(Debug, Default, ConfigSection)]
#[config(default)]
pub struct Twice {
    /// The key.
    #[config(default = 1)]
    pub key: u8,
}

/// One of several.
#[derive(Debug, l2_adapter::ConfigUnion)]
#[config(tag = "kind")]
pub enum Several {
    /// Lacks nothing.
    Nothing,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct NoSection {
    /// No section.
    #[config(default)]
    pub union: Several,
}

fn main() {}
