use l2_adapter::ConfigSection;

type Password = l2_adapter::Secret<String>;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(required)]
    pub limit: Password,
}

fn main() {}
