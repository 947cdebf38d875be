//! How each Rust type is read from JSON and written back. The types of a struct's fields implement [`ConfigValue`];
//! companion derives implement it for enums and nested structs.
//!
//! ```text
//! containers            options, lists and maps
//! integers, floats      numbers
//! text, boolean         strings, paths and choices; booleans
//! free_form             values passed on unchanged
//! ```

mod boolean;
mod containers;
mod floats;
mod free_form;
mod integers;
mod string;

pub(crate) use containers::read_entries;
pub use string::{choice_of_literal, read_choice};

use l2_adapter_rules::{Literal, Rule};
use serde_json::Value;

use crate::{
    kind::Kind,
    read::{Place, Reader},
    violation::Violation,
};

/// Reports every rule of a place that a value breaks, as `broken` decides for each; returns whether it breaks none.
fn check_rules(
    place: &Place<'_>,
    reader: &mut Reader<'_>,
    value: &Value,
    broken: impl Fn(&Rule) -> Option<Violation>,
) -> bool {
    let mut sound = true;
    for violation in place.rules.iter().filter_map(broken) {
        reader.broken_rule(place, violation, value);
        sound = false;
    }
    sound
}

/// Whether secrets are written out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Secrets {
    /// As they are: for handing a config to another process, never for a log.
    Shown,
    /// Replaced by [`REDACTED`](crate::REDACTED).
    Redacted,
}

/// A type that a config field can have.
///
/// A wrapper implements it by delegating to the inner type; it then works in lists, options, maps and secrets, with rules,
/// defaults and examples.
///
/// ```
/// use l2_adapter_schema::{ConfigValue, Kind, Place, Reader, Secrets};
/// use serde_json::Value;
///
/// struct Port(u16);
///
/// impl ConfigValue for Port {
///     const KIND: Kind = u16::KIND;
///     const SECRET: bool = u16::SECRET;
///
///     fn read(value: &Value, place: &Place<'_>, reader: &mut Reader<'_>) -> Option<Self> {
///         u16::read(value, place, reader).map(Port)
///     }
///
///     fn to_json(&self, secrets: Secrets) -> Option<Value> {
///         self.0.to_json(secrets)
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the type of a config field",
    note = "fields hold booleans, integers of 8 to 64 bits, f32, f64, String, PathBuf, Vec, BTreeMap<String, _>, Option, \
            Given, Secret, AdapterSpec, serde_json values, or a type that derives ConfigSection, ConfigChoice or \
            ConfigUnion",
    note = "another type is read as one of these and converted: #[config(parse_with = ..., write_with = ..., wire = ...)]; \
            a duration is a number with `unit = seconds`, an address a string",
    note = "a type of your own that wraps one of these implements `ConfigValue` in a few lines: see `l2_adapter::attributes`"
)]
pub trait ConfigValue: Sized {
    /// The shape that tables, help and schema show.
    const KIND: Kind;

    /// Whether the type hides its value; fields marked `secret` must, others must not. A wrapper returns the constant of the
    /// inner type: there is no default, so that no wrapper of a [`Secret`](crate::Secret) reveals it by oversight.
    const SECRET: bool;

    /// Reads a value; if it has faults, reports all of them and returns `None`.
    fn read(value: &Value, place: &Place<'_>, reader: &mut Reader<'_>) -> Option<Self>;

    /// The value of a table's default, if it can be constructed without parsing the literal as a document. Otherwise the
    /// literal is parsed.
    fn from_literal(_literal: &Literal) -> Option<Self> {
        None
    }

    /// Fast path for a list whose items are all valid; `None` if one is not, or if the type or the list's rules need more
    /// checks. The list is then read item by item.
    fn read_valid_items(_items: &[Value], _rules: &'static [Rule]) -> Option<Vec<Self>> {
        None
    }

    /// The value of a key that is absent without a default; `None` if the type has no such value.
    fn absent() -> Option<Self> {
        None
    }

    /// Whether this is the value of an absent key. Called only if [`to_json`](Self::to_json) returns `None`: otherwise a number
    /// that is not finite would look like an absent key.
    fn is_absent(&self) -> bool {
        Self::absent().is_some()
    }

    /// The value as JSON; `None` to omit the key.
    fn to_json(&self, secrets: Secrets) -> Option<Value>;
}
