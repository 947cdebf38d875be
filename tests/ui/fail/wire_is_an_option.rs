use l2_adapter::ConfigSection;

fn parse(_: Option<String>) -> Result<u16, String> {
    Ok(5)
}

fn write(_: &u16) -> Option<String> {
    None
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(parse_with = parse, write_with = write, wire = Option<String>)]
    pub limit: Option<u16>,
}

fn main() {}
