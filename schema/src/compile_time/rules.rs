//! Whether rules apply to a kind.

use l2_adapter_rules::{Literal, Rule, any, each};

use super::literals::has_kind;
use crate::kind::Kind;

/// The bound of a range that was written as a constant.
#[track_caller]
pub const fn bound(literal: Literal) -> Literal {
    match literal {
        Literal::Integer(_) | Literal::Float(_) => literal,
        _ => panic!("a bound must be a number"),
    }
}

/// Checks that rules apply to a kind.
#[track_caller]
pub const fn rules(kind: Kind, rules: &[Rule]) {
    if let Some(fault) = misfit_among(kind, rules) {
        panic!("{}", fault);
    }
}

/// Why a rule, or one inside it, does not apply to a kind.
pub(super) const fn misfit(kind: Kind, rule: &Rule) -> Option<&'static str> {
    let kind = kind.unwrap_optional();
    if !rule.word().applies_to(kind.value_type()) {
        return Some(rule.word().misapplied);
    }
    match (kind, rule) {
        (_, Rule::Allowed(values)) if any!(value in *values => !has_kind(kind, value)) => {
            Some("this allowed value is not a value of the field's type")
        }
        (_, Rule::Allowed(_)) => None,
        (Kind::List(item), Rule::Unique) if !is_written_one_way(*item) => Some(
            "`unique` compares items as they are written, and equal items of this type can have different spellings",
        ),
        (Kind::List(item) | Kind::Map(item), Rule::Each(rules)) => misfit_among(*item, rules),
        (_, Rule::Keys(rules)) => misfit_among(Kind::String, rules),
        (kind, rule) => match rule.end() {
            Some(end) => bound_misfit(kind, end.bound),
            None => None,
        },
    }
}

const fn misfit_among(kind: Kind, rules: &[Rule]) -> Option<&'static str> {
    each!(rule in rules => {
        if let Some(fault) = misfit(kind, rule) {
            return Some(fault);
        }
    });
    None
}

/// Whether equal values of a kind always come from equal JSON. Otherwise a list whose JSON items are unique may have repeated
/// items after it is parsed and written.
const fn is_written_one_way(kind: Kind) -> bool {
    match kind {
        Kind::Optional(content) | Kind::List(content) | Kind::Map(content) => is_written_one_way(*content),
        Kind::Choice(choices) => !choices.ignore_case,
        // Numbers are rounded; defaults may be written out or not.
        Kind::Number { .. } | Kind::Section(_) | Kind::Union(_) | Kind::AdapterSpec => false,
        _ => true,
    }
}

const fn bound_misfit(kind: Kind, bound: Literal) -> Option<&'static str> {
    match (kind, bound) {
        (Kind::Integer { min, max }, Literal::Integer(value)) if value < min || value > max => {
            Some("the bound is outside the field's integer type")
        }
        (Kind::Integer { .. }, Literal::Float(_)) => Some("the bound of an integer must be an integer"),
        (Kind::Number { max }, bound) if !(bound.as_f64() >= -max && bound.as_f64() <= max) => {
            Some("the bound is outside the field's float type")
        }
        _ => None,
    }
}
