//! Rules that can be satisfied one by one and not together: a field with them could have no value. The macro decides it of
//! the types that it knows, the compiler of the others, both by what is here. Patterns are left to the macro.

use std::fmt;

use crate::{
    Entries, Integers, RuleWith, counted,
    string::{blanks_at_start, characters, contains},
};

/// A type, as far as it decides whether rules leave it a value.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Domain {
    Integers {
        min: i128,
        max: i128,
    },
    Floats {
        max: f64,
    },
    Strings,
    /// Lists of items of which so many differ, if they can be counted.
    Lists {
        items: Option<i128>,
    },
    Maps,
    /// So many values.
    Finite(i128),
    Other,
}

/// Why no value satisfies rules.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the texts say it")]
pub enum Unsatisfiable {
    Bounds,
    Integers(Integers),
    Blank,
    PrefixLength { prefix: usize, longest: usize },
    PrefixContains { prefix: &'static str, part: &'static str },
    PrefixBlank { prefix: &'static str },
    Items { min_items: usize, items: i128 },
    Keys { min_items: usize, keys: i128 },
}

impl Unsatisfiable {
    /// What the compiler says: it can make no text of its own.
    pub const fn text(&self) -> &'static str {
        match self {
            Self::Bounds => "no number is between these bounds",
            Self::Integers(_) => "no number between these bounds satisfies the other rules",
            Self::Blank => "the empty string is blank, and no other has at most 0 characters",
            Self::PrefixLength { .. } => "the prefix is longer than `max_length`",
            Self::PrefixContains { .. } => "the prefix contains what `must_not_contain` refuses",
            Self::PrefixBlank { .. } => "the prefix begins with white space, which `trimmed` refuses",
            Self::Items { .. } => "`min_items` is above the number of different items, and `unique` refuses repeats",
            Self::Keys { .. } => "`min_items` is above the number of allowed keys",
        }
    }
}

/// What the macro says.
impl fmt::Display for Unsatisfiable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integers(Integers { low, high, factor: 1, .. }) => {
                write!(formatter, "no power of two is from {low} to {high}")
            }
            Self::Integers(Integers { low, high, factor, power_of_two: true }) => {
                write!(formatter, "no power of two from {low} to {high} is a multiple of {factor}")
            }
            Self::Integers(Integers { low, high, factor, power_of_two: false }) => {
                write!(formatter, "no multiple of {factor} is from {low} to {high}")
            }
            Self::PrefixLength { prefix, longest } => {
                write!(formatter, "the prefix has {}, and a value has at most {longest}", counted(prefix, "character"))
            }
            Self::PrefixContains { prefix, part } => write!(formatter, "the prefix {prefix:?} contains {part:?}"),
            Self::PrefixBlank { prefix } => write!(formatter, "the prefix {prefix:?} begins with white space"),
            Self::Items { min_items, items } => {
                write!(formatter, "`min_items = {min_items}`, and at most {items} items differ")
            }
            Self::Keys { min_items, keys } => {
                write!(formatter, "`min_items = {min_items}`, and the number of allowed keys is {keys}")
            }
            Self::Bounds | Self::Blank => formatter.write_str(self.text()),
        }
    }
}

/// Why no value of a type satisfies all rules, each of which applies to the type. Bounds that are not known leave all.
pub const fn unsatisfiable<C: Copy>(domain: Domain, rules: &[RuleWith<C>]) -> Option<Unsatisfiable> {
    match domain {
        Domain::Integers { min, max } => {
            let left = Integers::left(min, max, rules);
            match left.count() {
                0 if left.low > left.high => Some(Unsatisfiable::Bounds),
                0 => Some(Unsatisfiable::Integers(left)),
                _ => None,
            }
        }
        Domain::Floats { max } => floats(max, rules),
        Domain::Strings => strings(rules),
        Domain::Lists { items } => {
            let Entries { min_items, unique, .. } = Entries::of(rules);
            match items {
                Some(items) if unique && items < min_items as i128 => Some(Unsatisfiable::Items { min_items, items }),
                _ => None,
            }
        }
        Domain::Maps => {
            let Entries { min_items, keys, .. } = Entries::of(rules);
            let empty = matches!(longest(keys), Some(0));
            match values_left(if empty { Some(1) } else { None }, keys) {
                Some(keys) if keys < min_items as i128 => Some(Unsatisfiable::Keys { min_items, keys }),
                _ => None,
            }
        }
        Domain::Finite(_) | Domain::Other => None,
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
    let mut left = of_type;
    each!(rule in rules => {
        if let RuleWith::Allowed(values) = rule {
            left = match left {
                Some(count) if count < values.len() as i128 => Some(count),
                _ => Some(values.len() as i128),
            };
        }
    });
    left
}

const fn floats<C: Copy>(max: f64, rules: &[RuleWith<C>]) -> Option<Unsatisfiable> {
    let (mut low, mut high) = (None, None);
    each!(rule in rules => {
        if let Some(end) = rule.end() {
            let bound = end.bound.as_f64();
            if end.is_open && (if end.is_lower { bound >= max } else { bound <= -max }) {
                return Some(Unsatisfiable::Bounds);
            }
            if end.is_lower {
                low = Some(end);
            } else {
                high = Some(end);
            }
        }
    });
    match (low, high) {
        (Some(low), Some(high)) if low.excludes(high) => Some(Unsatisfiable::Bounds),
        _ => None,
    }
}

const fn strings<C: Copy>(rules: &[RuleWith<C>]) -> Option<Unsatisfiable> {
    let longest = longest(rules);
    let mut prefix = "";
    each!(rule in rules => {
        match rule {
            RuleWith::Prefix(text) => prefix = text,
            RuleWith::NotBlank if matches!(longest, Some(0)) => return Some(Unsatisfiable::Blank),
            _ => {}
        }
    });
    let length = characters(prefix);
    if let Some(longest) = longest
        && longest < length
    {
        return Some(Unsatisfiable::PrefixLength { prefix: length, longest });
    }
    each!(rule in rules => {
        match rule {
            RuleWith::MustNotContain(part) if contains(prefix, part) => {
                return Some(Unsatisfiable::PrefixContains { prefix, part });
            }
            RuleWith::Trimmed if blanks_at_start(prefix) > 0 => return Some(Unsatisfiable::PrefixBlank { prefix }),
            _ => {}
        }
    });
    None
}

const fn longest<C: Copy>(rules: &[RuleWith<C>]) -> Option<usize> {
    each!(rule in rules => {
        if let RuleWith::MaxLength(size) = rule {
            return Some(*size);
        }
    });
    None
}
