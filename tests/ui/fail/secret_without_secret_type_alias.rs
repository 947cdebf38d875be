use l2_adapter::ConfigSection;

type Password = String;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(required, secret)]
    pub limit: Password,
}

fn main() {}
