//! Values that examples show of a key without examples: the obvious one where there is one, a placeholder of a secret.

use crate::{Entries, Integers, LiteralWith, RuleWith, ValueType};

/// Whether a value has an obvious value under its rules: a boolean, a number, the first of a list of allowed strings, the
/// only item of a list. Of another string the user knows more than its rules say, and of the keys of a map too.
///
/// The caller decides the same for the item of a list.
pub const fn has_obvious_value<C: Copy + 'static>(value: ValueType, rules: &[RuleWith<C>]) -> bool {
    match value {
        ValueType::String => any!(rule in rules => matches!(rule, RuleWith::Allowed(_))),
        ValueType::List => Entries::of(rules).min_items <= 1,
        ValueType::Map => false,
        ValueType::Boolean | ValueType::Integer | ValueType::Number | ValueType::Other => true,
    }
}

/// The first allowed value; `None` where no rule lists values.
pub fn first_allowed<C: Copy + 'static>(rules: &[RuleWith<C>]) -> Option<LiteralWith<C>> {
    let values =
        rules.iter().find_map(|rule| if let RuleWith::Allowed(values) = rule { Some(*values) } else { None })?;
    let satisfies =
        |value: &&LiteralWith<C>| rules.iter().all(|rule| rule.accepts(value) && rule.matches_patterns(value));
    values.iter().find(satisfies).copied()
}

/// The smallest positive integer of a type that satisfies rules, else the largest integer; `None` where no value does.
pub fn obvious_integer<C: Copy>(type_min: i128, type_max: i128, rules: &[RuleWith<C>]) -> Option<i128> {
    let left = Integers::left(type_min, type_max, rules);
    let Integers { low, high, factor, .. } = left;
    let round_up = low.max(1).saturating_add(factor - 1).div_euclid(factor).saturating_mul(factor);
    let round_down = high.div_euclid(factor).saturating_mul(factor);
    let powers = (0..64).map(|exponent| 1 << exponent);
    [round_up].into_iter().chain(powers).chain([round_down]).find(|value| left.contain(*value))
}

/// 1 if that satisfies rules, else a bound, else what is halfway between both bounds; `None` where none of them does.
pub fn obvious_number<C: Copy>(rules: &[RuleWith<C>]) -> Option<f64> {
    let bounds: Vec<f64> = rules.iter().filter_map(RuleWith::end).map(|end| end.bound.as_f64()).collect();
    let halfway = bounds.iter().sum::<f64>() / 2.0;
    let beyond = bounds.iter().flat_map(|bound| [bound + 1.0, bound - 1.0]);
    let candidates = [1.0].into_iter().chain(bounds.iter().copied()).chain([halfway]).chain(beyond);
    candidates.into_iter().find(|value| rules.iter().all(|rule| rule.accepts_float(*value)))
}

/// What examples show in place of a secret, and of a name that only the user has: `your-key`, with the prefix and the length
/// that rules ask for. `None` where it violates another rule.
pub fn placeholder<C: Copy + 'static>(key: &str, rules: &[RuleWith<C>]) -> Option<String> {
    let mut text = format!("your-{}", key.replace('_', "-"));
    for rule in rules {
        if let RuleWith::Prefix(prefix) = rule
            && !text.starts_with(prefix)
        {
            text.insert_str(0, prefix);
        }
    }
    for rule in rules {
        match rule {
            RuleWith::MinLength(least) if *least <= PLACEHOLDER_MAX => {
                text.extend(std::iter::repeat_n('x', least.saturating_sub(text.chars().count())));
            }
            RuleWith::MaxLength(most) => text = text.chars().take(*most).collect(),
            _ => {}
        }
    }
    rules.iter().all(|rule| rule.accepts_text(&text)).then_some(text)
}

/// How long a placeholder is made at most: a longer one is no example to read.
const PLACEHOLDER_MAX: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Literal, Pattern, Rule};

    const ANY: (i128, i128) = (i64::MIN as i128, i64::MAX as i128);

    #[test]
    fn an_obvious_integer_is_the_smallest_positive_one_that_satisfies_the_rules() {
        let integer = Literal::Integer;
        let cases: [(&[Rule], Option<i128>); 9] = [
            (&[], Some(1)),
            (&[Rule::Min(integer(-5))], Some(1)),
            (&[Rule::Min(integer(1000)), Rule::MultipleOf(512), Rule::MultipleOf(3)], Some(1536)),
            (&[Rule::Below(integer(-10)), Rule::MultipleOf(4)], Some(-12)),
            (&[Rule::Max(integer(0))], Some(0)),
            (&[Rule::Max(integer(100)), Rule::MultipleOf(512)], Some(0)),
            (&[Rule::Above(integer(4096)), Rule::PowerOfTwo], Some(8192)),
            (&[Rule::PowerOfTwo, Rule::MultipleOf(4)], Some(4)),
            (&[Rule::Min(integer(5)), Rule::Max(integer(7)), Rule::PowerOfTwo], None),
        ];
        for (rules, expected) in cases {
            assert_eq!(obvious_integer(ANY.0, ANY.1, rules), expected, "{rules:?}");
        }
        assert_eq!(obvious_integer(0, 255, &[Rule::MultipleOf(0)]), None);
    }

    #[test]
    fn an_obvious_number_is_one_or_a_bound_or_between_the_bounds() {
        let float = Literal::Float;
        let cases: [(&[Rule], f64); 6] = [
            (&[], 1.0),
            (&[Rule::Min(float(2.5))], 2.5),
            (&[Rule::Max(float(0.5))], 0.5),
            (&[Rule::Above(float(2.5)), Rule::Below(float(2.75))], 2.625),
            (&[Rule::Above(float(2.0))], 3.0),
            (&[Rule::Below(float(-1.0))], -2.0),
        ];
        for (rules, expected) in cases {
            assert_eq!(obvious_number(rules), Some(expected), "{rules:?}");
        }
    }

    #[test]
    fn a_placeholder_has_the_required_prefix_and_length() {
        static LETTERS: Pattern = Pattern::new("^[a-z]+$");
        let cases: [(&[Rule], Option<&str>); 7] = [
            (&[], Some("your-api-key")),
            (&[Rule::Prefix("sk-")], Some("sk-your-api-key")),
            (&[Rule::MinLength(16)], Some("your-api-keyxxxx")),
            (&[Rule::MaxLength(4)], Some("your")),
            (&[Rule::MinLength(1_000_000)], None),
            (&[Rule::MustNotContain("-")], None),
            (&[Rule::Pattern(&LETTERS)], None),
        ];
        for (rules, expected) in cases {
            assert_eq!(placeholder("api_key", rules).as_deref(), expected, "{rules:?}");
        }
    }

    #[test]
    fn the_first_allowed_value_satisfies_the_other_rules() {
        static VALUES: [Literal; 3] = [Literal::Integer(1), Literal::Integer(64), Literal::Integer(128)];
        let first = first_allowed(&[Rule::Allowed(&VALUES), Rule::Above(Literal::Integer(64))]);
        assert_eq!(first.and_then(|value| value.as_integer()), Some(128));
        assert!(first_allowed::<std::convert::Infallible>(&[]).is_none());
    }
}
