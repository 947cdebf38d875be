//! `since` and `until` that make no range, and keys that no version can do without.

use l2_adapter::{ConfigChoice, ConfigSection, RuleError};

#[derive(Debug, ConfigSection)]
/// Limits.
#[config(rule(name = "rule_of_no_version", doc = "A rule.", reads(empty_range), check = check, since = "soon"))]
#[config(warning(name = "unknown_part", doc = "A rule.", reads(empty_range), check = check, sine = "0.5.7"))]
pub struct Limits {
    /// A range in which no version lies.
    #[config(default = 1, since = "0.5.7", until = "0.5.7")]
    pub empty_range: u16,
    /// A range of two peers.
    #[config(default = 1, since = "LMCache 0.5.6", until = "vLLM 0.9")]
    pub other_peer: u16,
    /// A pre-release.
    #[config(default = 1, since = "0.5.7rc2")]
    pub pre_release: u16,
    /// A name alone.
    #[config(default = 1, until = "LMCache")]
    pub no_version: u16,
    /// Its absence is a fault in the versions that lack it.
    #[config(required, since = "0.5.7")]
    pub required: u16,
    /// Its default is written, also for the versions that lack it.
    #[config(default_from = required, since = "0.5.7")]
    pub copied: u16,
    /// Twice the same.
    #[config(default = 1, since = "0.5.7", since = "0.5.8")]
    pub since_twice: u16,
}

/// A colour.
#[derive(Debug, ConfigChoice)]
pub enum Colour {
    /// Red.
    #[config(since = "one")]
    Red,
}

fn check(_: &u16) -> Result<(), RuleError> {
    Ok(())
}

fn main() {}
