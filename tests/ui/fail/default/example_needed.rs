//! Required keys for which no example can be derived.

use std::{collections::BTreeMap, path::PathBuf};

use l2_adapter::{ConfigSection, Secret};

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct WithoutExample {
    /// A string.
    #[config(required, not_blank)]
    pub text: String,
    /// A path.
    #[config(required, prefix = "/dev/")]
    pub path: PathBuf,
    /// A list of strings.
    #[config(required)]
    pub texts: Vec<String>,
    /// A list of more than one item.
    #[config(required, min_items = 2)]
    pub two_numbers: Vec<u16>,
    /// A map.
    #[config(required)]
    pub map: BTreeMap<String, u16>,
    /// Asked for by another key.
    #[config(required_if(number = 1))]
    pub asked_for: Option<String>,
    /// From an environment variable.
    #[config(required, env = "LIMIT")]
    pub of_a_variable: String,
    /// Read by a function.
    #[config(required, parse_with = read, write_with = write)]
    pub parsed: u16,
    /// A secret, of which no placeholder satisfies the rules.
    #[config(required, secret, pattern = "^[0-9]+$")]
    pub pin: Secret<String>,
    /// Secrets of which none does.
    #[config(required, secret, each(must_not_contain = "-"))]
    pub pins: Vec<Secret<String>>,
    /// A number has an obvious value.
    #[config(required, min = 1)]
    pub number: u16,
    /// So has one of a list.
    #[config(required, allowed = ["cpu", "cuda"])]
    pub device: String,
    /// And a list of numbers.
    #[config(required, min_items = 1)]
    pub numbers: Vec<u16>,
    /// A secret has a placeholder.
    #[config(required, secret, prefix = "sk-", min_length = 20)]
    pub token: Secret<String>,
}

fn read(text: String) -> Result<u16, String> {
    text.parse().map_err(|_| "must be a number".to_owned())
}

fn write(value: &u16) -> String {
    value.to_string()
}

fn main() {}
