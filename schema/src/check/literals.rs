//! Whether literals are values of a kind and keep its rules.

use super::text::{text_equals, text_keeps};
use crate::{
    kind::{ChoiceTable, Kind},
    literal::Literal,
    rule::{Bound, Rule},
};

/// Fails with the name of the rule that a value violates. A constant can make no text: each sentence is written out.
macro_rules! violated {
    ($what:literal, $rule:expr) => {
        match $rule {
            Rule::Allowed(_) => panic!(concat!($what, " violates `allowed` of its field")),
            Rule::Min(_) => panic!(concat!($what, " violates `min` of its field")),
            Rule::Above(_) => panic!(concat!($what, " violates `above` of its field")),
            Rule::Max(_) => panic!(concat!($what, " violates `max` of its field")),
            Rule::Below(_) => panic!(concat!($what, " violates `below` of its field")),
            Rule::MultipleOf(_) => panic!(concat!($what, " violates `multiple_of` of its field")),
            Rule::PowerOfTwo => panic!(concat!($what, " violates `power_of_two` of its field")),
            Rule::NotBlank => panic!(concat!($what, " violates `not_blank` of its field")),
            Rule::Trimmed => panic!(concat!($what, " violates `trimmed` of its field")),
            Rule::MinLength(_) => panic!(concat!($what, " violates `min_length` of its field")),
            Rule::MaxLength(_) => panic!(concat!($what, " violates `max_length` of its field")),
            Rule::Prefix(_) => panic!(concat!($what, " violates `prefix` of its field")),
            Rule::MustNotContain(_) => panic!(concat!($what, " violates `must_not_contain` of its field")),
            Rule::MinItems(_) => panic!(concat!($what, " violates `min_items` of its field")),
            Rule::MaxItems(_) => panic!(concat!($what, " violates `max_items` of its field")),
            Rule::Unique => panic!(concat!($what, " violates `unique` of its field")),
            Rule::Each(_) => panic!(concat!($what, " violates `each(...)` of its field")),
            Rule::Keys(_) => panic!(concat!($what, " violates `keys(...)` of its field")),
            _ => panic!(concat!($what, " violates a rule of its field")),
        }
    };
}

/// Checks a default.
#[track_caller]
pub const fn default(kind: Kind, rules: &[Rule], literal: &Literal) {
    if !has_kind(kind, literal) {
        panic!("the default is not a value of the field's type");
    }
    if let Some(rule) = first_violated(kind, rules, literal) {
        violated!("the default", rule);
    }
}

/// Checks an example.
#[track_caller]
pub const fn example(kind: Kind, rules: &[Rule], literal: &Literal) {
    if !has_kind(kind, literal) {
        panic!("the example is not a value of the field's type");
    }
    if let Some(rule) = first_violated(kind, rules, literal) {
        violated!("the example", rule);
    }
}

/// Checks the value that a condition asks for.
#[track_caller]
pub const fn condition(kind: Kind, rules: &[Rule], literal: &Literal) {
    if !has_kind(kind, literal) || !keeps_all(kind, rules, literal) {
        panic!("the other field can never have this value");
    }
}

/// Whether a literal can be a value of a kind.
pub(super) const fn has_kind(kind: Kind, literal: &Literal) -> bool {
    match (kind, literal) {
        (Kind::Optional(_), Literal::Null) => true,
        (Kind::Optional(content), literal) => has_kind(*content, literal),
        (Kind::Boolean, Literal::Bool(_)) => true,
        (Kind::Integer { min, max }, Literal::Integer(value)) => *value >= min && *value <= max,
        (Kind::Number { max }, Literal::Float(value)) => *value >= -max && *value <= max,
        (Kind::Number { max }, Literal::Integer(value)) => *value as f64 >= -max && *value as f64 <= max,
        (Kind::Text | Kind::Path, Literal::Text(_)) => true,
        (Kind::Choice(choices), Literal::Text(name)) => is_name(choices, name),
        (Kind::List(item), Literal::List(items)) => {
            let mut index = 0;
            while index < items.len() {
                if !has_kind(*item, &items[index]) {
                    return false;
                }
                index += 1;
            }
            true
        }
        (Kind::Map(value), Literal::Object(entries)) => {
            let mut index = 0;
            while index < entries.len() {
                if !has_kind(*value, &entries[index].1) {
                    return false;
                }
                index += 1;
            }
            true
        }
        // Tables cannot be asked before the program runs: a test over all examples parses them.
        (Kind::Section(_) | Kind::Union(_) | Kind::AdapterSpec | Kind::FreeObject, Literal::Object(_)) => true,
        (Kind::Anything, _) => true,
        _ => false,
    }
}

