//! The rules that narrow a value of some [`Kind`](crate::Kind): each is one constant in a field's table, checked by the
//! parser, said in help and documentation, and exported to JSON Schema. A rule knows neither its field nor its path: it
//! answers with a [`Violation`] and the reader adds the rest, so no rule can forget it.

mod items;
mod machine;
mod number;
mod pattern;
mod text;

pub use number::Bound;
pub use pattern::Pattern;
pub use text::BLANK;

pub(crate) use items::first_repeated;
pub(crate) use machine::{ask_the_machine, existing_violation};

use crate::{fault::FaultCode, literal::Literal, machine::Existing};

/// One rule on a value. Rules that do not fit a value's kind do not compile.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Rule {
    /// The value equals one of these strings or integers.
    Allowed(&'static [Literal]),
    /// A number is not smaller than this.
    Min(Bound),
    /// A number is not larger than this.
    Max(Bound),
    /// A number is larger than this.
    Above(Bound),
    /// A number is smaller than this.
    Below(Bound),
    /// An integer is a multiple of this.
    MultipleOf(u64),
    /// An integer is 1, 2, 4, 8, ...
    PowerOfTwo,
    /// A string has at least one character that is not in [`BLANK`].
    NotBlank,
    /// A string neither begins nor ends with a character in [`BLANK`]. Nothing is stripped.
    Trimmed,
    /// A string has at least this many characters (Unicode scalar values, not bytes).
    MinLength(usize),
    /// A string has at most this many characters (Unicode scalar values, not bytes).
    MaxLength(usize),
    /// A string matches somewhere; anchors are part of the pattern.
    Pattern(&'static Pattern),
    /// A string begins with this.
    Prefix(&'static str),
    /// A string contains this nowhere.
    MustNotContain(&'static str),
    /// A string names something that exists on the machine; kept by every string where the context has none.
    Exists(&'static [Existing]),
    /// A list or map has at least this many entries.
    MinItems(usize),
    /// A list or map has at most this many entries.
    MaxItems(usize),
    /// No two items of a list are equal as JSON values.
    Unique,
    /// Every item of a list, every value of a map.
    Each(&'static [Rule]),
    /// Every key of a map.
    Keys(&'static [Rule]),
}

/// What a rule has to say against a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Violation {
    /// Which kind of rule was broken.
    pub code: FaultCode,
    /// What is wrong, as the end of a sentence that begins with the value's name: "must be at least 1".
    pub message: String,
    /// What the rule accepts, as a noun phrase: "an integer from 1".
    pub expected: String,
    /// A close allowed value.
    pub suggestion: Option<String>,
}

impl Rule {
    /// What the rule accepts, as help and faults say it: "at least 1", "one of \"LRU\", \"ARC\"".
    pub fn describe(&self) -> String {
        match self {
            Rule::Allowed(values) => one_of(values.iter().map(|value| value.to_value().to_string())),
            Rule::Min(bound) => format!("at least {bound}"),
            Rule::Max(bound) => format!("at most {bound}"),
            Rule::Above(bound) => format!("above {bound}"),
            Rule::Below(bound) => format!("below {bound}"),
            Rule::MultipleOf(factor) => format!("a multiple of {factor}"),
            Rule::PowerOfTwo => "a power of two".to_owned(),
            Rule::NotBlank => "not blank".to_owned(),
            Rule::Trimmed => "without leading or trailing blanks".to_owned(),
            Rule::MinLength(1) => "at least 1 character".to_owned(),
            Rule::MinLength(min) => format!("at least {min} characters"),
            Rule::MaxLength(1) => "at most 1 character".to_owned(),
            Rule::MaxLength(max) => format!("at most {max} characters"),
            Rule::Pattern(pattern) => format!("the pattern `{}`", pattern.source()),
            Rule::Prefix(prefix) => format!("beginning with {}", quoted(prefix)),
            Rule::MustNotContain(part) => format!("without {}", quoted(part)),
            Rule::Exists(existing) => format!("an existing {} when checked on the machine", machine::either(existing)),
            Rule::MinItems(1) => "not empty".to_owned(),
            Rule::MinItems(min) => format!("at least {min} entries"),
            Rule::MaxItems(1) => "at most 1 entry".to_owned(),
            Rule::MaxItems(max) => format!("at most {max} entries"),
            Rule::Unique => "without repeats".to_owned(),
            Rule::Each(rules) => format!("each {}", describe_all(rules)),
            Rule::Keys(rules) => format!("keys {}", describe_all(rules)),
        }
    }
}

/// A text as JSON writes it, so that no character in it ends a line or a file.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Several rules in one phrase; a closed range reads as one: "1 to 65535".
pub fn describe_all(rules: &[Rule]) -> String {
    let mut phrases = Vec::new();
    let mut rest = rules;
    while let Some((first, others)) = rest.split_first() {
        rest = others;
        match (first, others.first()) {
            (Rule::Min(min), Some(Rule::Max(max))) => {
                phrases.push(format!("{min} to {max}"));
                rest = &others[1..];
            }
            _ => phrases.push(first.describe()),
        }
    }
    phrases.join(", ")
}

/// Alternatives as a phrase: "a", "a or b", "one of a, b, c".
pub(crate) fn one_of(alternatives: impl Iterator<Item = String>) -> String {
    let alternatives: Vec<_> = alternatives.collect();
    match alternatives.as_slice() {
        [] => "nothing".to_owned(),
        [only] => only.clone(),
        [left, right] => format!("{left} or {right}"),
        many => format!("one of {}", many.join(", ")),
    }
}
