//! A type that is not a config value is one error, whatever is done with it.

use std::{collections::BTreeMap, time::Duration};

use l2_adapter::{ConfigSection, ConfigUnion};

/// Not a config value.
#[derive(Debug, Clone)]
pub struct Port(u16);

fn port() -> Port {
    Port(0)
}

/// Limits.
#[derive(Debug, ConfigSection)]
pub struct Limits {
    /// A limit.
    #[config(required)]
    pub alone: Port,
    /// A limit.
    #[config(default_with = port, default_doc = "a port")]
    pub computed: Port,
    /// A limit.
    #[config(default_from = computed)]
    pub copied: Port,
    /// A limit.
    #[config(default = 5, max = 9)]
    pub duration: Duration,
    /// A limit.
    #[config(default)]
    pub with_defaults_of_its_own: Duration,
    /// A limit.
    pub in_a_list_in_an_option: Option<Vec<Port>>,
    /// A limit.
    #[config(rest)]
    pub undeclared: BTreeMap<String, Port>,
}

/// More limits.
#[derive(Debug, ConfigSection)]
pub struct MoreLimits {
    #[config(extends)]
    pub limits: Port,
}

/// A backend.
#[derive(Debug, ConfigUnion)]
#[config(tag = "kind")]
pub enum Backend {
    /// On a port.
    Port(Port),
}

fn main() {}
