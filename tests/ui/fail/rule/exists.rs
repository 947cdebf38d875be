//! The rule that a path exists.

use std::path::PathBuf;

use l2_adapter::ConfigSection;

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// A limit.
    #[config(required, exists = "directory")]
    pub exists_as_string: String,
    /// A limit.
    #[config(required, exists = directroy)]
    pub exists_close_to_one: String,
    /// A limit.
    #[config(required, exists = file)]
    pub exists_on_integer: u16,
    /// A limit.
    #[config(required, exists = file)]
    pub exists_on_list: Vec<String>,
    /// A limit.
    #[config(required, exists = directory, exists = file)]
    pub exists_twice: String,
    /// A limit.
    #[config(required, exists = folder)]
    pub exists_unknown: String,
    /// The file of limits.
    #[config(required, exists = [device, flie])]
    pub exists_unknown_in_list: PathBuf,
    /// A limit.
    #[config(required, exists)]
    pub exists_without_value: String,
}

fn main() {}
