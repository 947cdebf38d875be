//! Enums, unions and tables that contain themselves.

use std::collections::BTreeMap;

use l2_adapter::{ConfigChoice, ConfigSection, ConfigUnion};
use serde_json::Value;

/// What a node does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ConfigChoice)]
pub(crate) enum Mode {
    /// Only reads.
    Reader,
    /// Only writes.
    Writer,
    /// Reads and writes.
    ReadWrite,
    /// Has a name that is no snake case.
    #[config(name = "RAW (v2)")]
    Raw,
}

/// A colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ConfigChoice)]
#[config(ignore_case)]
pub(crate) enum Colour {
    /// Red.
    Red,
    /// Green.
    Green,
    /// Kelvin begins with a letter that some case foldings take for another.
    #[config(name = "kelvin-s")]
    Kelvin,
}

/// Where things are kept.
#[derive(Debug, Clone, PartialEq, ConfigUnion)]
#[config(tag = "kind")]
pub(crate) enum Storage {
    /// Nowhere.
    Off,
    /// In memory.
    Memory(Memory),
    /// In one place after another.
    #[config(name = "chain")]
    Chain(Chain),
    /// Somewhere with settings of its own.
    Other(Other),
}

/// Memory.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
pub(crate) struct Memory {
    /// How much.
    #[config(required, min = 1, unit = gib)]
    pub(crate) size: u32,
    /// Whether pages are large.
    #[config(default = false)]
    pub(crate) large_pages: bool,
}

/// Places, one after another.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
pub(crate) struct Chain {
    /// The places.
    #[config(required, max_items = 3)]
    pub(crate) places: Vec<Storage>,
}

/// Settings of their own.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
#[config(forbidden(key = "password", reason = "write `token`"))]
pub(crate) struct Other {
    /// The library.
    #[config(required, not_blank, example = "libkv.so")]
    pub(crate) library: String,
    /// Everything else; there is something.
    #[config(rest, min_items = 1)]
    pub(crate) settings: BTreeMap<String, Value>,
}

/// A tree.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
pub(crate) struct Node {
    /// What stands here.
    #[config(default = 0)]
    pub(crate) value: i32,
    /// What is below.
    #[config(default = [], max_items = 3)]
    pub(crate) children: Vec<Node>,
    /// What is below, by name.
    pub(crate) named: Option<BTreeMap<String, Node>>,
}
