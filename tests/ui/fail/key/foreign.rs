//! A name of another system has one meaning, and is not a name of this crate's config.

use std::collections::BTreeMap;

use l2_adapter::{CommonConfig, ConfigChoice, ConfigSection, L2AdapterConfig};
use serde_json::{Map, Value};

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct NameOfTwoKeys {
    /// A limit.
    #[config(required, also_known_as = ["most", "maxBytes"])]
    pub limit: u16,
    /// Another.
    #[config(required, also_known_as = ["max_bytes"], also_known_as(names = ["Limit"], advice = "half of it"))]
    pub other: u16,
}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store", also_known_as = ["Store", "shop", "SHOP"])]
#[config(mistaken_for(what = "a config of the shop", keys = ["path"], advice = "give it to the shop"))]
#[config(mistaken_for(what = "a config of the mall", keys = ["mall"]))]
pub struct NamesOfTheTypeConfig {
    /// Where.
    #[config(required, example = "/kv", also_known_as = ["serde", "type"])]
    pub path: String,
    pub common: CommonConfig,
}

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(also_known_as = ["bounds"])]
pub struct SectionWithOtherNames {
    /// A limit.
    #[config(required, also_known_as = "most", known = ["a"])]
    pub limit: u16,
    /// The others.
    #[config(rest, known = ["limit", "b"], known(key = "c", also_known_as = ["b"]))]
    pub others: BTreeMap<String, u16>,
}

/// A colour.
#[derive(Debug, ConfigChoice)]
pub enum Colour {
    /// Red.
    #[config(also_known_as = ["blue", "crimson"])]
    Red,
    /// Blue.
    #[config(also_known_as = ["Crimson"])]
    Blue,
}

/// Loads a class.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "loader")]
pub struct SpecOfNothingConfig {
    /// The class.
    #[config(required, example = "C")]
    pub class: String,
    /// Settings.
    #[config(spec_of(config = NamesOfTheTypeConfig))]
    pub alone: Option<String>,
    /// Settings.
    #[config(default_with = Map::new, default_doc = "none", alias = "settings")]
    #[config(spec_of(config = NamesOfTheTypeConfig, clas = "a", outside = ["class"]))]
    pub params: Map<String, Value>,
    pub common: CommonConfig,
}

fn main() {}
