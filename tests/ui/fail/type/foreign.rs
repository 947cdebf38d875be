//! Types of the standard library that no field can have: each is one error that says what to write instead.

use std::collections::{HashMap, HashSet};

use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// A limit.
    #[config(default = ["a"])]
    pub letters: Vec<char>,
    /// A limit.
    pub map: Option<HashMap<String, u8>>,
    /// A limit.
    #[config(required)]
    pub path_to_duration: std::time::Duration,
    /// A limit.
    #[config(required)]
    pub reference: &'static str,
    /// A limit.
    #[config(required)]
    pub set: HashSet<String>,
    /// A limit.
    #[config(required)]
    pub size: usize,
}

fn main() {}
