//! Keys of tables that include other tables.

use l2_adapter_rules::{ConditionEffect, Entries, any, text_equals};

use crate::{
    kind::Kind,
    table::{Condition, Presence, Table},
};

impl Table {
    /// The table it extends and that of the common keys.
    const fn parts(&self) -> [Option<&'static Table>; 2] {
        [self.base, self.common]
    }

    const fn declares(&self, key: &str) -> bool {
        any!(field in self.fields => field.is_named(key))
            || any!(forbidden in self.forbidden => text_equals(forbidden.key, key))
            || any!(part in &self.parts() => matches!(part, Some(part) if part.declares(key)))
    }

    /// Whether one of its own keys is declared by another table.
    const fn meets(&self, other: &Table) -> bool {
        any!(field in self.fields => {
            other.declares(field.key) || any!(alias in field.aliases => other.declares(alias.key))
        }) || any!(forbidden in self.forbidden => other.declares(forbidden.key))
    }

    /// Whether one of its keys is called by another table's key in other systems.
    const fn is_called_as_in(&self, other: &Table) -> bool {
        any!(field in self.fields => {
            any!(foreign in field.also_known_as => any!(name in foreign.names => other.declares(name)))
        })
    }

    const fn collects_rest(&self) -> bool {
        self.rest.is_some() || matches!(self.base, Some(base) if base.collects_rest())
    }

    const fn has_common(&self) -> bool {
        self.common.is_some() || matches!(self.base, Some(base) if base.has_common())
    }

    /// Whether an object without keys may lack one.
    const fn lacks_one(&self) -> bool {
        any!(field in self.fields => {
            matches!(field.presence, Presence::Required)
                || any!(condition in field.conditions => self.is_required_by(condition))
        }) || matches!(&self.rest, Some(rest) if Entries::of(rest.rules).min_items > 0)
            || any!(part in &self.parts() => matches!(part, Some(part) if part.lacks_one()))
    }

    /// Whether a condition requires its key in an object without keys.
    const fn is_required_by(&self, condition: &Condition) -> bool {
        let is_default = any!(other in self.fields => match other.presence {
            Presence::Default(default) if text_equals(other.key, condition.other) => {
                any!(value in condition.values => value.is_same(&default))
            }
            _ => false,
        });
        matches!(condition.effect, ConditionEffect::RequiredIf) && (is_default || condition.values.is_empty())
    }
}

/// Checks that a struct can be read from an object without keys.
#[track_caller]
pub const fn defaults(table: &Table) {
    if table.lacks_one() {
        panic!("this struct has no defaults: one of its keys is required");
    }
}

/// Checks that the type of a field has defaults of its own. `table` is that of a section.
#[track_caller]
pub const fn own_defaults(kind: Kind, table: Option<&Table>) {
    match (kind, table) {
        (_, Some(table)) => defaults(table),
        // Any value, or a type that cannot be read, which is reported elsewhere.
        (Kind::Anything, None) => {}
        _ => panic!("`default` alone is for a section, whose keys have defaults of their own: write `default = ...`"),
    }
}

/// Checks that the keys of a struct, and their names in other systems, are not those of the struct it extends.
#[track_caller]
pub const fn extends(table: &Table) {
    let Some(base) = table.base else { return };
    if table.meets(base) {
        panic!("a key of this struct is already a key of the struct that it extends");
    }
    if table.is_called_as_in(base) {
        panic!("a name in `also_known_as` is a key of the struct it extends: leave it out");
    }
    if table.rest.is_some() && base.collects_rest() {
        panic!("the struct that it extends already collects undeclared keys: remove the field marked `rest`");
    }
    if table.common.is_some() && base.has_common() {
        panic!("the struct that it extends already has the common keys: remove the field of type `CommonConfig`");
    }
    if matches!(table.common, Some(common) if common.meets(base)) {
        panic!("a key of the struct that it extends is a common key, which every adapter has: remove or rename it");
    }
}

/// Checks that the tag of a union is not a key of a variant.
#[track_caller]
pub const fn tag(table: &Table, tag: &str) {
    if table.declares(tag) {
        panic!("the tag of the union is already a key of this variant");
    }
}
