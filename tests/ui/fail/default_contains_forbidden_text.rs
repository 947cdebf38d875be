use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(default = "a/../b", must_not_contain = "..")]
    pub limit: String,
}

fn main() {}
