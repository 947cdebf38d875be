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
