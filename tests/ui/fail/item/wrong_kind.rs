//! Each derive is for one kind of item, without generic parameters.

use l2_adapter::{CommonConfig, ConfigChoice, ConfigSection, L2AdapterConfig};

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store")]
pub enum EnumForAStructConfig {
    /// Here.
    Here,
}

/// A colour.
#[derive(Debug, ConfigChoice)]
pub enum GenericChoice<const N: usize> {
    /// Red.
    Red,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct GenericSectionByLifetime<'a> {
    /// The limit.
    #[config(required)]
    pub limit: &'a str,
}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store")]
pub struct GenericStructConfig<T> {
    /// Where.
    #[config(required)]
    pub path: T,
    pub common: CommonConfig,
}

/// A colour.
#[derive(Debug, ConfigChoice)]
pub struct StructForAnEnum {
    /// Red.
    pub red: bool,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct TupleStruct(u16);

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store")]
pub struct UnitStructConfig;

fn main() {}
