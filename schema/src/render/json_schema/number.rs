//! Schemas of integers and numbers.

use std::cmp::Ordering;

use l2_adapter_rules::{Bound, Integers, Literal, Rule};
use serde_json::{Map, Number, Value, json};

use super::value::typed;
use crate::literal::integer_value;

/// The schema of an integer of a Rust type with these bounds. `minimum` and `maximum` are always there: a Rust integer has
/// bounds even without rules.
pub(super) fn integer(type_min: i128, type_max: i128, rules: &[Rule]) -> Map<String, Value> {
    let mut schema = typed("integer");
    let Integers { low: min, high: max, .. } = Integers::left(type_min, type_max, rules);
    if min > max {
        // Such bounds may not fit a JSON integer; no integer keeps them.
        add_list(&mut schema, "integer", Vec::new());
        return schema;
    }
    schema.insert("minimum".to_owned(), integer_value(min));
    schema.insert("maximum".to_owned(), integer_value(max));
    add_factors(&mut schema, rules);
    if let Some(values) = listed_integers(min, max, rules) {
        add_list(&mut schema, "integer", values.into_iter().map(integer_value).collect());
    }
    if rules.iter().any(|rule| matches!(rule, Rule::PowerOfTwo)) {
        // Editors would list all of them.
        schema.insert("errorMessage".to_owned(), json!(Rule::PowerOfTwo.demand()));
    }
    schema
}

/// The integers between two bounds that the rules list: allowed values and powers of two. `None` if no rule lists any.
fn listed_integers(min: i128, max: i128, rules: &[Rule]) -> Option<Vec<i128>> {
    let lists = rules.iter().filter_map(|rule| match rule {
        Rule::Allowed(values) => Some(values.iter().filter_map(Literal::as_integer).collect()),
        Rule::PowerOfTwo => Some((0..64).map(|exponent| 1_i128 << exponent).collect::<Vec<_>>()),
        _ => None,
    });
    let in_both = |left: Vec<i128>, right: Vec<i128>| left.into_iter().filter(|value| right.contains(value)).collect();
    let in_range = |values: Vec<i128>| values.into_iter().filter(|value| (min..=max).contains(value)).collect();
    lists.reduce(in_both).map(in_range)
}

fn add_factors(schema: &mut Map<String, Value>, rules: &[Rule]) {
    let factors: Vec<u64> = rules
        .iter()
        .filter_map(|rule| if let Rule::MultipleOf(factor) = rule { Some(*factor) } else { None })
        .collect();
    match factors.as_slice() {
        [] => {}
        factors if factors.contains(&0) => add_list(schema, "integer", Vec::new()),
        [factor] => {
            schema.insert("multipleOf".to_owned(), json!(factor));
        }
        many => {
            let each = many.iter().map(|factor| json!({ "multipleOf": factor }));
            schema.insert("allOf".to_owned(), each.collect());
        }
    }
}

/// Narrows a schema of one JSON type to a list of values. An `enum` may not be empty: where nothing is left, the type is
/// refused, and `null` is left to the schema that allows it.
pub(super) fn add_list(schema: &mut Map<String, Value>, type_name: &str, values: Vec<Value>) {
    if values.is_empty() {
        schema.insert("not".to_owned(), json!({ "type": type_name }));
    } else {
        schema.insert("enum".to_owned(), Value::Array(values));
    }
}

/// The schema of a number whose magnitude does not exceed `type_max`.
pub(super) fn number(type_max: f64, rules: &[Rule]) -> Map<String, Value> {
    // No JSON number that a parser can hold as f64 exceeds f64::MAX.
    let (type_min, type_max) =
        if type_max < f64::MAX { (Some(Bound::Float(-type_max)), Some(Bound::Float(type_max))) } else { (None, None) };
    let bounds = |is_lower: bool, is_open: bool| {
        let ends = rules.iter().filter_map(Rule::end);
        ends.filter(move |end| end.is_lower == is_lower && end.is_open == is_open).map(|end| end.bound)
    };

    let mut schema = typed("number");
    let mut insert = |keyword: &str, bound: Option<Bound>| {
        schema.extend(bound.and_then(json_number).map(|bound| (keyword.to_owned(), bound)));
    };
    let (above, below) = (bounds(true, true).max_by(order), bounds(false, true).min_by(order));
    // An exclusive bound implies the type's bound, because it is in the range of the type.
    insert("minimum", bounds(true, false).chain(type_min.filter(|_| above.is_none())).max_by(order));
    insert("maximum", bounds(false, false).chain(type_max.filter(|_| below.is_none())).min_by(order));
    insert("exclusiveMinimum", above);
    insert("exclusiveMaximum", below);
    schema
}

fn order(left: &Bound, right: &Bound) -> Ordering {
    left.sign(*right).unwrap_or_default().cmp(&0)
}

/// The bound as it was written: an integer beyond 2^53 may have no `f64` of its own.
fn json_number(bound: Bound) -> Option<Value> {
    match bound {
        Bound::Integer(value) => Some(integer_value(value)),
        Bound::Float(value) => Number::from_f64(value).map(Value::Number),
        Bound::Constant(never) => match never {},
    }
}
