use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(required, secret, example = "hunter2")]
    pub limit: l2_adapter::Secret<String>,
}

fn main() {}
