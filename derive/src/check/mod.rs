//! Raw model to checked model: every semantic error of the language. What passes here is emitted without a further
//! question; what only the compiler can know becomes an [`Assertion`](crate::model::Assertion).

mod cross_rules;
mod enums;
mod examples;
mod fields;
mod keys;
mod literals;
mod names;
mod presence;
mod references;
mod rules;
mod satisfiable;
mod structs;
mod texts;

pub(crate) use enums::{check_choice, check_union};
pub(crate) use structs::{Derive, check_struct};
