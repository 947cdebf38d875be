use std::collections::BTreeMap;

use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limits.
    #[config(required, keys(allowed = ["reads", "writes"]), example = {"deletes": 8})]
    pub limits: BTreeMap<String, u16>,
}

fn main() {}
