use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The rest.
    #[config(rest)]
    pub rest: Vec<String>,
}

fn main() {}
