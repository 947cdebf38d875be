//! Checks that the derive leaves to the compiler, because only it knows a type or a constant: functions that a constant
//! calls and that fail to evaluate, with a sentence, where a table would be wrong.
//!
//! They cannot name values, since text cannot be made in a constant; the compiler shows the place.

mod keys;
mod literals;
mod obvious;
mod rules;
mod together;

pub use keys::{defaults, extends, own_defaults, tag};
pub use literals::{condition, literal};
pub use obvious::obvious;
pub use rules::{bound, rules};
pub use together::together;

use crate::kind::Kind;

/// Checks that the type of a field that is the spec of an adapter passes any object on.
#[track_caller]
pub const fn free_form(kind: Kind) {
    // Any value, too: the type of a field that cannot be read is reported elsewhere.
    if !matches!(kind, Kind::FreeObject | Kind::Anything) {
        panic!("`spec_of` is for a free-form object: write `Map<String, Value>`");
    }
}

/// Checks that `unit` is on numbers, or on a list or map of them.
#[track_caller]
pub const fn unit(kind: Kind) {
    match kind {
        Kind::Optional(inner) | Kind::List(inner) | Kind::Map(inner) => unit(*inner),
        Kind::Integer { .. } | Kind::Number { .. } | Kind::Anything => {}
        _ => panic!("`unit` is the unit of a number, and this is none"),
    }
}

/// Checks that the type of a field hides its value if the field is marked `secret`, and only then.
#[track_caller]
pub const fn secret(is_marked: bool, is_hidden: bool) {
    if is_marked && !is_hidden {
        panic!("the type of a secret must hide it: write `Secret<...>`");
    }
    if is_hidden && !is_marked {
        panic!("mark the field #[config(secret)]: its type hides its value");
    }
}
