//! Why rules cannot be satisfied together, on types that the macro knows. `compile_time::together` in the schema crate asks
//! the same of types that only the compiler knows.

use l2_adapter_rules::{Domain, Entries, count_values, unsatisfiable};

use super::texts;
use crate::model::{Literal, Rule, Shape};

/// Why no value can satisfy all the rules on a value of some shape, as far as tokens show.
pub(super) fn why_unsatisfiable(rules: &[Rule], shape: &Shape) -> Option<String> {
    let shape = shape.content();
    if let Shape::Float { name: "f32", .. } = shape
        && let Some(why) = between_neighbours(rules)
    {
        return Some(why);
    }
    if let Some(why) = unsatisfiable(domain(shape, rules), rules) {
        return Some(why.to_owned());
    }
    rules.iter().find_map(|rule| match rule {
        Rule::Pattern(pattern) => texts::why_none(pattern, rules),
        _ => None,
    })
}

/// What values of a shape are to rules, given those on lists.
fn domain(shape: &Shape, rules: &[Rule]) -> Domain {
    match shape.content() {
        Shape::Bool => Domain::Finite(2),
        Shape::Integer { min, max, .. } => Domain::Integers { min: *min, max: *max },
        Shape::Float { max, .. } => Domain::Floats { max: *max },
        // An alias may stand for a string: rules for strings are for nothing else.
        Shape::String | Shape::Path | Shape::Unknown => Domain::Strings,
        Shape::List(item) => Domain::Lists { items: count(item, Entries::of(rules).each) },
        Shape::Map(_) => Domain::Maps,
        Shape::Optional(_) => Domain::Other,
    }
}

/// How many values of a shape satisfy rules; `None` if they are too many to be counted.
fn count(shape: &Shape, rules: &[Rule]) -> Option<i128> {
    match shape {
        // Rules are for what is there, and `null` is one value more.
        Shape::Optional(content) => count(content, rules).map(|values| values.saturating_add(1)),
        shape => count_values(domain(shape, rules), rules),
    }
}

/// Why no `f32` is inside a range, which may be between two of them. A document's number is rounded to the nearest `f32`.
fn between_neighbours(rules: &[Rule]) -> Option<String> {
    let bound = |lower: bool| {
        let end = rules.iter().filter_map(Rule::end).find(|end| end.is_lower == lower)?;
        if let Literal::Float(bound) = end.bound { Some(bound) } else { None }
    };
    let (low, high) = (bound(true)?, bound(false)?);
    let nearest = low as f32;
    let is_inside = |float: f32| {
        // As the engine compares it: by the shortest decimal that means it.
        let float = if float.fract() == 0.0 { f64::from(float) } else { float.to_string().parse().ok()? };
        rules.iter().all(|rule| rule.accepts_float(float)).then_some(())
    };
    let candidates = [nearest.next_down(), nearest, nearest.next_up()];
    let none_is = !candidates.into_iter().any(|float| is_inside(float).is_some());
    none_is.then(|| format!("no `f32` is from {low:?} to {high:?}"))
}
