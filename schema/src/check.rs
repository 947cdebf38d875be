//! Checks that the derive leaves to the compiler, because only it knows a type or a constant: functions that a constant
//! calls and that fail to evaluate, with a sentence, where a table would be wrong.
//!
//! They cannot name values, since text cannot be made in a constant; the compiler shows the place.

use crate::{
    kind::{ChoiceTable, Kind},
    literal::Literal,
    rule::{Bound, Rule},
};

/// The keys of a table and of those it takes in: what a constant can see of a table.
#[derive(Debug)]
pub struct Keys {
    /// The table's own keys, aliases and forbidden keys.
    pub own: &'static [&'static str],
    /// Whether the table takes undeclared keys.
    pub rest: bool,
    /// The keys of the table it extends and of the shared keys.
    pub parts: &'static [&'static Keys],
}

impl Keys {
    /// No keys.
    pub const NONE: Keys = Keys { own: &[], rest: false, parts: &[] };

    const fn contain(&self, key: &str) -> bool {
        let mut index = 0;
        while index < self.own.len() {
            if text_equals(self.own[index], key) {
                return true;
            }
            index += 1;
        }
        let mut part = 0;
        while part < self.parts.len() {
            if self.parts[part].contain(key) {
                return true;
            }
            part += 1;
        }
        false
    }

    /// Whether one of `self`'s keys is among `others`.
    const fn meet(&self, others: &Keys) -> bool {
        let mut index = 0;
        while index < self.own.len() {
            if others.contain(self.own[index]) {
                return true;
            }
            index += 1;
        }
        let mut part = 0;
        while part < self.parts.len() {
            if self.parts[part].meet(others) {
                return true;
            }
            part += 1;
        }
        false
    }

    const fn take_rest(&self) -> bool {
        let mut part = 0;
        while part < self.parts.len() {
            if self.parts[part].take_rest() {
                return true;
            }
            part += 1;
        }
        self.rest
    }
}

/// Checks that the keys of a struct are not those of the struct it extends.
#[track_caller]
pub const fn extends(keys: &Keys, base: &Keys) {
    let own = Keys { own: keys.own, rest: false, parts: &[] };
    if own.meet(base) {
        panic!("a key of this struct is one of the struct it extends already");
    }
    if keys.rest && base.take_rest() {
        panic!("the struct it extends takes undeclared keys already: drop the field marked `rest`");
    }
    if keys.parts.len() > 1 && keys.parts[1].meet(base) {
        panic!("the struct it extends holds the shared keys already: drop the field `SharedConfig`");
    }
}

/// Checks that the tag of a union is none of the keys of a variant.
#[track_caller]
pub const fn tag(keys: &Keys, tag: &str) {
    if keys.contain(tag) {
        panic!("the tag of the union is a key of this variant already");
    }
}

/// The bound of a range that was written as a constant.
#[track_caller]
pub const fn bound(literal: Literal) -> Bound {
    match literal {
        Literal::Integer(value) => Bound::Integer(value),
        Literal::Float(value) => Bound::Float(value),
        _ => panic!("a bound must be a number"),
    }
}

/// Checks that rules suit a kind and can be kept.
#[track_caller]
pub const fn rules(kind: Kind, rules: &[Rule]) {
    let kind = kind.unwrap_optional();
    let mut index = 0;
    while index < rules.len() {
        rule(kind, &rules[index]);
        index += 1;
    }
    range(kind, rules);
}

