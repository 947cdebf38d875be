//! Schemas of integers and numbers. Each rule is there once at most, and some value satisfies all: others do not compile.

use l2_adapter_rules::{Integers, Literal, Rule};
use serde_json::{Map, Value, json};

use super::value::typed;
use crate::literal::{LiteralValue as _, integer_value};

/// The schema of an integer of a Rust type with these bounds. `minimum` and `maximum` are always there: a Rust integer has
/// bounds even without rules.
pub(super) fn integer(type_min: i128, type_max: i128, rules: &[Rule]) -> Map<String, Value> {
    let mut schema = typed("integer");
    let Integers { low, high, factor, power_of_two } = Integers::left(type_min, type_max, rules);
    schema.insert("minimum".to_owned(), integer_value(low));
    schema.insert("maximum".to_owned(), integer_value(high));
    schema.extend((factor > 1).then(|| ("multipleOf".to_owned(), integer_value(factor))));
    if power_of_two {
        let powers = (0..64).map(|exponent| 1_i128 << exponent).filter(|power| (low..=high).contains(power));
        schema.insert("enum".to_owned(), powers.map(integer_value).collect());
        // Editors would list all of them.
        schema.insert("errorMessage".to_owned(), json!(Rule::PowerOfTwo.demand()));
    }
    schema.extend(allowed(rules));
    schema
}

/// The values that rules allow, which satisfy all other rules.
pub(super) fn allowed(rules: &[Rule]) -> Option<(String, Value)> {
    let values = rules.iter().find_map(|rule| if let Rule::Allowed(values) = rule { Some(*values) } else { None })?;
    Some(("enum".to_owned(), values.iter().map(Literal::to_value).collect()))
}

/// The schema of a number whose magnitude does not exceed `type_max`.
pub(super) fn number(type_max: f64, rules: &[Rule]) -> Map<String, Value> {
    // No JSON number that a parser can hold as f64 exceeds f64::MAX.
    let of_type = |bound: f64| Some(Literal::Float(bound)).filter(|_| type_max < f64::MAX);
    let end = |is_lower: bool, is_open: bool| {
        let mut ends = rules.iter().filter_map(Rule::end);
        ends.find(|end| end.is_lower == is_lower && end.is_open == is_open).map(|end| end.bound)
    };
    let mut schema = typed("number");
    let mut insert = |keyword: &str, bound: Option<Literal>| {
        schema.extend(bound.map(|bound| (keyword.to_owned(), bound.to_value())));
    };
    // An exclusive bound implies the type's bound, because it is in the range of the type.
    let (above, below) = (end(true, true), end(false, true));
    insert("minimum", end(true, false).or_else(|| of_type(-type_max).filter(|_| above.is_none())));
    insert("maximum", end(false, false).or_else(|| of_type(type_max).filter(|_| below.is_none())));
    insert("exclusiveMinimum", above);
    insert("exclusiveMaximum", below);
    schema
}
