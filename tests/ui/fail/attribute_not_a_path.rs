use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(required, parse_with = "parse", write_with = write)]
    pub limit: u16,
}

fn main() {}