const fn is_name(choices: &ChoiceTable, name: &str) -> bool {
    let mut index = 0;
    while index < choices.variants.len() {
        let known = choices.variants[index].name;
        if text_equals(known, name) || (choices.ignore_case && known.eq_ignore_ascii_case(name)) {
            return true;
        }
        index += 1;
    }
    false
}

const fn keeps_all(kind: Kind, rules: &[Rule], literal: &Literal) -> bool {
    first_violated(kind, rules, literal).is_none()
}

/// The first rule that a literal violates.
const fn first_violated<'a>(kind: Kind, rules: &'a [Rule], literal: &Literal) -> Option<&'a Rule> {
    let mut index = 0;
    while index < rules.len() {
        if !keeps(kind, &rules[index], literal) {
            return Some(&rules[index]);
        }
        index += 1;
    }
    None
}

/// Whether a literal of a kind keeps a rule.
const fn keeps(kind: Kind, rule: &Rule, literal: &Literal) -> bool {
    match (rule, literal) {
        (Rule::Allowed(values), literal) => contains(values, literal),
        (Rule::Min(bound), literal) => match compared(literal, *bound) {
            Some(sign) => sign >= 0,
            None => true,
        },
        (Rule::Max(bound), literal) => match compared(literal, *bound) {
            Some(sign) => sign <= 0,
            None => true,
        },
        (Rule::Above(bound), literal) => match compared(literal, *bound) {
            Some(sign) => sign > 0,
            None => true,
        },
        (Rule::Below(bound), literal) => match compared(literal, *bound) {
            Some(sign) => sign < 0,
            None => true,
        },
        (Rule::MultipleOf(factor), Literal::Integer(value)) => *factor != 0 && *value % *factor as i128 == 0,
        (Rule::PowerOfTwo, Literal::Integer(value)) => *value > 0 && value.count_ones() == 1,
        (Rule::MinItems(min), Literal::List(items)) => items.len() >= *min,
        (Rule::MaxItems(max), Literal::List(items)) => items.len() <= *max,
        (Rule::Unique, Literal::List(items)) => are_distinct(items),
        (Rule::Each(rules), Literal::List(items)) => {
            let item = match kind.unwrap_optional() {
                Kind::List(item) => *item,
                other => other,
            };
            let mut index = 0;
            while index < items.len() {
                if !keeps_all(item, rules, &items[index]) {
                    return false;
                }
                index += 1;
            }
            true
        }
        (rule, Literal::Object(entries)) => entries_keep(kind, rule, entries),
        (rule, Literal::Text(text)) => text_keeps(rule, text),
        _ => true,
    }
}

/// Whether the entries of a map keep a rule.
const fn entries_keep(kind: Kind, rule: &Rule, entries: &[(&str, Literal)]) -> bool {
    let (mut keys, mut values): (&[Rule], &[Rule]) = (&[], &[]);
    match rule {
        Rule::MinItems(min) => return entries.len() >= *min,
        Rule::MaxItems(max) => return entries.len() <= *max,
        Rule::Keys(rules) => keys = *rules,
        Rule::Each(rules) => values = *rules,
        _ => {}
    }
    let value_kind = match kind.unwrap_optional() {
        Kind::Map(value) => *value,
        other => other,
    };
    let mut index = 0;
    while index < entries.len() {
        let (key, value) = entries[index];
        if !keys_keep(keys, key) || !keeps_all(value_kind, values, &value) {
            return false;
        }
        index += 1;
    }
    true
}

const fn keys_keep(rules: &[Rule], key: &str) -> bool {
    let mut index = 0;
    while index < rules.len() {
        let kept = match &rules[index] {
            Rule::Allowed(values) => names(values, key),
            rule => text_keeps(rule, key),
        };
        if !kept {
            return false;
        }
        index += 1;
    }
    true
}

const fn names(values: &[Literal], name: &str) -> bool {
    let mut index = 0;
    while index < values.len() {
        if let Literal::Text(value) = values[index]
            && text_equals(value, name)
        {
            return true;
        }
        index += 1;
    }
    false
}

const fn contains(values: &[Literal], literal: &Literal) -> bool {
    let mut index = 0;
    while index < values.len() {
        if literal_equals(&values[index], literal) {
            return true;
        }
        index += 1;
    }
    false
}

const fn are_distinct(items: &[Literal]) -> bool {
    let mut later = 1;
    while later < items.len() {
        let mut earlier = 0;
        while earlier < later {
            if literal_equals(&items[earlier], &items[later]) {
                return false;
            }
            earlier += 1;
        }
        later += 1;
    }
    true
}

