//! A type that differs between versions of its peer in every way that the language has.

use l2_adapter::{CommonConfig, ConfigChoice, ConfigSection, ConfigUnion, L2AdapterConfig, RuleError};

/// Shows all that may differ between versions.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "torture-versions")]
#[config(rule(
    name = "few", doc = "There are at most nine.", reads(times), check = few, since = "Depot 2.0", until = "Depot 3.0",
))]
#[config(warning(name = "odd", doc = "Odd ones are slow.", reads(times), check = odd, until = "Depot 2.0"))]
#[config(common_key(name = "shared", allowed = [true], reason = "it is always shared", since = "Depot 3.0"))]
pub(crate) struct VersionsL2AdapterConfig {
    /// How often.
    #[config(default = 1)]
    pub(crate) times: u8,
    /// How fast.
    #[config(default = 5, since = "Depot 2.0", alias = "pace", env = "VERSIONS_SPEED")]
    pub(crate) speed: u8,
    /// Its colour.
    #[config(until = "Depot 2.0")]
    pub(crate) colour: Option<String>,
    /// How it is packed.
    #[config(default = "loose")]
    pub(crate) packing: Packing,
    /// Where it is.
    #[config(default = [])]
    pub(crate) shelves: Vec<Shelf>,
    /// What it is in.
    pub(crate) cover: Option<Cover>,
    /// Of another peer.
    #[config(default = false, since = "Truck 9.0")]
    pub(crate) refrigerated: bool,
    /// Of whichever peer.
    #[config(default = 0, since = "3.0")]
    pub(crate) floor: u8,
    /// The keys that every adapter shares.
    pub(crate) common: CommonConfig,
}

/// How something is packed.
#[derive(Debug, Clone, Copy, PartialEq, ConfigChoice)]
pub(crate) enum Packing {
    /// In no box.
    Loose,
    /// In a box.
    #[config(since = "Depot 2.0")]
    Boxed,
    /// In straw.
    #[config(until = "Depot 3.0")]
    Straw,
}

/// A shelf.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
pub(crate) struct Shelf {
    /// Its number.
    #[config(required)]
    pub(crate) number: u8,
    /// Its width.
    #[config(default = 1, since = "Depot 2.0")]
    pub(crate) width: u8,
}

/// A cover.
#[derive(Debug, Clone, PartialEq, ConfigUnion)]
#[config(tag = "of")]
pub(crate) enum Cover {
    /// Of cloth.
    Cloth,
    /// Of wood.
    #[config(since = "Depot 2.0")]
    Wood,
}

fn few(times: &u8) -> Result<(), RuleError> {
    if *times <= 9 { Ok(()) } else { Err(RuleError::new("must be at most nine")) }
}

fn odd(times: &u8) -> Result<(), RuleError> {
    if times.is_multiple_of(2) { Ok(()) } else { Err(RuleError::new("is odd")) }
}
