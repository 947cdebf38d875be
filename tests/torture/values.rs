//! Sections of scalars, lists and maps with every rule there is.

use std::{collections::BTreeMap, path::PathBuf};

use l2_adapter::ConfigSection;
use serde_json::Value;

use super::shapes::{Colour, Mode};

/// Integers of every width, with every rule.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
pub(crate) struct Integers {
    /// 8 bits.
    #[config(default = -128)]
    pub(crate) i8: i8,
    /// 16 bits.
    #[config(default = 32767, above = -5)]
    pub(crate) i16: i16,
    /// 32 bits.
    #[config(default = 0, above = -1000000, below = 1000000)]
    pub(crate) i32: i32,
    /// 64 bits.
    #[config(default = -9223372036854775808)]
    pub(crate) i64: i64,
    /// 8 bits, no sign.
    #[config(default = 7, allowed = [7, 128, 255])]
    pub(crate) u8: u8,
    /// 16 bits, no sign.
    #[config(default = 1, min = 1)]
    pub(crate) u16: u16,
    /// 32 bits, no sign.
    #[config(default = 512, multiple_of = 512, min = 1)]
    pub(crate) u32: u32,
    /// 64 bits, no sign.
    #[config(default = 18446744073709551615, unit = bytes)]
    pub(crate) u64: u64,
    /// A size.
    #[config(default = 4096, power_of_two, min = 4, max = 1099511627776, unit = bytes)]
    pub(crate) power: u64,
    /// Any power of two.
    #[config(default = 1, power_of_two)]
    pub(crate) any_power: u64,
    /// A power of two that fits a sign.
    #[config(default = 64, power_of_two)]
    pub(crate) signed_power: i16,
    /// A factor that is no power of two.
    #[config(default = 0, multiple_of = 30, max = 9007199254740993)]
    pub(crate) two_factors: i64,
    /// A large factor.
    #[config(default = 0, multiple_of = 1099511627776)]
    pub(crate) large_factor: u64,
    /// Seconds.
    #[config(min = 1, max = 86400, unit = seconds)]
    pub(crate) timeout: Option<u32>,
    /// No room on either side.
    #[config(default = 5, min = 5, max = 5)]
    pub(crate) only_five: i8,
}

/// Numbers with a fraction.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
pub(crate) struct Numbers {
    /// 32 bits.
    #[config(default = 0.1)]
    pub(crate) f32: f32,
    /// 64 bits.
    #[config(default = 1e300)]
    pub(crate) f64: f64,
    /// A share.
    #[config(default = 0.8, min = 0.0, max = 1.0)]
    pub(crate) share: f64,
    /// A positive number.
    #[config(default = 1.0, above = 0.0)]
    pub(crate) positive: f64,
    /// A number between others.
    #[config(default = 0.3, above = 0.1, below = 0.7)]
    pub(crate) open: f32,
    /// A closed range whose ends are no 32-bit numbers.
    #[config(default = 0.1, min = 0.1, max = 0.3)]
    pub(crate) closed: f32,
    /// An integer bound.
    #[config(default = 2.5, min = -3, max = 3)]
    pub(crate) whole_bounds: f64,
    /// Bounds where integers and floats part.
    #[config(default = 9007199254740992.0, above = -9007199254740993, max = 9007199254740993)]
    pub(crate) large_bounds: f64,
    /// A bound that is no exact number.
    #[config(max = 0.1)]
    pub(crate) tenth: Option<f64>,
}

