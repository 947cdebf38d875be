//! Whether literals are values of a kind and satisfy its rules.

use l2_adapter_rules::{Literal, Rule, Versions, any, first_violated, text_equals};

use crate::kind::{ChoiceTable, Kind};

/// Checks a default or an example, which must be allowed in all versions of the peer that have the key.
#[track_caller]
pub const fn literal(kind: Kind, rules: &[Rule], literal: &Literal, versions: Versions) {
    if !has_kind(kind, literal) {
        panic!("this is not a value of the field's type");
    }
    if let Some(rule) = first_violated(rules, literal) {
        panic!("{}", rule.word().violated);
    }
    if !is_allowed_in(kind, literal, &versions) {
        panic!("some versions that have the key do not allow this value");
    }
}

/// Checks the value of a condition.
#[track_caller]
pub const fn condition(kind: Kind, rules: &[Rule], literal: &Literal) {
    if let Kind::Number { .. } = kind.unwrap_optional() {
        panic!("a condition cannot ask about a float, which may be rounded");
    }
    if !has_kind(kind, literal) || first_violated(rules, literal).is_some() {
        panic!("the other field can never have this value");
    }
}

/// Whether a literal can be a value of a kind.
pub(super) const fn has_kind(kind: Kind, literal: &Literal) -> bool {
    match (kind, literal) {
        (Kind::Optional(_), Literal::Null) => true,
        (Kind::Optional(content), literal) => has_kind(*content, literal),
        (Kind::Boolean, Literal::Bool(_)) => true,
        (Kind::Integer { min, max }, Literal::Integer(value)) => *value >= min && *value <= max,
        (Kind::Number { max }, Literal::Float(value)) => *value >= -max && *value <= max,
        (Kind::Number { max }, Literal::Integer(value)) => *value as f64 >= -max && *value as f64 <= max,
        (Kind::String | Kind::Path, Literal::String(_)) => true,
        (Kind::Choice(choices), Literal::String(name)) => choice_named(choices, name).is_some(),
        (Kind::List(kind), Literal::List(items)) => !any!(item in items => !has_kind(*kind, item)),
        (Kind::Map(kind), Literal::Object(entries)) => !any!((_, value) in entries => !has_kind(*kind, value)),
        // Tables cannot be read at compile time, so a test parses all examples.
        (Kind::Section(_) | Kind::Union(_) | Kind::AdapterSpec | Kind::FreeObject, Literal::Object(_)) => true,
        (Kind::Anything, _) => true,
        _ => false,
    }
}

/// Whether versions allow every name in a value.
const fn is_allowed_in(kind: Kind, literal: &Literal, versions: &Versions) -> bool {
    match (kind.unwrap_optional(), literal) {
        (Kind::Choice(choices), Literal::String(name)) => match choice_named(choices, name) {
            Some(index) => choices.variants[index].versions.cover(versions),
            None => true,
        },
        (Kind::List(kind), Literal::List(items)) => !any!(item in items => !is_allowed_in(*kind, item, versions)),
        (Kind::Map(kind), Literal::Object(entries)) => {
            !any!((_, value) in entries => !is_allowed_in(*kind, value, versions))
        }
        _ => true,
    }
}

const fn choice_named(choices: &ChoiceTable, name: &str) -> Option<usize> {
    let mut index = 0;
    while index < choices.variants.len() {
        let known = choices.variants[index].name;
        if text_equals(known, name) || (choices.ignore_case && known.eq_ignore_ascii_case(name)) {
            return Some(index);
        }
        index += 1;
    }
    None
}
