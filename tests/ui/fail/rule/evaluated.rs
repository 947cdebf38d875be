//! Rules that are wrong for a type that only the compiler knows: one struct each, since each is evaluated apart.

use l2_adapter::ConfigSection;

/// A colour.
#[derive(Debug, l2_adapter::ConfigChoice)]
pub enum Colour {
    /// Red.
    Red,
    /// Blue.
    Blue,
}

type Port = u16;

type Ports = std::collections::BTreeMap<String, u16>;

const LEAST: u16 = 5;
const MOST: u16 = 4;

/// Inner.
#[derive(Debug, ConfigSection)]
pub struct Inner {}

/// A colour.
#[derive(Debug, l2_adapter::ConfigChoice)]
#[config(ignore_case)]
pub enum AnyCaseColour {
    /// Red.
    Red,
    /// Blue.
    Blue,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct AllowedOnChoice {
    /// The limit.
    #[config(required, allowed = ["red"])]
    pub limit: Colour,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct BoundOutsideTypeOfAlias {
    /// The limit.
    #[config(required, max = 65536)]
    pub limit: Port,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct BoundWithFractionOnAlias {
    /// The limit.
    #[config(required, min = 0.5)]
    pub limit: Port,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct ConstantBoundsCross {
    /// The limit.
    #[config(required, min = LEAST, max = MOST)]
    pub limit: u16,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct EachOfWrongKindForChoice {
    /// The limit.
    #[config(required, each(min = 1))]
    pub limit: Vec<Colour>,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct ExistsOnAliasOfInteger {
    /// The limit.
    #[config(required, exists = file)]
    pub limit: Port,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct MinLengthOnSection {
    /// The limit.
    #[config(required, min_length = 1)]
    pub limit: Inner,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct NoIntegerBelowTheTypeOfAlias {
    /// The limit.
    #[config(required, below = 0)]
    pub limit: Port,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct NoMultipleInTheRangeOfAlias {
    /// The limit.
    #[config(required, each(min = 4, max = 5, multiple_of = 3))]
    pub limit: Vec<Port>,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct RangeOnChoice {
    /// The limit.
    #[config(required, min = 1)]
    pub limit: Colour,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct UniqueOnChoicesThatIgnoreCase {
    /// The limit.
    #[config(required, unique)]
    pub limit: Vec<AnyCaseColour>,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct UniqueOnTooFewChoices {
    /// The limit.
    #[config(unique, min_items = 3)]
    pub limit: Option<Vec<Colour>>,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct TooFewKeysOfAlias {
    /// The limit.
    #[config(keys(allowed = ["a"]), min_items = 2)]
    pub limit: Option<Ports>,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct UniqueOnSections {
    /// The limit.
    #[config(required, unique)]
    pub limit: Vec<Inner>,
}

fn main() {}
