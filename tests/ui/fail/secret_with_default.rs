use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(default = "hunter2", secret)]
    pub limit: l2_adapter::Secret<String>,
}

fn main() {}
