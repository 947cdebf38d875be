//! Keys that both structs declare are found by the compiler.

use l2_adapter::{CommonConfig, ConfigSection, L2AdapterConfig};

/// Keeps chunks in general.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "base")]
pub struct BaseL2AdapterConfig {
    pub common: CommonConfig,
}

/// A base.
#[derive(Debug, ConfigSection)]
pub struct Base {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

/// A base.
#[derive(Debug, ConfigSection)]
pub struct ExtendsRestOfBaseBase {
    /// The rest.
    #[config(rest)]
    pub rest: std::collections::BTreeMap<String, u16>,
}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store")]
pub struct ExtendsAdapterAndSharedConfigConfig {
    #[config(extends)]
    pub base: BaseL2AdapterConfig,
    pub common: CommonConfig,
}

/// A base.
#[derive(Debug, ConfigSection)]
pub struct BaseWithCommonKey {
    /// The serializer.
    #[config(default = "raw")]
    pub serde: String,
}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "other")]
pub struct ExtendsCommonKeyConfig {
    #[config(extends)]
    pub base: BaseWithCommonKey,
    pub common: CommonConfig,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct ExtendsKeyOfBase {
    #[config(extends)]
    pub base: Base,
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct ExtendsWithNameOfBase {
    #[config(extends)]
    pub base: Base,
    /// Another limit.
    #[config(required, also_known_as = ["limit"])]
    pub other: u16,
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct ExtendsRestOfBase {
    #[config(extends)]
    pub base: ExtendsRestOfBaseBase,
    /// The rest.
    #[config(rest)]
    pub rest: std::collections::BTreeMap<String, u16>,
}

fn main() {}
