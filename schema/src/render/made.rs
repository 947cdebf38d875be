//! Scalar values made to keep their rules.

use l2_adapter_rules::{Integers, Literal, Rule};
use serde_json::{Number, Value};

use super::pattern_text::pattern_texts;
use crate::{kind::Kind, literal::integer_value};

/// What is wanted of a value.
pub(super) struct Want<'a> {
    pub(super) rules: &'static [Rule],
    /// The key the value is for, which names a placeholder.
    pub(super) key: &'a str,
    /// Another number asks for another value, so that the items of a list can differ.
    pub(super) nth: usize,
}

/// A value that has no others in it.
pub(super) fn scalar(kind: Kind, want: &Want<'_>) -> Value {
    match kind {
        Kind::Boolean => Value::Bool(want.nth.is_multiple_of(2)),
        Kind::Integer { min, max } => integer_value(integer(min, max, want)),
        Kind::Number { max } => number(max, want),
        Kind::Text => Value::String(text(want)),
        Kind::Path => Value::String(path(want)),
        Kind::Choice(choices) => {
            let names = choices.variants;
            names.get(want.nth % names.len().max(1)).map_or(Value::Null, |choice| Value::from(choice.name))
        }
        _ => Value::Null,
    }
}

fn integer(type_min: i128, type_max: i128, want: &Want<'_>) -> i128 {
    let keeps = |value: &i128| {
        (type_min..=type_max).contains(value) && want.rules.iter().all(|rule| rule.accepts_integer(*value))
    };
    let Integers { low: min, high: max, factor: step, power_of_two } = Integers::left(type_min, type_max, want.rules);
    let nth = want.nth as i128;
    let allowed =
        want.rules.iter().find_map(|rule| if let Rule::Allowed(values) = rule { Some(*values) } else { None });
    if let Some(values) = allowed {
        let kept: Vec<i128> = values.iter().filter_map(Literal::as_integer).filter(keeps).collect();
        return kept.get(want.nth % kept.len().max(1)).copied().unwrap_or(min);
    }
    if power_of_two {
        return (0..64).map(|exponent| 1_i128 << exponent).filter(keeps).nth(want.nth).unwrap_or(min);
    }
    let least = min.max(1).min(max);
    let start = least.saturating_add(nth.saturating_mul(step));
    let rounded_up = start.saturating_add(step - 1).div_euclid(step).saturating_mul(step);
    let rounded_down = max.saturating_sub(nth.saturating_mul(step)).div_euclid(step).saturating_mul(step);
    [rounded_up, rounded_down].into_iter().find(keeps).unwrap_or(least)
}

fn number(type_max: f64, want: &Want<'_>) -> Value {
    let bounds: Vec<f64> = want.rules.iter().filter_map(Rule::end).map(|end| end.bound.as_f64()).collect();
    let nth = want.nth as f64;
    let mut candidates = vec![1.0 + nth, 0.5 / (1.0 + nth)];
    for (position, bound) in bounds.iter().enumerate() {
        candidates.extend([bound + 1.0 + nth, bound - 1.0 - nth]);
        candidates.extend(bounds[..position].iter().map(|other| other + (bound - other) / (2.0 + nth)));
        candidates.push(*bound);
    }
    let keeps = |value: &f64| value.abs() <= type_max && want.rules.iter().all(|rule| rule.accepts_float(*value));
    let value = candidates.into_iter().find(keeps).unwrap_or_default();
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

/// A string.
pub(super) fn text(want: &Want<'_>) -> String {
    text_like(want, &format!("your-{}", want.key.replace('_', "-")))
}

fn path(want: &Want<'_>) -> String {
    text_like(want, &format!("/path/to/{}", want.key.replace('_', "-")))
}

/// A string that keeps the rules, as close to `wish` as they leave it.
fn text_like(want: &Want<'_>, wish: &str) -> String {
    let keeps = |text: &String| want.rules.iter().all(|rule| rule.accepts_text(text));
    let allowed =
        want.rules.iter().find_map(|rule| if let Rule::Allowed(values) = rule { Some(*values) } else { None });
    if let Some(values) = allowed {
        let kept: Vec<String> = values.iter().filter_map(Literal::as_text).map(str::to_owned).filter(keeps).collect();
        return kept.get(want.nth % kept.len().max(1)).cloned().unwrap_or_else(|| wish.to_owned());
    }
    let wish = if want.nth == 0 { wish.to_owned() } else { format!("{wish}-{}", want.nth + 1) };
    candidates(want, &wish).into_iter().find(keeps).unwrap_or(wish)
}

/// Strings worth trying, the nicest first.
fn candidates(want: &Want<'_>, wish: &str) -> Vec<String> {
    let min =
        want.rules.iter().fold(0, |min, rule| if let Rule::MinLength(length) = rule { min.max(*length) } else { min });
    let max = want
        .rules
        .iter()
        .filter_map(|rule| if let Rule::MaxLength(length) = rule { Some(*length) } else { None })
        .min();
    let prefix = want
        .rules
        .iter()
        .filter_map(|rule| if let Rule::Prefix(prefix) = rule { Some(*prefix) } else { None })
        .max_by_key(|prefix| prefix.len())
        .unwrap_or_default();
    let patterns =
        want.rules.iter().filter_map(|rule| if let Rule::Pattern(pattern) = rule { Some(*pattern) } else { None });
    let mut bodies = vec![wish.to_owned()];
    for pattern in patterns {
        bodies.extend(pattern_texts(pattern, min, want.nth));
    }
    // A character of its own, should the wish hold a part that must not be in it.
    let digits = format!("{:x}", 0xa + want.nth);
    bodies.extend(["x".to_owned() + &digits, digits]);
    let lone = char::from_u32(u32::from('a') + (want.nth % 26) as u32).unwrap_or('a');
    bodies.push(lone.to_string());
    bodies.push(String::new());
    let with_prefix = |body: &String| if body.starts_with(prefix) { body.clone() } else { format!("{prefix}{body}") };
    let fitted = |text: String| {
        let text = if text.chars().count() < min {
            text.clone() + &lone.to_string().repeat(min - text.chars().count())
        } else {
            text
        };
        // The end is what tells one placeholder from the next.
        match max {
            Some(max) if text.chars().count() > max && want.nth == 0 => text.chars().take(max).collect(),
            _ => text,
        }
    };
    bodies.iter().map(with_prefix).flat_map(|text| [text.clone(), fitted(text)]).collect()
}
