use l2_adapter::ConfigSection;

fn parse(text: String) -> Result<u16, String> {
    text.parse().map_err(|_| "must be a number".to_owned())
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(required, parse_with = parse)]
    pub limit: u16,
}

fn main() {}
