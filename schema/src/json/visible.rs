//! Text from documents and names of files, made safe to show: a document must not be able to forge the report on it.

use std::{
    fmt::{self, Display, Write as _},
    io,
};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// Text with escapes for everything that would move the cursor, start a new line, turn the reading direction or is not seen.
pub fn visible(text: &str) -> impl Display {
    fmt::from_fn(move |formatter| {
        text.chars().try_for_each(|character| match character {
            character if character.is_control() => write!(formatter, "{}", character.escape_default()),
            character if is_unseen(character) => write!(formatter, "{}", character.escape_unicode()),
            character => formatter.write_char(character),
        })
    })
}

/// Writes JSON on one line, in which the same characters are escaped: who parses it gets them as they were.
///
/// # Errors
///
/// Those of the writer.
pub fn write_visible_json(value: &impl Serialize, out: &mut dyn io::Write) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(out, VisibleJson)).map_err(io::Error::from)
}

struct VisibleJson;

impl Formatter for VisibleJson {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let is_escaped = |character: char| character.is_control() || is_unseen(character);
        let mut rest = fragment;
        while let Some((at, character)) = rest.char_indices().find(|(_, character)| is_escaped(*character)) {
            out.write_all(&rest.as_bytes()[..at])?;
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            rest = &rest[at + character.len_utf8()..];
        }
        out.write_all(rest.as_bytes())
    }
}

/// Whether a character has no shape of its own: those that Unicode lets every program ignore, those that format other text, and
/// the ends of lines and paragraphs.
fn is_unseen(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_seen_is_escaped_and_letters_are_not() {
        let text =
            "größe \"日本\" a\\b\u{1b}[2J\n\u{7f}\u{85}\u{202e}\u{2028}\u{2066}\u{200b}\u{200e}\u{feff}\u{ad}\u{e0041}";
        let shown = "größe \"日本\" a\\b\\u{1b}[2J\\n\\u{7f}\\u{85}\\u{202e}\\u{2028}\\u{2066}\\u{200b}\\u{200e}\\u{feff}\\u{ad}\\u{e0041}";
        assert_eq!(visible(text).to_string(), shown);
        let mut json = Vec::new();
        write_visible_json(&text, &mut json).expect("a Vec takes all");
        let json = String::from_utf8(json).expect("JSON is UTF-8");
        assert!(json.chars().all(|character| !character.is_control() && !is_unseen(character)), "{json}");
        assert!(json.contains("größe \\\"日本\\\"") && json.contains("\\udb40\\udc41"), "{json}");
        assert_eq!(serde_json::from_str::<String>(&json).expect("JSON"), text);
    }
}
