//! A default has the type of its field.

use std::collections::BTreeMap;

use l2_adapter::ConfigSection;

const NAME: &str = "blue";

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// A limit.
    #[config(default = true)]
    pub default_bool_for_integer: u16,
    /// A limit.
    #[config(default = NAME, pattern = "^[a-z]+$")]
    pub default_constant_with_pattern: String,
    /// A limit.
    #[config(default = 1.5)]
    pub default_fraction_for_integer: u16,
    /// A limit.
    #[config(default = -1)]
    pub default_negative_for_unsigned: u16,
    /// A limit.
    #[config(default = {"reads": 8})]
    pub default_object_written_out: BTreeMap<String, u16>,
    /// A limit.
    #[config(default = "a")]
    pub default_of_a_map: std::collections::BTreeMap<String, u16>,
    /// A limit.
    #[config(default = ["tcp", 5])]
    pub default_of_item_of_wrong_type: Vec<String>,
    /// A limit.
    #[config(default = "80")]
    pub default_of_wrong_type: u16,
    /// A limit.
    #[config(default = 1e39)]
    pub default_outside_f32: f32,
    /// A limit.
    #[config(default = 65536)]
    pub default_outside_its_type: u16,
    /// A limit.
    #[config(default = Some(5))]
    pub default_with_some: Option<u16>,
    /// A limit.
    #[config(default = 5u16)]
    pub default_with_suffix: u16,
}

fn main() {}
