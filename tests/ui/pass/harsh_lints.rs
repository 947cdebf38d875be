//! The output is clean under lints that a user may deny.

#![deny(warnings, missing_docs, unsafe_code, unused, nonstandard_style, future_incompatible)]
#![deny(unused_qualifications, unused_lifetimes, unused_results, unreachable_pub, single_use_lifetimes)]
#![deny(
    trivial_casts,
    trivial_numeric_casts,
    variant_size_differences,
    let_underscore_drop,
    missing_debug_implementations
)]
#![deny(elided_lifetimes_in_paths, explicit_outlives_requirements, absolute_paths_not_starting_with_crate)]

use std::collections::BTreeMap;

use l2_adapter::{CommonConfig, ConfigChoice, ConfigSection, ConfigUnion, L2AdapterConfig, Machine, Secret};

const MOST: u16 = 100;

mod inner {
    //! Has a type that is not visible outside.

    use l2_adapter::ConfigChoice;

    /// How fast.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, ConfigChoice)]
    pub(super) enum Speed {
        /// Slowly.
        Slow,
        /// Fast.
        Fast,
    }
}

/// Everything the language has.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "harsh")]
#[config(forbidden(key = "old", reason = "it is gone"))]
#[config(common_key(name = "shared", allowed = [false], reason = "it is not shared"))]
#[config(rule(name = "ordered", doc = "In order.", reads(low, high), check = ordered))]
#[config(machine_rule(name = "found", doc = "Found.", reads(name, low), check = found))]
#[config(warning(name = "wide", doc = "Wide.", reads(high), check = narrow))]
struct Harsh {
    /// Low.
    #[config(default = 1, min = 1, max = MOST, alias = "least")]
    low: u16,
    /// High.
    #[config(default_from = low, env = "HIGH")]
    high: u16,
    /// Pattern.
    #[config(default = "a", pattern = "^[a-z]+$", not_blank)]
    name: String,
    /// Computed.
    #[config(default_with = count, default_doc = "one")]
    count: u16,
    /// Directories.
    #[config(default = [], each(exists = directory))]
    directories: Vec<std::path::PathBuf>,
    /// Password.
    #[config(secret)]
    password: Option<Secret<String>>,
    /// Speed.
    #[config(default = "slow")]
    speed: inner::Speed,
    /// Knots.
    #[config(required_if(speed = "fast"), forbidden_unless(speed = "fast"))]
    knots: Option<u16>,
    /// Section.
    section: Option<Section>,
    /// Union.
    place: Option<Place>,
    /// Converted.
    #[config(default = 1, parse_with = parse, write_with = write, deprecated = "use `low`", unit = bytes)]
    #[config(wire = u16, example = 5)]
    #[config(doc = "Converted.")]
    converted: u64,
    /// Others.
    #[config(rest, each(max = 9))]
    others: BTreeMap<String, u16>,
    common: CommonConfig,
}

/// A section.
#[derive(Debug, Clone, PartialEq, Eq, ConfigSection)]
pub struct Section {
    /// Path.
    #[config(required, example = "/cache")]
    pub path: String,
}

/// A section without keys.
#[derive(Debug, Clone, PartialEq, Eq, ConfigSection)]
pub struct Nothing {}

/// A place.
#[derive(Debug, Clone, PartialEq, Eq, ConfigUnion)]
#[config(tag = "kind")]
pub enum Place {
    /// Nowhere.
    Nowhere,
    /// Somewhere.
    Somewhere(Section),
    /// Without keys, and not a unit.
    Empty(Nothing),
}

/// A colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ConfigChoice)]
pub enum Colour {
    /// Red.
    Red,
}

fn ordered(low: &u16, high: &u16) -> Result<(), String> {
    if low <= high { Ok(()) } else { Err("must be in order".to_owned()) }
}

fn found(machine: &dyn Machine, name: &String, _: &u16) -> Result<(), String> {
    machine.look(std::path::Path::new(name)).map(drop).map_err(|error| error.to_string())
}

fn narrow(high: &u16) -> Result<(), String> {
    if *high < 9 { Ok(()) } else { Err("is wide".to_owned()) }
}

const fn count() -> u16 {
    1
}

fn parse(wire: u16) -> Result<u64, String> {
    if wire == 0 { Err("must not be 0".to_owned()) } else { Ok(u64::from(wire)) }
}

fn write(value: &u64) -> u16 {
    u16::try_from(*value).unwrap_or(u16::MAX)
}

fn main() {
    let config = Harsh::from_str(r#"{"low": 2, "x": 3, "speed": "fast", "knots": 4}"#);
    let Ok(config) = config else { panic!("refused") };
    assert_eq!((config.low, config.high, config.others["x"], config.count), (2, 2, 3, 1));
    assert_eq!((config.speed, config.knots, config.converted), (inner::Speed::Fast, Some(4), 1));
    assert!(config.name == "a" && config.password.is_none() && config.section.is_none());
    assert!(config.place.is_none() && Colour::Red == "red" && !config.common.shared);
}
