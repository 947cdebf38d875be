//! Whether rules can be satisfied together, on types that only the compiler knows: aliases, types that wrap others, choices.

use crate::{
    kind::Kind,
    rule::{Bound, Rule},
};

/// Checks that some value satisfies all rules. Rules that do not suit the kind are reported by `rules`.
#[track_caller]
pub const fn together(kind: Kind, rules: &[Rule]) {
    match kind.unwrap_optional() {
        Kind::Integer { min, max } => integers(min, max, rules),
        Kind::Number { .. } => floats(rules),
        Kind::List(item) => {
            let mut index = 0;
            while index < rules.len() {
                if let Rule::Each(each) = &rules[index] {
                    together(*item, each);
                }
                index += 1;
            }
            list(*item, rules);
        }
        Kind::Map(value) => {
            let mut index = 0;
            while index < rules.len() {
                if let Rule::Each(each) = &rules[index] {
                    together(*value, each);
                }
                index += 1;
            }
        }
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

/// What rules leave of an integer type.
struct Integers {
    low: i128,
    high: i128,
    factor: i128,
    power_of_two: bool,
}

impl Integers {
    /// How many there are.
    const fn count(&self) -> i128 {
        if !self.power_of_two {
            let count = self.high.div_euclid(self.factor) - (self.low - 1).div_euclid(self.factor);
            return if count < 0 { 0 } else { count };
        }
        let (mut exponent, mut count) = (0, 0);
        while exponent < 64 {
            let power = 1_i128 << exponent;
            if power >= self.low && power <= self.high && power % self.factor == 0 {
                count += 1;
            }
            exponent += 1;
        }
        count
    }
}

/// `None` where a rule does not suit the type.
const fn integers_left(min: i128, max: i128, rules: &[Rule]) -> Option<Integers> {
    let mut left = Integers { low: min, high: max, factor: 1, power_of_two: false };
    let mut index = 0;
    while index < rules.len() {
        let (bound, lower, open) = match &rules[index] {
            Rule::Min(bound) => (*bound, true, 0),
            Rule::Above(bound) => (*bound, true, 1),
            Rule::Max(bound) => (*bound, false, 0),
            Rule::Below(bound) => (*bound, false, 1),
            Rule::MultipleOf(factor) => {
                left.factor = *factor as i128;
                index += 1;
                continue;
            }
            rule => {
                left.power_of_two |= matches!(rule, Rule::PowerOfTwo);
                index += 1;
                continue;
            }
        };
        let Bound::Integer(bound) = bound else { return None };
        if bound < min || bound > max {
            return None;
        }
        if lower && bound + open > left.low {
            left.low = bound + open;
        } else if !lower && bound - open < left.high {
            left.high = bound - open;
        }
        index += 1;
    }
    if left.factor == 0 { None } else { Some(left) }
}

#[track_caller]
const fn floats(rules: &[Rule]) {
    let (mut low, mut high) = (None, None);
    let mut index = 0;
    while index < rules.len() {
        match &rules[index] {
            Rule::Min(bound) => low = Some((bound.as_f64(), false)),
            Rule::Above(bound) => low = Some((bound.as_f64(), true)),
            Rule::Max(bound) => high = Some((bound.as_f64(), false)),
            Rule::Below(bound) => high = Some((bound.as_f64(), true)),
            _ => {}
        }
        index += 1;
    }
    let (Some((low, above)), Some((high, below))) = (low, high) else { return };
    if low > high || ((above || below) && low >= high) {
        panic!("no number is between these bounds");
    }
}

/// Checks that enough items differ.
#[track_caller]
const fn list(item: Kind, rules: &[Rule]) {
    let (mut least, mut unique, mut each): (usize, bool, &[Rule]) = (0, false, &[]);
    let mut index = 0;
    while index < rules.len() {
        match &rules[index] {
            Rule::MinItems(min) => least = *min,
            Rule::Unique => unique = true,
            Rule::Each(rules) => each = *rules,
            _ => {}
        }
        index += 1;
    }
    if !unique {
        return;
    }
    if let Some(values) = values_left(item, each)
        && values < least as i128
    {
        panic!("`min_items` is above the number of different items, and `unique` refuses repeats");
    }
}

/// How many values of a kind satisfy rules; `None` where they cannot be counted.
const fn values_left(kind: Kind, rules: &[Rule]) -> Option<i128> {
    let of_kind = match kind {
        // Rules are for what is there, and `null` is one value more.
        Kind::Optional(content) => {
            return match values_left(*content, rules) {
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
    let mut index = 0;
    while index < rules.len() {
        if let Rule::Allowed(values) = &rules[index] {
            return Some(match of_kind {
                Some(count) if count < values.len() as i128 => count,
                _ => values.len() as i128,
            });
        }
        index += 1;
    }
    of_kind
}

#[cfg(test)]
mod tests {
    use super::*;

    const BYTE: Kind = Kind::Integer { min: 0, max: 255 };

    fn count(rules: &[Rule]) -> Option<i128> {
        values_left(BYTE, rules)
    }

    #[test]
    fn the_integers_that_rules_leave_are_counted() {
        let integer = Bound::Integer;
        assert_eq!(count(&[]), Some(256));
        assert_eq!(count(&[Rule::Min(integer(3)), Rule::Below(integer(5))]), Some(2));
        assert_eq!(count(&[Rule::MultipleOf(100)]), Some(3));
        assert_eq!(count(&[Rule::Above(integer(0)), Rule::MultipleOf(100)]), Some(2));
        assert_eq!(count(&[Rule::PowerOfTwo]), Some(8));
        assert_eq!(count(&[Rule::PowerOfTwo, Rule::MultipleOf(4)]), Some(6));
        assert_eq!(count(&[Rule::Min(integer(4)), Rule::Max(integer(5)), Rule::MultipleOf(3)]), Some(0));
        assert_eq!(count(&[Rule::Above(integer(255))]), Some(0));
        // Rules that do not suit the type are reported apart.
        assert_eq!(count(&[Rule::Max(integer(256))]), None);
        assert_eq!(count(&[Rule::Max(Bound::Float(1.5))]), None);
        assert_eq!(values_left(Kind::Optional(&BYTE), &[Rule::Max(integer(1))]), Some(3));
    }
}
