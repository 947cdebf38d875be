//! Rules that can be satisfied one by one and not together: a field with them could have no value.

use super::pattern;
use crate::model::{Limit, Literal, RangeEnd, Rule, Shape};

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
        return Some(format!("no `{name}` is inside these bounds"));
    }
    if let Some(factor) = factor
        && high.div_euclid(factor) * factor < low
    {
        return Some(format!("no multiple of {factor} is from {low} to {high}"));
    }
    let mut powers = (0..64).map(|exponent| 1_i128 << exponent).filter(|power| (low..=high).contains(power));
    if power_of_two && !powers.any(|power| factor.is_none_or(|factor| power % factor == 0)) {
        return Some(match factor {
            Some(factor) => format!("no power of two from {low} to {high} is a multiple of {factor}"),
            None => format!("no power of two is from {low} to {high}"),
        });
    }
    None
}

fn floats(rules: &[Rule], name: &str, type_max: f64) -> Option<String> {
    let is_past = |rule: &Rule| match rule {
        Rule::Range(RangeEnd::Above, Literal::Float(bound)) => *bound >= type_max,
        Rule::Range(RangeEnd::Below, Literal::Float(bound)) => *bound <= -type_max,
        _ => false,
    };
    rules.iter().any(is_past).then(|| format!("no `{name}` is inside these bounds"))
}

fn text(rules: &[Rule]) -> Option<String> {
    let size = |wanted| {
        rules.iter().find_map(|rule| match rule {
            Rule::Length(limit, size) if *limit == wanted => Some(*size),
            _ => None,
        })
    };
    let (shortest, longest) = (size(Limit::Least), size(Limit::Most));
    if longest == Some(0) && rules.iter().any(|rule| matches!(rule, Rule::NotBlank)) {
        return Some("the empty string is blank, and no other has at most 0 characters".to_owned());
    }
    let prefix = rules.iter().find_map(|rule| match rule {
        Rule::Prefix(prefix) => Some(prefix.as_str()),
        _ => None,
    });
    if let Some(why) = prefix.and_then(|prefix| text_with_prefix(rules, prefix, longest)) {
        return Some(why);
    }
    rules.iter().find_map(|rule| {
        let Rule::Pattern(source) = rule else { return None };
        let (least, most) = pattern::lengths(source);
        if let Some(longest) = longest.filter(|longest| *longest < least) {
            return Some(format!("the pattern needs {least} characters, and a value has at most {longest}"));
        }
        let (most, shortest) = most.zip(shortest).filter(|(most, shortest)| most < shortest)?;
        Some(format!("the pattern allows {most} characters, and a value has at least {shortest}"))
    })
}

fn text_with_prefix(rules: &[Rule], prefix: &str, longest: Option<usize>) -> Option<String> {
    let length = prefix.chars().count();
    if let Some(longest) = longest.filter(|longest| *longest < length) {
        return Some(format!("the prefix has {length} characters, and a value has at most {longest}"));
    }
    rules.iter().find_map(|rule| match rule {
        Rule::MustNotContain(part) if prefix.contains(part.as_str()) => {
            Some(format!("the prefix {prefix:?} contains {part:?}"))
        }
        Rule::Trimmed if prefix.starts_with(char::is_whitespace) => {
            Some(format!("the prefix {prefix:?} begins with white space"))
        }
        _ => None,
    })
}

fn list(rules: &[Rule], item: &Shape) -> Option<String> {
    let least = rules.iter().find_map(least_items)?;
    if !rules.iter().any(|rule| matches!(rule, Rule::Unique)) {
        return None;
    }
    let of_type = match item.content() {
        Shape::Bool => Some(2),
        Shape::Integer { min, max, .. } => usize::try_from(max - min + 1).ok(),
        _ => None,
    };
    let allowed = rules.iter().find_map(|rule| match rule {
        Rule::Each(each) => number_allowed(each),
        _ => None,
    });
    let values = allowed.into_iter().chain(of_type).min()?;
    (values < least).then(|| format!("`min_items = {least}`, and at most {values} items differ"))
}

fn map(rules: &[Rule]) -> Option<String> {
    let least = rules.iter().find_map(least_items)?;
    let allowed = rules.iter().find_map(|rule| match rule {
        Rule::Keys(keys) => number_allowed(keys),
        _ => None,
    })?;
    (allowed < least).then(|| format!("`min_items = {least}`, and the number of allowed keys is {allowed}"))
}

fn least_items(rule: &Rule) -> Option<usize> {
    match rule {
        Rule::Items(Limit::Least, size) => Some(*size),
        _ => None,
    }
}

fn number_allowed(rules: &[Rule]) -> Option<usize> {
    rules.iter().find_map(|rule| match rule {
        Rule::Allowed(values) => Some(values.len()),
        _ => None,
    })
}
