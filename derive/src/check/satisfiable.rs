//! Rules that can be kept one by one and not together: a field with them could have no value.

use crate::model::{Limit, Literal, RangeEnd, Rule, Shape};

/// Why no value satisfies all the rules on a value of some shape, as far as tokens tell.
pub(super) fn why_unsatisfiable(rules: &[Rule], shape: &Shape) -> Option<String> {
    match shape.content() {
        Shape::Integer { name, min, max } => integers(rules, name, *min, *max),
        Shape::Text | Shape::Path => text(rules),
        Shape::List(_) => list(rules),
        _ => None,
    }
}

fn integers(rules: &[Rule], name: &str, type_min: i128, type_max: i128) -> Option<String> {
    let (mut low, mut high) = (type_min, type_max);
    let (mut factor, mut power_of_two) = (None, false);
    for rule in rules {
        match rule {
            Rule::Range(RangeEnd::Min, Literal::Integer(bound)) => low = low.max(*bound),
            Rule::Range(RangeEnd::Above, Literal::Integer(bound)) => low = low.max(bound.saturating_add(1)),
            Rule::Range(RangeEnd::Max, Literal::Integer(bound)) => high = high.min(*bound),
            Rule::Range(RangeEnd::Below, Literal::Integer(bound)) => high = high.min(bound.saturating_sub(1)),
            Rule::MultipleOf(each) => factor = Some(i128::from(*each)),
            Rule::PowerOfTwo => power_of_two = true,
            _ => {}
        }
    }
    if low > high {
        return Some(format!("no `{name}` is within this bound"));
    }
    if let Some(factor) = factor
        && high.div_euclid(factor) * factor < low
    {
        return Some(format!("no multiple of {factor} is from {low} to {high}"));
    }
    let powers = || (0..64).map(|exponent| 1_i128 << exponent).filter(|power| (low..=high).contains(power));
    if power_of_two && !powers().any(|power| factor.is_none_or(|factor| power % factor == 0)) {
        return Some(match factor {
            Some(factor) => format!("no power of two from {low} to {high} is a multiple of {factor}"),
            None => format!("no power of two is from {low} to {high}"),
        });
    }
    None
}

fn text(rules: &[Rule]) -> Option<String> {
    let longest = rules.iter().find_map(|rule| match rule {
        Rule::Length(Limit::Most, size) => Some(*size),
        _ => None,
    });
    let prefix = rules.iter().find_map(|rule| match rule {
        Rule::Prefix(prefix) => Some(prefix.as_str()),
        _ => None,
    });
    let prefix_length = prefix.map_or(0, |prefix| prefix.chars().count());
    if let Some(longest) = longest.filter(|longest| *longest < prefix_length) {
        return Some(format!("the prefix has {prefix_length} characters, and a value has at most {longest}"));
    }
    if longest == Some(0) && rules.iter().any(|rule| matches!(rule, Rule::NotBlank)) {
        return Some("the empty string is blank, and no other has at most 0 characters".to_owned());
    }
    rules.iter().find_map(|rule| match (rule, prefix) {
        (Rule::MustNotContain(part), Some(prefix)) if prefix.contains(part.as_str()) => {
            Some(format!("every value contains {part:?}, which its prefix does"))
        }
        (Rule::MustNotContain(part), _) if part.is_empty() => Some("every string contains \"\"".to_owned()),
        _ => None,
    })
}

fn list(rules: &[Rule]) -> Option<String> {
    let unique = rules.iter().any(|rule| matches!(rule, Rule::Unique));
    let least = rules.iter().find_map(|rule| match rule {
        Rule::Items(Limit::Least, size) => Some(*size),
        _ => None,
    })?;
    let allowed = rules.iter().find_map(|rule| match rule {
        Rule::Each(each) => each.iter().find_map(|rule| match rule {
            Rule::Allowed(values) => Some(values.len()),
            _ => None,
        }),
        _ => None,
    })?;
    (unique && allowed < least).then(|| format!("of {allowed} allowed values no list has {least} without a repeat"))
}
