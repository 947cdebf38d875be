use l2_adapter::ConfigSection;

#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(required)]
    pub limit: u16,
}

fn main() {}
