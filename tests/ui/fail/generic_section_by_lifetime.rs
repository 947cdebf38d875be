use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits<'a> {
    /// The limit.
    #[config(required)]
    pub limit: &'a str,
}

fn main() {}
