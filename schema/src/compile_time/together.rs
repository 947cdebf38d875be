//! Whether rules can be satisfied together, on types that only the compiler knows: aliases, types that wrap others, choices.

use l2_adapter_rules::{Entries, Integers, Rule, values_left};

use super::rules::misfit;
use crate::kind::Kind;

/// Checks that some value satisfies all rules. Rules that do not apply to the kind are reported by `rules`.
#[track_caller]
pub const fn together(kind: Kind, rules: &[Rule]) {
    match kind.unwrap_optional() {
        Kind::Integer { min, max } => integers(min, max, rules),
        Kind::Number { .. } => floats(rules),
        Kind::List(item) => {
            together(*item, Entries::of(rules).each);
            list(*item, rules);
        }
        Kind::Map(value) => together(*value, Entries::of(rules).each),
        _ => {}
    }
}

#[track_caller]
const fn integers(min: i128, max: i128, rules: &[Rule]) {
    let Some(left) = integers_left(min, max, rules) else { return };
    if left.low > left.high {
        panic!("no number is between these bounds");
    }
    if left.count() == 0 {
        panic!("no number between these bounds satisfies the other rules");
    }
}

/// `None` where a rule does not apply to the type.
const fn integers_left(min: i128, max: i128, rules: &[Rule]) -> Option<Integers> {
    let mut index = 0;
    while index < rules.len() {
        if misfit(Kind::Integer { min, max }, &rules[index]).is_some() {
            return None;
        }
        index += 1;
    }
    Some(Integers::left(min, max, rules))
}

#[track_caller]
const fn floats(rules: &[Rule]) {
    let (mut low, mut high) = (None, None);
    let mut index = 0;
    while index < rules.len() {
        match rules[index].end() {
            Some(end) if end.is_lower => low = Some(end),
            Some(end) => high = Some(end),
            None => {}
        }
        index += 1;
    }
    if let (Some(low), Some(high)) = (low, high)
        && low.excludes(high)
    {
        panic!("no number is between these bounds");
    }
}

/// Checks that enough items differ.
#[track_caller]
const fn list(item: Kind, rules: &[Rule]) {
    let asked = Entries::of(rules);
    if asked.unique
        && let Some(values) = of_kind(item, asked.each)
        && values < asked.min_items as i128
    {
        panic!("`min_items` is above the number of different items, and `unique` refuses repeats");
    }
}

/// How many values of a kind satisfy rules; `None` where they cannot be counted.
const fn of_kind(kind: Kind, rules: &[Rule]) -> Option<i128> {
    let of_type = match kind {
        // Rules are for what is there, and `null` is one value more.
        Kind::Optional(content) => {
            return match of_kind(*content, rules) {
                Some(values) => Some(values + 1),
                None => None,
            };
        }
        Kind::Boolean => Some(2),
        Kind::Choice(choices) => Some(choices.variants.len() as i128),
        Kind::Integer { min, max } => match integers_left(min, max, rules) {
            Some(left) => Some(left.count()),
            None => None,
        },
        _ => None,
    };
    values_left(of_type, rules)
}

#[cfg(test)]
mod tests {
    use l2_adapter_rules::Bound;

    use super::*;

    #[test]
    fn values_are_counted_where_every_rule_applies() {
        const BYTE: Kind = Kind::Integer { min: 0, max: 255 };
        let at_most = |bound| [Rule::Max(Bound::Integer(bound))];
        assert_eq!(of_kind(BYTE, &at_most(1)), Some(2));
        assert_eq!(of_kind(Kind::Optional(&BYTE), &at_most(1)), Some(3));
        assert_eq!(of_kind(BYTE, &at_most(256)), None);
        assert_eq!(of_kind(BYTE, &[Rule::Max(Bound::Float(1.5))]), None);
    }
}
