//! Generates values that satisfy the kind and rules of a place, and values that nearly do.
//!
//! A value may still be invalid, because the generator does not know functions and other keys. The parser decides.

mod any;
mod number;
mod string;
mod value;

pub(super) use any::{nested, number};
pub(super) use string::near_misses;

use fastrand::Rng;
use l2_adapter_schema::{Field, Literal, LiteralValue as _, Presence, Table};
use serde_json::Value;

use super::places::{Place, Role};

/// Generates values, the same ones for the same seed.
pub(super) struct Generator<'a> {
    pub(super) random: Rng,
    /// The tables of the adapter types that specs may name.
    adapters: &'a [&'static Table],
}

impl<'a> Generator<'a> {
    pub(super) fn new(seed: u64, adapters: &'a [&'static Table]) -> Self {
        Self { random: Rng::with_seed(seed), adapters }
    }

    /// Whether something that happens once in `count` times happens.
    pub(super) fn one_in(&mut self, count: u32) -> bool {
        self.random.u32(0..count) == 0
    }

    /// A value for a place, which is valid there unless other values or functions refuse it.
    pub(super) fn value_at(&mut self, place: &Place) -> Value {
        match &place.role {
            Role::Key(_, field) => self.field_value(field),
            Role::Tag(names, _) => self.random.choice(names).copied().unwrap_or_default().into(),
            Role::Value | Role::Refused(_) => self.value(place.kind, place.rules),
        }
    }

    /// A value of a field, sometimes one of its documented examples or its default.
    pub(super) fn field_value(&mut self, field: &Field) -> Value {
        let mut documented: Vec<Literal> = field.examples.to_vec();
        if let Presence::Default(literal) = field.presence {
            documented.push(literal);
        }
        // A function may refuse nearly everything that kind and rules allow.
        let documented_in_ten = if field.parsed_by_function { 8 } else { 2 };
        match self.random.choice(documented) {
            Some(literal) if self.random.u8(0..10) < documented_in_ten => literal.to_value(),
            _ => self.value(field.kind, field.rules),
        }
    }
}
