use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(default_doc = "the number of CPUs")]
    pub limit: u16,
}

fn main() {}
