//! A key that was removed has a reason and is not declared.

use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(forbidden(key = "limit", reason = "it is gone"))]
pub struct ForbiddenKeyIsDeclared {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(forbidden(key = "old", reason = " "))]
pub struct ForbiddenKeyWithEmptyReason {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(forbidden(key = "old"))]
pub struct ForbiddenKeyWithoutReason {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

fn main() {}
