//! A function with the wrong signature is an error where it is named.

use l2_adapter::{CommonConfig, ConfigSection, L2AdapterConfig, Machine};

fn limit() -> u32 {
    4
}

fn create() {}

fn free(_: &u16) -> Result<(), String> {
    let _: Option<&dyn Machine> = None;
    Ok(())
}

fn parse(text: &str) -> Result<u16, String> {
    text.parse().map_err(|_| "must be a number".to_owned())
}

fn write(limit: &u16) -> String {
    limit.to_string()
}

fn ordered(_: &str) -> Result<(), String> {
    Ok(())
}

fn parse_string(text: String) -> Result<u16, String> {
    text.parse().map_err(|_| "must be a number".to_owned())
}

fn write_number(limit: &u16) -> u16 {
    *limit
}

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(machine_rule(name = "free", doc = "Free.", reads(default_with), check = free))]
#[config(rule(name = "ordered", doc = "Ordered.", reads(default_with), check = ordered))]
pub struct Limits {
    /// A limit.
    #[config(default_with = limit, default_doc = "four")]
    pub default_with: u16,
    /// A limit.
    #[config(required, parse_with = parse, write_with = write, example = "a")]
    pub parse_with: u16,
    /// A limit.
    #[config(required, parse_with = parse_string, write_with = write_number, example = "a")]
    pub write_with: u16,
}

/// Keeps chunks somewhere.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "store", factory = create)]
pub struct FactoryConfig {
    pub common: CommonConfig,
}

fn main() {}