#[track_caller]
const fn rule(kind: Kind, rule: &Rule) {
    match rule {
        Rule::Allowed(values) => {
            if !matches!(kind, Kind::Text | Kind::Path | Kind::Integer { .. }) {
                panic!("`allowed` is a rule for strings and integers, and this type is neither");
            }
            let mut index = 0;
            while index < values.len() {
                if !has_kind(kind, &values[index]) {
                    panic!("this allowed value is no value of the field's type");
                }
                index += 1;
            }
        }
        Rule::Min(bound) | Rule::Max(bound) | Rule::Above(bound) | Rule::Below(bound) => bound_suits(kind, *bound),
        Rule::MultipleOf(_) | Rule::PowerOfTwo => {
            if !matches!(kind, Kind::Integer { .. }) {
                panic!("this is a rule for integers, and the type is none");
            }
        }
        Rule::NotBlank
        | Rule::Trimmed
        | Rule::MinLength(_)
        | Rule::MaxLength(_)
        | Rule::Pattern(_)
        | Rule::Prefix(_)
        | Rule::MustNotContain(_) => {
            if !matches!(kind, Kind::Text | Kind::Path) {
                panic!("this is a rule for strings, and the type is none");
            }
        }
        Rule::MinItems(_) | Rule::MaxItems(_) => {
            if !matches!(kind, Kind::List(_) | Kind::Map(_)) {
                panic!("this is a rule for lists and maps, and the type is neither");
            }
        }
        Rule::Unique => match kind {
            Kind::List(item) => {
                if !is_written_one_way(*item) {
                    panic!("`unique` compares items as they are written, and equal ones of this type can be written differently");
                }
            }
            _ => panic!("`unique` is a rule for lists, and the type is none"),
        },
        Rule::Each(each) => match kind {
            Kind::List(item) | Kind::Map(item) => rules(*item, each),
            _ => panic!("`each` is a rule for lists and maps, and the type is neither"),
        },
        Rule::Keys(keys) => {
            if !matches!(kind, Kind::Map(_)) {
                panic!("`keys` is a rule for maps, and the type is none");
            }
            rules(Kind::Text, keys);
        }
    }
}

/// Whether values of a kind that are equal once they are read were equal JSON. Where they need not be, a list that is
/// unique as it is written may repeat items once it is read and written again.
const fn is_written_one_way(kind: Kind) -> bool {
    match kind {
        Kind::Optional(content) | Kind::List(content) | Kind::Map(content) => is_written_one_way(*content),
        Kind::Choice(choices) => !choices.ignore_case,
        // Numbers are rounded; defaults may be written out or not.
        Kind::Number { .. } | Kind::Section(_) | Kind::Union(_) | Kind::AdapterSpec => false,
        _ => true,
    }
}

#[track_caller]
const fn bound_suits(kind: Kind, bound: Bound) {
    match (kind, bound) {
        (Kind::Integer { min, max }, Bound::Integer(value)) => {
            if value < min || value > max {
                panic!("the bound is outside the field's integer type");
            }
        }
        (Kind::Integer { .. }, Bound::Float(_)) => panic!("the bound of an integer must be an integer"),
        (Kind::Number { max }, bound) => {
            let bound = bound.as_f64();
            if !(bound >= -max && bound <= max) {
                panic!("the bound is outside the field's float type");
            }
        }
        _ => panic!("ranges are rules for numbers, and this type is none"),
    }
}

/// Checks that some number keeps all the range rules.
#[track_caller]
const fn range(kind: Kind, rules: &[Rule]) {
    let (mut low, mut high) = (None, None);
    let mut index = 0;
    while index < rules.len() {
        match &rules[index] {
            Rule::Min(bound) => low = Some((*bound, false)),
            Rule::Above(bound) => low = Some((*bound, true)),
            Rule::Max(bound) => high = Some((*bound, false)),
            Rule::Below(bound) => high = Some((*bound, true)),
            _ => {}
        }
        index += 1;
    }
    let (Some((low, above)), Some((high, below))) = (low, high) else { return };
    let empty = match (low, high) {
        (Bound::Integer(low), Bound::Integer(high)) if matches!(kind, Kind::Integer { .. }) => {
            low + above as i128 > high - below as i128
        }
        _ => low.as_f64() > high.as_f64() || ((above || below) && low.as_f64() >= high.as_f64()),
    };
    if empty {
        panic!("no number is between these bounds");
    }
}

/// Checks a default.
#[track_caller]
pub const fn default(kind: Kind, rules: &[Rule], literal: &Literal) {
    if !has_kind(kind, literal) {
        panic!("the default is no value of the field's type");
    }
    if !keeps_all(kind, rules, literal) {
        panic!("the default breaks a rule of its own field");
    }
}

