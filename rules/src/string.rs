//! Rules on strings: `not_blank`, `trimmed`, `min_length`, `max_length`, `pattern`, `prefix`, `must_not_contain`.

use crate::{LiteralWith, RuleWith};

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
            Self::Allowed(values) => any!(listed in values => match listed {
                LiteralWith::String(listed) => text_equals(listed, text),
                listed => matches!(listed, LiteralWith::Constant(_)),
            }),
            Self::NotBlank => !is_blank(text),
            Self::Trimmed => after_blank(text.as_bytes()).is_none() && !ends_blank(text.as_bytes()),
            Self::MinLength(min) => characters(text) >= *min,
            // A string of n bytes has at most n characters.
            Self::MaxLength(max) => text.len() <= *max || characters(text) <= *max,
            Self::Prefix(prefix) => begins(text.as_bytes(), prefix.as_bytes()),
            Self::MustNotContain(part) => !contains(text, part),
            _ => true,
        }
    }
}

/// Whether two strings are equal, in constants.
pub const fn text_equals(left: &str, right: &str) -> bool {
    left.len() == right.len() && begins(left.as_bytes(), right.as_bytes())
}

pub(crate) const fn contains(text: &str, part: &str) -> bool {
    let mut rest = text.as_bytes();
    while !begins(rest, part.as_bytes()) {
        let [_, others @ ..] = rest else { return false };
        rest = others;
    }
    true
}

const fn begins(text: &[u8], part: &[u8]) -> bool {
    after(text, part).is_some()
}

/// What follows a part that a text begins with.
const fn after<'t>(mut text: &'t [u8], part: &[u8]) -> Option<&'t [u8]> {
    each!(byte in part => {
        match text {
            [first, rest @ ..] if *first == *byte => text = rest,
            _ => return None,
        }
    });
    Some(text)
}

pub(crate) const fn characters(text: &str) -> usize {
    let mut count = 0;
    // All bytes of a character except the first begin with the bits 10.
    each!(byte in text.as_bytes() => { count += (*byte & 0xC0 != 0x80) as usize; });
    count
}

/// What follows a blank that a text begins with.
pub(crate) const fn after_blank(text: &[u8]) -> Option<&[u8]> {
    // Nearly every text begins and ends with such a sign, which is compared with no blank.
    if let [b'!'..=b'~', ..] = text {
        return None;
    }
    each!(blank in BLANK => {
        if let Some(rest) = after(text, blank.encode_utf8(&mut [0; 4]).as_bytes()) {
            return Some(rest);
        }
    });
    None
}

const fn is_blank(text: &str) -> bool {
    let mut rest = text.as_bytes();
    while let Some(others) = after_blank(rest) {
        rest = others;
    }
    rest.is_empty()
}

const fn ends_blank(text: &[u8]) -> bool {
    let is_plain = matches!(text, [.., b'!'..=b'~']);
    !is_plain
        && any!(blank in BLANK => {
            let (_, end) = text.split_at(text.len().saturating_sub(blank.len_utf8()));
            begins(end, blank.encode_utf8(&mut [0; 4]).as_bytes())
        })
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
