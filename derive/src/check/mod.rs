//! Raw model to checked model: every semantic error of the language. What passes here is emitted without a further
//! question; what only the compiler can know becomes an [`Assertion`](crate::model::Assertion).
//!
//! ```text
//! structs               whole structs: other fields than keys, the order of checks
//! enums                 choices and unions
//! cross_rules           cross-field rules, and rules on common keys
//! fields                one field
//! presence, references  the meaning of an absent key, and the versions that lack one; conditions on other fields
//! literals, rules       values in attributes; rules on values
//! examples              whether a key needs an example
//! satisfiable, texts    whether rules can be satisfied together; whether a text can satisfy a pattern and other rules
//! names                 names that the language restricts, keys, names of other systems
//! ```

mod cross_rules;
mod enums;
mod examples;
mod fields;
mod literals;
mod names;
mod presence;
mod references;
mod rules;
mod satisfiable;
mod structs;
mod texts;

pub(crate) use enums::check_enum;
pub(crate) use structs::check_struct;
