use l2_adapter::ConfigSection;

fn write(limit: &u16) -> String {
    limit.to_string()
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(required, write_with = write)]
    pub limit: u16,
}

fn main() {}