/// Strings with every rule.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
pub(crate) struct Texts {
    /// Any string.
    #[config(default = "")]
    pub(crate) any: String,
    /// One of a few.
    #[config(default = "a", allowed = ["a", "b c", "É", "\"quoted\""])]
    pub(crate) allowed: String,
    /// Something.
    #[config(default = "x", not_blank)]
    pub(crate) not_blank: String,
    /// Nothing around it.
    #[config(default = "", trimmed)]
    pub(crate) trimmed: String,
    /// Both.
    #[config(default = "x", not_blank, trimmed)]
    pub(crate) both: String,
    /// A few characters.
    #[config(default = "abc", min_length = 3, max_length = 5)]
    pub(crate) length: String,
    /// Lower-case words.
    #[config(default = "a-b", pattern = "^[a-z]+-?[a-z]*$")]
    pub(crate) words: String,
    /// A version.
    #[config(default = "v1.2", pattern = "^v[0-9]{1,3}\\.[0-9]+$")]
    pub(crate) version: String,
    /// A digit somewhere.
    #[config(default = "0", pattern = "[0-9]")]
    pub(crate) digit: String,
    /// Ends with a dollar sign.
    #[config(default = "$", pattern = "\\$$")]
    pub(crate) dollar: String,
    /// An address.
    #[config(default = "s3://b", prefix = "s3://", must_not_contain = "..", must_not_contain = "[")]
    pub(crate) address: String,
    /// A host.
    #[config(default = "h", host)]
    pub(crate) host: String,
    /// A host as it is written before a port.
    #[config(not_blank, host = [bracketed, scoped], example = "[fe80::1%eth0]")]
    pub(crate) scoped_host: Option<String>,
    /// A host and its port.
    #[config(default = "h:1", host_port)]
    pub(crate) host_port: String,
    /// Several of these.
    #[config(default = "a:1, b:2", host_port = listed)]
    pub(crate) nodes: String,
    /// A URL.
    #[config(default = "tcp://h:1", url)]
    pub(crate) url: String,
    /// Better a URL.
    #[config(default = "", url = [listed, advised])]
    pub(crate) advised_urls: String,
    /// No line ends.
    #[config(default = "", must_not_contain = "\n", must_not_contain = "\r")]
    pub(crate) line: String,
    /// A relative path.
    #[config(trimmed, min_length = 1, must_not_contain = "\\")]
    pub(crate) path: Option<PathBuf>,
    /// A device or a link to one.
    #[config(not_blank, exists = device)]
    pub(crate) device: Option<String>,
    /// A colour in either case.
    #[config(default = "red")]
    pub(crate) colour: Colour,
    /// Begins with all characters to which patterns give a meaning, and some to which they give none.
    #[config(default = "^$\\.*+?()[]{}|/-#&~ ", prefix = "^$\\.*+?()[]{}|/-#&~ ")]
    pub(crate) marked: String,
    /// Has them nowhere.
    #[config(default = "", must_not_contain = "^$\\.*+?()[]{}|/-#&~ ")]
    pub(crate) unmarked: String,
    /// One of a few, or nothing.
    #[config(allowed = ["a", ""])]
    pub(crate) allowed_or_none: Option<String>,
    /// A name.
    #[config(min_length = 1, max_length = 8, pattern = "^[A-Za-z_][A-Za-z0-9_]*$")]
    pub(crate) name: Option<String>,
}

/// Lists with every rule.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
pub(crate) struct Lists {
    /// Any booleans.
    #[config(default = [])]
    pub(crate) flags: Vec<bool>,
    /// Ports.
    #[config(default = [1], min_items = 1, max_items = 3, unique, each(min = 1, max = 65535))]
    pub(crate) ports: Vec<u16>,
    /// Numbers that may not repeat, however they are written.
    #[config(default = [], unique)]
    pub(crate) numbers: Vec<Option<i64>>,
    /// Pairs.
    #[config(default = [[1, 2]], each(min_items = 2, max_items = 2, unique, each(min = 0)))]
    pub(crate) pairs: Vec<Vec<i64>>,
    /// Names or nothing.
    #[config(default = [], each(not_blank))]
    pub(crate) holes: Vec<Option<String>>,
    /// Files.
    #[config(default = [], max_items = 3, each(prefix = "/", exists = file))]
    pub(crate) files: Vec<PathBuf>,
    /// Colours.
    #[config(default = ["red", "green"], max_items = 3)]
    pub(crate) colours: Vec<Colour>,
    /// What may be done.
    #[config(default = ["reader"], unique)]
    pub(crate) modes: Vec<Mode>,
    /// Sections.
    #[config(max_items = 2)]
    pub(crate) sections: Option<Vec<Point>>,
    /// Anything, once.
    #[config(default = [], unique, max_items = 4)]
    pub(crate) once: Vec<Value>,
}

/// A point.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
pub(crate) struct Point {
    /// Rightwards.
    #[config(required)]
    pub(crate) x: i32,
    /// Upwards.
    #[config(default = 0)]
    pub(crate) y: i32,
}

/// Maps with every rule.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
pub(crate) struct Maps {
    /// Any names and switches.
    pub(crate) switches: Option<BTreeMap<String, bool>>,
    /// Weights by name.
    #[config(required, min_items = 1, max_items = 3)]
    #[config(keys(not_blank, trimmed, max_length = 6), each(above = 0.0), example = {"a": 1, "b": 0.5})]
    pub(crate) weights: BTreeMap<String, f32>,
    /// Lists by name.
    #[config(required, keys(prefix = "list-", must_not_contain = "/"), each(min_items = 1, each(max = 9)), example = {"list-a": [1, 2]})]
    pub(crate) lists: BTreeMap<String, Vec<u8>>,
    /// Switches by directory.
    #[config(default_with = BTreeMap::new, default_doc = "none", keys(exists = directory))]
    pub(crate) directories: BTreeMap<String, bool>,
    /// Points by name.
    #[config(required, keys(allowed = ["start", "end"]), example = {"end": {"x": 1}})]
    pub(crate) points: BTreeMap<String, Point>,
}
