//! Rules on strings: `not_blank`, `trimmed`, `min_length`, `max_length`, `pattern`, `prefix`, `must_not_contain`.

use crate::{RuleWith, allowed::lists_text};

/// The characters that count as blank, for `not_blank` and `trimmed`: those that Python's `str.strip` strips, since
/// LMCache strips with it. Listed one by one because every regular-expression dialect means another set by `\s`.
pub const BLANK: &[char] = &[
    '\t', '\n', '\u{b}', '\u{c}', '\r', '\u{1c}', '\u{1d}', '\u{1e}', '\u{1f}', ' ', '\u{85}', '\u{a0}', '\u{1680}',
    '\u{2000}', '\u{2001}', '\u{2002}', '\u{2003}', '\u{2004}', '\u{2005}', '\u{2006}', '\u{2007}', '\u{2008}',
    '\u{2009}', '\u{200a}', '\u{2028}', '\u{2029}', '\u{202f}', '\u{205f}', '\u{3000}',
];

impl<C: Copy + 'static> RuleWith<C> {
    /// Whether a string satisfies the rule; every string satisfies rules on other values.
    pub fn accepts_text(&self, text: &str) -> bool {
        match self {
            Self::Pattern(pattern) => pattern.matches(text),
            Self::Host(_) | Self::HostPort(_) | Self::Url(_) => self.is_advice() || self.other_address(text).is_none(),
            _ => self.accepts_known_text(text),
        }
    }

    /// The same in constants, where every string matches a pattern and is an address.
    pub(crate) const fn accepts_known_text(&self, text: &str) -> bool {
        match self {
            Self::Allowed(values) => lists_text(values, text),
            Self::NotBlank => blanks_at_start(text) < text.len(),
            Self::Trimmed => blanks_at_start(text) == 0 && !ends_blank(text),
            Self::MinLength(min) => characters(text) >= *min,
            // A string of n bytes has at most n characters.
            Self::MaxLength(max) => text.len() <= *max || characters(text) <= *max,
            Self::Prefix(prefix) => matches_at(text.as_bytes(), 0, prefix.as_bytes()),
            Self::MustNotContain(part) => !contains(text, part),
            _ => true,
        }
    }
}

/// Whether two strings are equal, in constants.
pub const fn text_equals(left: &str, right: &str) -> bool {
    left.len() == right.len() && matches_at(left.as_bytes(), 0, right.as_bytes())
}

pub(crate) const fn contains(text: &str, part: &str) -> bool {
    let mut start = 0;
    while start + part.len() <= text.len() {
        if matches_at(text.as_bytes(), start, part.as_bytes()) {
            return true;
        }
        start += 1;
    }
    false
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

pub(crate) const fn characters(text: &str) -> usize {
    let (bytes, mut count, mut index) = (text.as_bytes(), 0, 0);
    while index < bytes.len() {
        // All bytes of a character except the first begin with the bits 10.
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

pub(crate) const fn blanks_at_start(text: &str) -> usize {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rule;

    #[test]
    fn const_string_functions_agree_with_the_standard_library() {
        let strings =
            ["", " ", "a", "ab", "abc", "\u{a0}a", "a\u{3000}", "\u{1c}", "éé", "日本語", "ca", "aaab", "ab ab"];
        for text in strings {
            assert_eq!(Rule::NotBlank.accepts_text(text), text.chars().any(|character| !BLANK.contains(&character)));
            let is_trimmed = text.trim_matches(BLANK) == text;
            assert_eq!(Rule::Trimmed.accepts_text(text), is_trimmed, "{text:?}");
            assert_eq!(Rule::MinLength(2).accepts_text(text), text.chars().count() >= 2, "{text:?}");
            assert_eq!(Rule::MaxLength(2).accepts_text(text), text.chars().count() <= 2, "{text:?}");
            assert_eq!(Rule::Prefix("a").accepts_text(text), text.starts_with('a'), "{text:?}");
            assert_eq!(Rule::MustNotContain("ab").accepts_text(text), !text.contains("ab"), "{text:?}");
        }
    }
}
