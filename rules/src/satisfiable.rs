//! Rules that can be satisfied one by one and not together: a field with them could have no value. The macro decides it of
//! the types that it knows, the compiler of the others, both by what is here. Patterns are left to the macro.

use crate::{
    End, Entries, Integers, LiteralWith, RuleWith,
    string::{after_blank, characters, contains},
};

/// A type, as far as it decides whether rules leave it a value: how many items of a list differ, if they can be counted, and how
/// many values a finite type has.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Domain {
    Integers { min: i128, max: i128 },
    Floats { max: f64 },
    Strings,
    Lists { items: Option<i128> },
    Maps,
    Finite(i128),
    Other,
}

const NO_NUMBER: &str = "no number is inside the bounds of the rules and of the type";

/// Why no value of a type satisfies all rules, each of which applies to the type. Bounds that are not known leave all.
pub const fn unsatisfiable<C: Copy>(domain: Domain, rules: &[RuleWith<C>]) -> Option<&'static str> {
    let Entries { min_items, max_items, unique, keys, .. } = Entries::of(rules);
    match domain {
        Domain::Integers { min, max } => integers(Integers::left(min, max, rules)),
        Domain::Floats { max } => floats(max, rules),
        Domain::Strings => strings(rules),
        Domain::Lists { .. } | Domain::Maps if min_items > max_items => Some("`min_items` is above `max_items`"),
        Domain::Lists { items: Some(items) } if unique && items < min_items as i128 => {
            Some("`min_items` is above the number of different items, and `unique` refuses repeats")
        }
        Domain::Maps => {
            let (_, longest) = prefix_and_longest(keys);
            match values_left(if longest == 0 { Some(1) } else { None }, keys) {
                Some(keys) if keys < min_items as i128 => Some("`min_items` is above the number of allowed keys"),
                _ => None,
            }
        }
        _ => None,
    }
}

/// How many values of a type satisfy rules; `None` where they cannot be counted.
pub const fn count_values<C: Copy>(domain: Domain, rules: &[RuleWith<C>]) -> Option<i128> {
    let of_type = match domain {
        Domain::Integers { min, max } => Some(Integers::left(min, max, rules).count()),
        Domain::Finite(values) => Some(values),
        _ => None,
    };
    values_left(of_type, rules)
}

/// How many values `allowed` leaves of a type with so many.
const fn values_left<C: Copy>(of_type: Option<i128>, rules: &[RuleWith<C>]) -> Option<i128> {
    each!(rule in rules => {
        if let RuleWith::Allowed(values) = rule {
            return match of_type {
                Some(count) if count < values.len() as i128 => of_type,
                _ => Some(values.len() as i128),
            };
        }
    });
    of_type
}

const fn integers(left: Integers) -> Option<&'static str> {
    match left {
        _ if left.count() > 0 => None,
        Integers { low, high, .. } if low > high => Some(NO_NUMBER),
        Integers { factor: 1, .. } => Some("no power of two is inside the bounds of the rules and of the type"),
        Integers { power_of_two: false, .. } => {
            Some("no number that `multiple_of` allows is inside the bounds of the rules and of the type")
        }
        _ => Some("no power of two that `multiple_of` allows is inside the bounds of the rules and of the type"),
    }
}

const fn floats<C: Copy>(max: f64, rules: &[RuleWith<C>]) -> Option<&'static str> {
    let mut low = End { bound: LiteralWith::Float(-max), is_lower: true, is_open: false };
    let mut high = End { bound: LiteralWith::Float(max), is_lower: false, is_open: false };
    each!(rule in rules => {
        match rule.end() {
            Some(end) if end.is_lower => low = end,
            Some(end) => high = end,
            None => {}
        }
    });
    if low.excludes(high) { Some(NO_NUMBER) } else { None }
}

const fn strings<C: Copy>(rules: &[RuleWith<C>]) -> Option<&'static str> {
    let (prefix, longest) = prefix_and_longest(rules);
    each!(rule in rules => {
        return Some(match rule {
            RuleWith::NotBlank if longest == 0 => "the empty string is blank, and no other has at most 0 characters",
            RuleWith::MinLength(least) if longest < *least => "`min_length` is above `max_length`",
            RuleWith::MaxLength(most) if *most < characters(prefix) => "the prefix is longer than `max_length`",
            RuleWith::MustNotContain(part) if contains(prefix, part) => {
                "the prefix contains what `must_not_contain` refuses"
            }
            RuleWith::Trimmed if after_blank(prefix.as_bytes()).is_some() => {
                "the prefix begins with white space, which `trimmed` refuses"
            }
            _ => continue,
        });
    });
    None
}

const fn prefix_and_longest<C: Copy>(rules: &[RuleWith<C>]) -> (&'static str, usize) {
    let (mut prefix, mut longest) = ("", usize::MAX);
    each!(rule in rules => {
        match rule {
            RuleWith::Prefix(text) => prefix = text,
            RuleWith::MaxLength(most) => longest = *most,
            _ => {}
        }
    });
    (prefix, longest)
}
