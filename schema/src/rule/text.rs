//! Rules on strings.

use super::{Rule, Violation, quoted};
use crate::{fault::FaultCode, literal::Literal, suggest};

/// The characters that count as blank, for `not_blank` and `trimmed`: those that Python's `str.strip` strips, since
/// LMCache strips with it. Listed one by one because every regular-expression dialect means another set by `\s`.
pub const BLANK: &[char] = &[
    '\t', '\n', '\u{b}', '\u{c}', '\r', '\u{1c}', '\u{1d}', '\u{1e}', '\u{1f}', ' ', '\u{85}', '\u{a0}', '\u{1680}',
    '\u{2000}', '\u{2001}', '\u{2002}', '\u{2003}', '\u{2004}', '\u{2005}', '\u{2006}', '\u{2007}', '\u{2008}',
    '\u{2009}', '\u{200a}', '\u{2028}', '\u{2029}', '\u{202f}', '\u{205f}', '\u{3000}',
];

fn is_blank(character: char) -> bool {
    if character.is_ascii() { matches!(character, '\t'..='\r' | '\u{1c}'..=' ') } else { BLANK.contains(&character) }
}

impl Rule {
    /// Whether a string keeps this rule; rules on other kinds are kept by every string.
    ///
    /// The commonest rule is decided in line, for the commonest strings.
    #[inline]
    pub(crate) fn accepts_text(&self, text: &str) -> bool {
        match self {
            Rule::NotBlank if text.as_bytes().first().is_some_and(u8::is_ascii_graphic) => true,
            _ => self.accepts_text_otherwise(text),
        }
    }

    fn accepts_text_otherwise(&self, text: &str) -> bool {
        match *self {
            Rule::Allowed(values) => values.iter().any(|literal| literal.as_text() == Some(text)),
            Rule::NotBlank => text.chars().any(|character| !is_blank(character)),
            Rule::Trimmed => !text.starts_with(is_blank) && !text.ends_with(is_blank),
            // A string of n bytes has at most n characters and at least n / 4.
            Rule::MinLength(min) => text.chars().take(min).count() == min,
            Rule::MaxLength(max) => text.len() <= max || text.chars().take(max.saturating_add(1)).count() <= max,
            Rule::Pattern(pattern) => pattern.matches(text),
            Rule::Prefix(prefix) => text.starts_with(prefix),
            Rule::MustNotContain(part) => !text.contains(part),
            _ => true,
        }
    }

    /// What a string that breaks this rule is told.
    pub(crate) fn text_violation(&self, text: &str) -> Violation {
        let code = match self {
            Rule::Allowed(_) => FaultCode::NotAllowed,
            Rule::NotBlank => FaultCode::Blank,
            Rule::Trimmed => FaultCode::NotTrimmed,
            Rule::Pattern(_) => FaultCode::Pattern,
            Rule::Prefix(_) => FaultCode::Prefix,
            Rule::MustNotContain(_) => FaultCode::ForbiddenText,
            _ => FaultCode::Length,
        };
        let suggestion = match self {
            Rule::Allowed(values) => suggest::closest(text, values.iter().filter_map(Literal::as_text)),
            _ => None,
        };
        let expected = self.describe();
        let message = match self {
            Rule::MustNotContain(part) => format!("must not contain {}", quoted(part)),
            Rule::NotBlank => "must not be blank".to_owned(),
            Rule::Trimmed => "must not begin or end with blanks".to_owned(),
            Rule::Pattern(_) => format!("must match {expected}"),
            Rule::Prefix(prefix) => format!("must begin with {}", quoted(prefix)),
            Rule::MinLength(_) | Rule::MaxLength(_) => format!("must have {expected}"),
            _ => format!("must be {expected}"),
        };
        Violation { code, message, expected, suggestion: suggestion.map(str::to_owned) }
    }
}
