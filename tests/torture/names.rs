//! Keys with several names, and keys that depend on others.

use l2_adapter::{ConfigChoice, ConfigSection};

use super::shapes::Colour;

/// Keys with several names, and keys that depend on others.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
pub(crate) struct Names {
    /// A key with a name of its own.
    #[config(default = 1, key = "Key.With~Odd/Name", env = "TORTURE_ODD")]
    pub(crate) odd: u8,
    /// A key with another name; not both.
    #[config(required, alias = "host_name", max_length = 6, example = "host-1")]
    pub(crate) host: String,
    /// A key that is taken before its other name.
    #[config(default = 1, alias(key = "port_number", both = key_wins), min = 1)]
    pub(crate) port: u16,
    /// A key whose other name is taken before it.
    #[config(default = 1.0, alias(key = "weight_factor", both = alias_wins), min = 0.0)]
    pub(crate) weight: f64,
    /// A key with an old name and two new ones.
    #[config(alias(key = "limit_bytes", both = refused), alias(key = "max_bytes", both = alias_wins))]
    #[config(legacy(key = "lim", both = key_wins))]
    pub(crate) limit: Option<u32>,
    /// A key that must be there under one of its names.
    #[config(required, alias(key = "must_be", both = key_wins), legacy = "muss")]
    pub(crate) must: bool,
    /// What decides about others.
    #[config(default = "none")]
    pub(crate) scheme: Scheme,
    /// Needed with a password.
    #[config(
        required_if(scheme = "password", reason = "somebody logs in"),
        alias = "login",
        min_length = 1,
        example = "guest"
    )]
    pub(crate) user: Option<String>,
    /// Only with a certificate.
    #[config(forbidden_unless(scheme = ["certificate", "both"]))]
    pub(crate) certificate: Option<String>,
    /// Only with a certificate, and then needed.
    #[config(required_if(scheme = ["certificate", "both"]))]
    #[config(forbidden_unless(scheme = ["certificate", "both"], reason = "nobody reads it"), example = "key.pem")]
    pub(crate) key_file: Option<String>,
    /// With a default, and only where nothing is checked.
    #[config(default = 10, forbidden_unless(scheme = "none"), max = 99)]
    pub(crate) attempts: u8,
    /// A default that makes another key needed.
    #[config(default = "RED")]
    pub(crate) colour: Colour,
    /// Needed with red, which is the default.
    #[config(required_if(colour = "red"), min = 0)]
    pub(crate) shade: Option<i32>,
    /// A number that decides.
    #[config(default = 0)]
    pub(crate) version: u8,
    /// Needed from an old version, allowed with two.
    #[config(required_if(version = 1), forbidden_unless(version = [1, 2]))]
    pub(crate) upgrade: Option<bool>,
    /// Decides when it is there.
    pub(crate) proxy: Option<bool>,
    /// Needed with a proxy.
    #[config(required_if(proxy = true), default = "direct")]
    pub(crate) proxy_host: String,
    /// Needed unless there is only one.
    #[config(required_if(only = absent))]
    pub(crate) several: Option<Vec<u8>>,
    /// One, and no others.
    #[config(forbidden_unless(several = absent, reason = "it would be one of them"))]
    pub(crate) only: Option<u8>,
}

/// How somebody logs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ConfigChoice)]
pub(crate) enum Scheme {
    /// Not at all.
    None,
    /// With a password.
    Password,
    /// With a certificate.
    Certificate,
    /// With both.
    Both,
}
