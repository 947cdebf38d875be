//! The vocabulary of a declarative config: each rule once. The macro, the checks that run in the compiler, the parser,
//! help, schema, examples and tests share it.
//!
//! ```text
//! rule            every rule: its word, its argument, the values it applies to, its fault code, its phrases
//!   number          min, max, above, below, multiple_of, power_of_two: predicates, the range left
//!   string          not_blank, trimmed, lengths, pattern, prefix, must_not_contain; blank characters
//!     pattern         patterns as lists of pieces
//!   address         host, host_port, url
//!   path            exists, access
//!   entries         counts, unique, keys, each
//! obvious         what examples show of a key without examples
//! satisfiable     whether rules can be satisfied together
//! literal         the constants that rules, defaults and examples hold
//! phrases         numbers with nouns, alternatives
//! words           units, and the other words with a closed list of values
//! common_keys     the keys of every adapter spec
//! suggestion      "did you mean"
//! version         versions of a peer, and which of them have something
//! unexpanded      variables that were not expanded
//! ```
//!
//! Predicates are const functions, so that the compiler decides as the parser does; only patterns need a program that runs.

#![forbid(unsafe_code)]
#![deny(clippy::disallowed_methods)]

/// Whether a condition holds for an item of a slice, and a loop over one: constants have neither closures nor `for`.
#[doc(hidden)]
#[macro_export]
macro_rules! any {
    ($item:pat in $items:expr => $holds:expr) => {
        'found: {
            $crate::each!($item in $items => { if $holds { break 'found true; } });
            false
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! each {
    ($item:pat in $items:expr => $body:block) => {{
        let mut rest: &[_] = $items;
        while let [first, others @ ..] = rest {
            rest = others;
            let $item = first;
            $body
        }
    }};
}

mod address;
mod common_keys;
mod entries;
mod literal;
mod number;
mod obvious;
mod path;
mod pattern;
mod phrases;
mod rule;
mod satisfiable;
mod string;
mod suggestion;
mod unexpanded;
mod version;
mod words;

pub use address::{OtherAddress, is_plain_host};
pub use common_keys::COMMON_KEYS;
pub use entries::Entries;
pub use literal::{Literal, LiteralWith};
pub use number::{End, Integers};
pub use obvious::{first_allowed, has_obvious_value, obvious_integer, obvious_number, placeholder};
pub use path::{expected_access, missing_path, refused_access};
pub use pattern::{Characters, Pattern, Piece};
pub use phrases::{counted, one_of};
pub use rule::{Argument, Rule, RuleWith, ValueType, Word, describe_all, first_violated};
pub use satisfiable::{Domain, count_values, unsatisfiable};
pub use string::{BLANK, text_equals};
pub use suggestion::{closest, nearest, same_name};
pub use unexpanded::{Unexpanded, unexpanded, unexpanded_whole};
pub use version::{Version, Versions};
pub use words::{Access, BothNames, ConditionEffect, CrossRuleKind, Leave, PathKind, Unit};
