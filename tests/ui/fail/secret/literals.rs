use std::collections::BTreeMap;

use l2_adapter::{ConfigSection, Secret};

type Password = Secret<String>;

const PASSWORD: &str = "hunter2";

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// The limit.
    #[config(default = "hunter2", secret)]
    pub default: Secret<String>,
    /// The limit.
    #[config(required, secret, example = "hunter2")]
    pub example: Secret<String>,
    /// The limit.
    #[config(required, secret, allowed = ["hunter2"])]
    pub allowed: Secret<String>,
    /// The limit.
    #[config(secret, each(allowed = [4711]))]
    pub in_list: Option<Vec<Secret<u32>>>,
    /// The limit.
    #[config(required, secret, each(allowed = ["hunter2"]))]
    pub of_list: Secret<Vec<String>>,
    /// The limit.
    #[config(required, secret, keys(allowed = ["hunter2"]))]
    pub of_map: Secret<BTreeMap<String, String>>,
    /// The limit.
    #[config(secret, allowed = [PASSWORD])]
    pub alias: Option<Password>,
    /// The limit.
    #[config(default = PASSWORD, secret)]
    pub constant: Password,
}

fn main() {}
