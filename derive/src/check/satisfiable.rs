//! Rules that can be satisfied one by one and not together: a field with them could have no value. Of types that only the
//! compiler knows, `check::together` in the schema crate decides the same.

use super::{keeping::is_blank, texts};
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

/// What rules leave of an integer type.
struct Integers {
    low: i128,
    high: i128,
    factor: Option<i128>,
    power_of_two: bool,
}

impl Integers {
    /// How many there are.
    fn count(&self) -> i128 {
        if self.power_of_two {
            let is_one = |power: &i128| {
                (self.low..=self.high).contains(power) && self.factor.is_none_or(|factor| power % factor == 0)
            };
            return (0..64).map(|exponent| 1 << exponent).filter(is_one).count() as i128;
        }
        let factor = self.factor.unwrap_or(1);
        (self.high.div_euclid(factor) - (self.low - 1).div_euclid(factor)).max(0)
    }
}

fn integers_left(rules: &[Rule], type_min: i128, type_max: i128) -> Integers {
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
    Integers { low, high, factor, power_of_two }
}

fn integers(rules: &[Rule], name: &str, type_min: i128, type_max: i128) -> Option<String> {
    let left = integers_left(rules, type_min, type_max);
    if left.count() > 0 {
        return None;
    }
    let Integers { low, high, factor, power_of_two } = left;
    Some(match (factor, power_of_two) {
        _ if low > high => format!("no `{name}` is inside these bounds"),
        (Some(factor), true) => format!("no power of two from {low} to {high} is a multiple of {factor}"),
        (Some(factor), false) => format!("no multiple of {factor} is from {low} to {high}"),
        (None, _) => format!("no power of two is from {low} to {high}"),
    })
}

fn floats(rules: &[Rule], name: &str, type_max: f64) -> Option<String> {
    if name == "f32"
        && let Some(why) = between_neighbours(rules)
    {
        return Some(why);
    }
    let is_past = |rule: &Rule| match rule {
        Rule::Range(RangeEnd::Above, Literal::Float(bound)) => *bound >= type_max,
        Rule::Range(RangeEnd::Below, Literal::Float(bound)) => *bound <= -type_max,
        _ => false,
    };
    rules.iter().any(is_past).then(|| format!("no `{name}` is inside these bounds"))
}

/// Why no `f32` is inside a range, which may lie between two of them. A number of a document is rounded to the nearest.
fn between_neighbours(rules: &[Rule]) -> Option<String> {
    let bound = |lower: bool| {
        rules.iter().find_map(|rule| match rule {
            Rule::Range(end, Literal::Float(bound)) if end.is_lower() == lower => Some(*bound),
            _ => None,
        })
    };
    let (low, high) = (bound(true)?, bound(false)?);
    let nearest = low as f32;
    let is_inside = |float: f32| {
        // As the engine compares it: by the shortest decimal that means it.
        let float =
            Literal::Float(if float.fract() == 0.0 { f64::from(float) } else { float.to_string().parse().ok()? });
        rules.iter().all(|rule| rule.is_kept_by(&float)).then_some(())
    };
    let candidates = [nearest.next_down(), nearest, nearest.next_up()];
    let none_is = !candidates.into_iter().any(|float| is_inside(float).is_some());
    none_is.then(|| format!("no `f32` is from {low:?} to {high:?}"))
}

fn text(rules: &[Rule]) -> Option<String> {
    let longest = rules.iter().find_map(|rule| match rule {
        Rule::Length(Limit::Most, size) => Some(*size),
        _ => None,
    });
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
    rules.iter().find_map(|rule| match rule {
        Rule::Pattern(source) => texts::why_none(source, rules),
        _ => None,
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
        Rule::Trimmed if prefix.starts_with(is_blank) => Some(format!("the prefix {prefix:?} begins with white space")),
        _ => None,
    })
}

fn list(rules: &[Rule], item: &Shape) -> Option<String> {
    let least = rules.iter().find_map(least_items)?;
    if !rules.iter().any(|rule| matches!(rule, Rule::Unique)) {
        return None;
    }
    let each = rules.iter().find_map(|rule| match rule {
        Rule::Each(each) => Some(each.as_slice()),
        _ => None,
    });
    let values = values_left(item, each.unwrap_or_default())?;
    (values < least).then(|| format!("`min_items = {least}`, and at most {values} items differ"))
}

/// How many values of a shape satisfy rules; `None` if they are too many to be counted.
fn values_left(shape: &Shape, rules: &[Rule]) -> Option<usize> {
    match shape {
        // Rules are for what is there, and `null` is one value more.
        Shape::Optional(content) => return values_left(content, rules).map(|values| values.saturating_add(1)),
        Shape::Secret(content) => return values_left(content, rules),
        _ => {}
    }
    let of_type = match shape {
        Shape::Bool => Some(2),
        Shape::Integer { min, max, .. } => usize::try_from(integers_left(rules, *min, *max).count()).ok(),
        _ => None,
    };
    number_allowed(rules).into_iter().chain(of_type).min()
}

fn map(rules: &[Rule]) -> Option<String> {
    let least = rules.iter().find_map(least_items)?;
    let is_empty = |rule: &Rule| matches!(rule, Rule::Length(Limit::Most, 0));
    let allowed = rules.iter().find_map(|rule| match rule {
        Rule::Keys(keys) if keys.iter().any(is_empty) => Some(1),
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