/// The sign of a number minus a bound; `None` for what is no number.
const fn compared(literal: &Literal, bound: Bound) -> Option<i8> {
    match (literal, bound) {
        (Literal::Integer(value), Bound::Integer(bound)) => Some((*value > bound) as i8 - (*value < bound) as i8),
        (Literal::Integer(value), bound) => Some(compared_floats(*value as f64, bound.as_f64())),
        (Literal::Float(value), bound) => Some(compared_floats(*value, bound.as_f64())),
        _ => None,
    }
}

const fn compared_floats(left: f64, right: f64) -> i8 {
    (left > right) as i8 - (left < right) as i8
}

const fn literal_equals(left: &Literal, right: &Literal) -> bool {
    match (left, right) {
        (Literal::Null, Literal::Null) => true,
        (Literal::Bool(left), Literal::Bool(right)) => *left == *right,
        (Literal::Integer(left), Literal::Integer(right)) => *left == *right,
        (Literal::Float(left), Literal::Float(right)) => *left == *right,
        (Literal::Integer(integer), Literal::Float(float)) | (Literal::Float(float), Literal::Integer(integer)) => {
            *integer as f64 == *float
        }
        (Literal::Text(left), Literal::Text(right)) => text_equals(left, right),
        (Literal::List(left), Literal::List(right)) => {
            if left.len() != right.len() {
                return false;
            }
            let mut index = 0;
            while index < left.len() {
                if !literal_equals(&left[index], &right[index]) {
                    return false;
                }
                index += 1;
            }
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::Pattern;

    const SOME_BYTES: Kind = Kind::Integer { min: 0, max: 255 };
    const NUMBER: Kind = Kind::Number { max: f64::MAX };

    /// Rules of every kind but those on entries, with bounds that the values below meet.
    fn rules() -> Vec<Rule> {
        static WORD: Pattern = Pattern::new("^[a-z]+$");
        vec![
            Rule::Allowed(&[Literal::Integer(2), Literal::Text("a")]),
            Rule::Min(Bound::Integer(2)),
            Rule::Max(Bound::Integer(2)),
            Rule::Above(Bound::Float(0.5)),
            Rule::Below(Bound::Float(2.5)),
            Rule::MultipleOf(3),
            Rule::PowerOfTwo,
            Rule::NotBlank,
            Rule::Trimmed,
            Rule::MinLength(2),
            Rule::MaxLength(2),
            Rule::Prefix("a"),
            Rule::MustNotContain("b"),
            Rule::Pattern(&WORD),
        ]
    }

    #[test]
    fn integers_are_judged_as_the_engine_judges_them() {
        for rule in rules() {
            for value in [0, 1, 2, 3, 4, 6, 255] {
                let kept = keeps(SOME_BYTES, &rule, &Literal::Integer(value));
                assert_eq!(kept, rule.accepts_integer(value), "{rule:?} {value}");
            }
        }
    }

    #[test]
    fn numbers_are_judged_as_the_engine_judges_them() {
        for rule in rules().into_iter().filter(|rule| !matches!(rule, Rule::Allowed(_))) {
            for value in [-1.0, 0.5, 0.6, 2.0, 2.5, 1e300] {
                let kept = keeps(NUMBER, &rule, &Literal::Float(value));
                assert_eq!(kept, rule.accepts_float(value), "{rule:?} {value}");
            }
        }
    }

    #[test]
    fn strings_are_judged_as_the_engine_judges_them() {
        let strings = ["", " ", "a", "ab", "abc", "\u{a0}a", "a\u{3000}", "\u{1c}", "éé", "日本語", "ca", "aaab"];
        for rule in rules().into_iter().filter(|rule| !matches!(rule, Rule::Pattern(_))) {
            for text in strings {
                let kept = keeps(Kind::Text, &rule, &Literal::Text(text));
                assert_eq!(kept, rule.accepts_text(text), "{rule:?} {text:?}");
            }
        }
    }

    #[test]
    fn lists_are_judged_by_their_entries() {
        const BYTES: Kind = Kind::List(&SOME_BYTES);
        const ONE_TWO: Literal = Literal::List(&[Literal::Integer(1), Literal::Integer(2)]);
        const TWO_TWO: Literal = Literal::List(&[Literal::Integer(2), Literal::Integer(2)]);
        assert!(has_kind(BYTES, &ONE_TWO) && !has_kind(BYTES, &Literal::List(&[Literal::Integer(256)])));
        assert!(keeps(BYTES, &Rule::Unique, &ONE_TWO) && !keeps(BYTES, &Rule::Unique, &TWO_TWO));
        assert!(keeps(BYTES, &Rule::MaxItems(2), &ONE_TWO) && !keeps(BYTES, &Rule::MinItems(3), &ONE_TWO));
        let from_two = Rule::Each(&[Rule::Min(Bound::Integer(2))]);
        assert!(keeps(BYTES, &from_two, &TWO_TWO) && !keeps(BYTES, &from_two, &ONE_TWO));
    }
}
