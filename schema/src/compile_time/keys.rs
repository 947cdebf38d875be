//! Keys of tables that include other tables.

use l2_adapter_rules::{any, text_equals};

use crate::kind::Kind;

/// The keys of a table and of the tables that it includes: the part of a table that constants can read.
#[derive(Debug)]
pub struct Keys {
    /// The table's own keys, aliases and forbidden keys.
    pub own: &'static [&'static str],
    /// Whether the table collects undeclared keys.
    pub rest: bool,
    /// Whether an object without keys may lack one of the table's own.
    pub required: bool,
    /// The keys of the table it extends and of the common keys.
    pub parts: &'static [&'static Keys],
}

impl Keys {
    /// No keys.
    pub const NONE: Keys = Keys { own: &[], rest: false, required: false, parts: &[] };

    const fn contain(&self, key: &str) -> bool {
        any!(own in self.own => text_equals(own, key)) || any!(part in self.parts => part.contain(key))
    }

    /// Whether one of `self`'s keys is among `others`.
    const fn meet(&self, others: &Keys) -> bool {
        any!(own in self.own => others.contain(own)) || any!(part in self.parts => part.meet(others))
    }

    const fn lack_one(&self) -> bool {
        self.required || any!(part in self.parts => part.lack_one())
    }

    const fn take_rest(&self) -> bool {
        self.rest || any!(part in self.parts => part.take_rest())
    }
}

/// Checks that a struct can be read from an object without keys.
#[track_caller]
pub const fn defaults(keys: &Keys) {
    if keys.lack_one() {
        panic!("this struct has no defaults: one of its keys is required");
    }
}

/// Checks that the type of a field has defaults of its own. `keys` are those of a section.
#[track_caller]
pub const fn own_defaults(kind: Kind, keys: Option<&Keys>) {
    match (kind, keys) {
        (_, Some(keys)) => defaults(keys),
        // Any value, or a type that cannot be read, which is reported elsewhere.
        (Kind::Anything, None) => {}
        _ => panic!("`default` alone is for a section, whose keys have defaults of their own: write `default = ...`"),
    }
}

/// Checks that the keys of a struct are not those of the struct it extends.
#[track_caller]
pub const fn extends(keys: &Keys, base: &Keys) {
    let own = Keys { own: keys.own, rest: false, required: false, parts: &[] };
    if own.meet(base) {
        panic!("a key of this struct is already a key of the struct that it extends");
    }
    if keys.rest && base.take_rest() {
        panic!("the struct that it extends already collects undeclared keys: remove the field marked `rest`");
    }
    if keys.parts.len() > 1 && keys.parts[1].meet(base) {
        panic!("the struct that it extends already has the common keys: remove the field of type `CommonConfig`");
    }
}

/// Checks that the names of other systems are not keys of the struct it extends.
#[track_caller]
pub const fn foreign_names(names: &[&str], base: &Keys) {
    if any!(name in names => base.contain(name)) {
        panic!("a name in `also_known_as` is a key of the struct it extends: leave it out");
    }
}

/// Checks that the tag of a union is not a key of a variant.
#[track_caller]
pub const fn tag(keys: &Keys, tag: &str) {
    if keys.contain(tag) {
        panic!("the tag of the union is already a key of this variant");
    }
}
