//! Functions and types that are needed, or allowed, only together with another attribute.

use l2_adapter::ConfigSection;

fn parse(text: String) -> Result<u16, String> {
    text.parse().map_err(|_| "must be a number".to_owned())
}

fn parse_for_wire_is_an_option(_: Option<String>) -> Result<u16, String> {
    Ok(5)
}

fn write(_: &u16) -> Option<String> {
    None
}

fn write_with_without_parse_with(limit: &u16) -> String {
    limit.to_string()
}

/// Limits.
#[derive(Debug, ConfigSection)]
#[config(factory = create)]
pub struct Limits {
    /// A limit.
    #[config(required, parse_with = parse)]
    pub parse_with_without_write_with: u16,
    /// A limit.
    #[config(parse_with = parse_for_wire_is_an_option, write_with = write, wire = Option<String>)]
    pub wire_is_an_option: Option<u16>,
    /// A limit.
    #[config(required, wire = u32)]
    pub wire_without_parse_with: u16,
    /// A limit.
    #[config(required, write_with = write_with_without_parse_with)]
    pub write_with_without_parse_with: u16,
    /// A limit.
    #[config(parse_with = parse, write_with = write)]
    pub parse_with_of_given: l2_adapter::Given<u16>,
}

fn main() {}
