//! Rules that can be satisfied one by one and not together: a field with them could have no value. Of types that only the
//! compiler knows, `compile_time::together` in the schema crate decides the same.

use l2_adapter_rules::{BLANK, End, Entries, Integers, values_left};

use super::texts;
use crate::model::{Bound, Rule, Shape};

/// Why no value satisfies all the rules on a value of some shape, as far as tokens tell.
pub(super) fn why_unsatisfiable(rules: &[Rule], shape: &Shape) -> Option<String> {
    match shape.content() {
        Shape::Integer { name, min, max } => integers(rules, name, *min, *max),
        Shape::Float { name, max } => floats(rules, name, *max),
        Shape::Text | Shape::Path => text(rules),
        Shape::List(item) => list(rules, item),
        Shape::Map(_) => map(rules),
        _ => None,
    }
}

fn integers(rules: &[Rule], name: &str, type_min: i128, type_max: i128) -> Option<String> {
    let left = Integers::left(type_min, type_max, rules);
    if left.count() > 0 {
        return None;
    }
    let Integers { low, high, factor, power_of_two } = left;
    Some(match (factor, power_of_two) {
        _ if low > high => format!("no `{name}` is inside these bounds"),
        (1, _) => format!("no power of two is from {low} to {high}"),
        (factor, true) => format!("no power of two from {low} to {high} is a multiple of {factor}"),
        (factor, false) => format!("no multiple of {factor} is from {low} to {high}"),
    })
}

fn floats(rules: &[Rule], name: &str, type_max: f64) -> Option<String> {
    if name == "f32"
        && let Some(why) = between_neighbours(rules)
    {
        return Some(why);
    }
    let is_past = |end: End<_>| {
        let bound = end.bound.as_f64();
        end.is_open && if end.is_lower { bound >= type_max } else { bound <= -type_max }
    };
    rules.iter().filter_map(Rule::end).any(is_past).then(|| format!("no `{name}` is inside these bounds"))
}

/// Why no `f32` is inside a range, which may lie between two of them. A number of a document is rounded to the nearest.
fn between_neighbours(rules: &[Rule]) -> Option<String> {
    let bound = |lower: bool| {
        let end = rules.iter().filter_map(Rule::end).find(|end| end.is_lower == lower)?;
        if let Bound::Float(bound) = end.bound { Some(bound) } else { None }
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

fn text(rules: &[Rule]) -> Option<String> {
    let longest = rules.iter().find_map(|rule| match rule {
        Rule::MaxLength(size) => Some(*size),
        _ => None,
    });
    if longest == Some(0) && rules.iter().any(|rule| matches!(rule, Rule::NotBlank)) {
        return Some("the empty string is blank, and no other has at most 0 characters".to_owned());
    }
    let prefix = rules.iter().find_map(|rule| match rule {
        Rule::Prefix(prefix) => Some(*prefix),
        _ => None,
    });
    if let Some(why) = prefix.and_then(|prefix| text_with_prefix(rules, prefix, longest)) {
        return Some(why);
    }
    rules.iter().find_map(|rule| match rule {
        Rule::Pattern(pattern) => texts::why_none(pattern, rules),
        _ => None,
    })
}

fn text_with_prefix(rules: &[Rule], prefix: &str, longest: Option<usize>) -> Option<String> {
    let length = prefix.chars().count();
    if let Some(longest) = longest.filter(|longest| *longest < length) {
        return Some(format!("the prefix has {length} characters, and a value has at most {longest}"));
    }
    rules.iter().find_map(|rule| match rule {
        Rule::MustNotContain(part) if prefix.contains(part) => Some(format!("the prefix {prefix:?} contains {part:?}")),
        Rule::Trimmed if prefix.starts_with(BLANK) => Some(format!("the prefix {prefix:?} begins with white space")),
        _ => None,
    })
}

fn list(rules: &[Rule], item: &Shape) -> Option<String> {
    let Entries { min_items, unique, each, .. } = Entries::of(rules);
    let values = if unique { of_shape(item, each)? } else { return None };
    (values < min_items as i128).then(|| format!("`min_items = {min_items}`, and at most {values} items differ"))
}

/// How many values of a shape satisfy rules; `None` if they are too many to be counted.
fn of_shape(shape: &Shape, rules: &[Rule]) -> Option<i128> {
    let of_type = match shape {
        // Rules are for what is there, and `null` is one value more.
        Shape::Optional(content) => return of_shape(content, rules).map(|values| values.saturating_add(1)),
        Shape::Secret(content) => return of_shape(content, rules),
        Shape::Bool => Some(2),
        Shape::Integer { min, max, .. } => Some(Integers::left(*min, *max, rules).count()),
        _ => None,
    };
    values_left(of_type, rules)
}

fn map(rules: &[Rule]) -> Option<String> {
    let Entries { min_items, keys, .. } = Entries::of(rules);
    let only_the_empty = keys.iter().any(|rule| matches!(rule, Rule::MaxLength(0)));
    let allowed = values_left(only_the_empty.then_some(1), keys)?;
    (allowed < min_items as i128)
        .then(|| format!("`min_items = {min_items}`, and the number of allowed keys is {allowed}"))
}
