//! The rule that lists the values.

use crate::{LiteralWith, RuleWith, string::text_equals};

/// Whether an integer is listed, or a value that is not known here.
pub(crate) const fn lists_integer<C: Copy>(values: &[LiteralWith<C>], integer: i128) -> bool {
    let mut index = 0;
    while index < values.len() {
        match &values[index] {
            LiteralWith::Integer(value) if *value == integer => return true,
            LiteralWith::Constant(_) => return true,
            _ => index += 1,
        }
    }
    false
}

/// Whether a string is listed, or a value that is not known here.
pub(crate) const fn lists_text<C: Copy>(values: &[LiteralWith<C>], text: &str) -> bool {
    let mut index = 0;
    while index < values.len() {
        match &values[index] {
            LiteralWith::String(value) if text_equals(value, text) => return true,
            LiteralWith::Constant(_) => return true,
            _ => index += 1,
        }
    }
    false
}

pub(crate) fn phrase<C: Copy>(rule: &RuleWith<C>) -> Option<String> {
    match rule {
        RuleWith::Allowed(values) => Some(one_of(values.iter().map(LiteralWith::to_string))),
        _ => None,
    }
}

/// Alternatives as a phrase: "a", "a or b", "one of a, b, c".
pub fn one_of(alternatives: impl Iterator<Item = String>) -> String {
    let alternatives: Vec<_> = alternatives.collect();
    match alternatives.as_slice() {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        [left, right] => format!("{left} or {right}"),
        many => format!("one of {}", many.join(", ")),
    }
}
