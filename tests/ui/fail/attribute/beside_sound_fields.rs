//! A mistake in one field does not hide what the compiler finds in the others.

use l2_adapter::{CommonConfig, ConfigSection, L2AdapterConfig, Secret};

const TOO_MANY: u8 = 9;

type Password = Secret<String>;

/// Not a config value.
#[derive(Debug)]
pub struct Port(u16);

fn parse(text: &u16) -> bool {
    *text == 0
}

fn write(limit: u16) -> String {
    limit.to_string()
}

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(rule(name = "small", doc = "Small.", reads(misspelt), check = parse))]
pub struct Limits {
    /// A limit.
    #[config(requried)]
    pub misspelt: u16,
    /// A limit.
    #[config(default = TOO_MANY, max = 5)]
    pub constant_breaks_rule: u8,
    /// A limit.
    #[config(required)]
    pub secret_behind_an_alias: Password,
    /// A limit.
    #[config(required)]
    pub not_a_config_value: Port,
    /// A limit.
    #[config(required, parse_with = parse, write_with = write, example = "a")]
    pub wrong_functions: u16,
    /// A limit.
    #[config(default_with = parse, default_doc = "nothing")]
    pub wrong_default: u16,
}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "Store", factory = parse)]
pub struct FactoryOfAFaultyStructConfig {
    pub common: CommonConfig,
}

fn main() {}