/// Checks an example.
#[track_caller]
pub const fn example(kind: Kind, rules: &[Rule], literal: &Literal) {
    if !has_kind(kind, literal) {
        panic!("the example is no value of the field's type");
    }
    if !keeps_all(kind, rules, literal) {
        panic!("the example breaks a rule of its own field");
    }
}

/// Checks the value that a condition asks for.
#[track_caller]
pub const fn condition(kind: Kind, rules: &[Rule], literal: &Literal) {
    if !has_kind(kind, literal) || !keeps_all(kind, rules, literal) {
        panic!("the other field can never have this value");
    }
}

/// Checks that the type of a field marked `secret` hides its value.
#[track_caller]
pub const fn hides_its_value(secret: bool) {
    if !secret {
        panic!("the type of a secret must hide it: write `Secret<...>`");
    }
}

/// Checks that the type of a field not marked `secret` does not hide its value.
#[track_caller]
pub const fn shows_its_value(secret: bool) {
    if secret {
        panic!("mark the field #[config(secret)]: its type hides its value");
    }
}

/// Whether a literal can be a value of a kind.
const fn has_kind(kind: Kind, literal: &Literal) -> bool {
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
    let mut index = 0;
    while index < rules.len() {
        if !keeps(kind, &rules[index], literal) {
            return false;
        }
        index += 1;
    }
    true
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
        (rule, Literal::Text(text)) => text_keeps(rule, text),
        _ => true,
    }
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

mod text {
    //! Strings in constants.

    use crate::rule::{BLANK, Rule};

    pub(super) const fn text_equals(left: &str, right: &str) -> bool {
        left.len() == right.len() && matches_at(left.as_bytes(), 0, right.as_bytes())
    }

    /// Whether a string keeps a rule on strings. A constant that must match a pattern does not get here: the derive asks
    /// for a literal, which it matches itself.
    pub(super) const fn text_keeps(rule: &Rule, text: &str) -> bool {
        match rule {
            Rule::NotBlank => blanks_at_start(text) < text.len(),
            Rule::Trimmed => blanks_at_start(text) == 0 && !ends_blank(text),
            Rule::MinLength(min) => characters(text) >= *min,
            Rule::MaxLength(max) => characters(text) <= *max,
            Rule::Prefix(prefix) => matches_at(text.as_bytes(), 0, prefix.as_bytes()),
            Rule::MustNotContain(part) => {
                let mut start = 0;
                while start < text.len() {
                    if matches_at(text.as_bytes(), start, part.as_bytes()) {
                        return false;
                    }
                    start += 1;
                }
                true
            }
            _ => true,
        }
    }

    const fn matches_at(text: &[u8], start: usize, part: &[u8]) -> bool {
        if text.len() < start + part.len() {
            return false;
        }
        let mut index = 0;
        while index < part.len() {
            if text[start + index] != part[index] {
                return false;
            }
            index += 1;
        }
        true
    }

    const fn characters(text: &str) -> usize {
        let (bytes, mut count, mut index) = (text.as_bytes(), 0, 0);
        while index < bytes.len() {
            // All bytes of a character but the first begin with the bits 10.
            count += (bytes[index] & 0xC0 != 0x80) as usize;
            index += 1;
        }
        count
    }

    /// The length of the blank character that begins at `start`, or 0.
    const fn blank_at(text: &[u8], start: usize) -> usize {
        let mut index = 0;
        while index < BLANK.len() {
            let mut buffer = [0; 4];
            let blank = BLANK[index].encode_utf8(&mut buffer).as_bytes();
            if matches_at(text, start, blank) {
                return blank.len();
            }
            index += 1;
        }
        0
    }

    const fn blanks_at_start(text: &str) -> usize {
        let mut end = 0;
        loop {
            let length = blank_at(text.as_bytes(), end);
            if length == 0 {
                return end;
            }
            end += length;
        }
    }

    const fn ends_blank(text: &str) -> bool {
        let bytes = text.as_bytes();
        let mut start = bytes.len();
        while start > 0 {
            start -= 1;
            if bytes[start] & 0xC0 != 0x80 {
                return blank_at(bytes, start) > 0;
            }
        }
        false
    }
}

use text::{text_equals, text_keeps};
