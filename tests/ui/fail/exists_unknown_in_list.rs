use std::path::PathBuf;

use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The file of limits.
    #[config(required, exists = [device, flie])]
    pub file: PathBuf,
}

fn main() {}
