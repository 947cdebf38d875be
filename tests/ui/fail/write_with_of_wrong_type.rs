use l2_adapter::ConfigSection;

fn parse(text: String) -> Result<u16, String> {
    text.parse().map_err(|_| "must be a number".to_owned())
}

fn write(limit: &u16) -> u16 {
    *limit
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(required, parse_with = parse, write_with = write)]
    pub limit: u16,
}

fn main() {}
