//! A key that was removed has a reason and is not declared.

use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(forbidden(key = "limit", reason = "it is gone"))]
#[config(forbidden(key = "with_empty_reason", reason = " "))]
#[config(forbidden(key = "without_reason"))]
pub struct Limits {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

fn main() {}
