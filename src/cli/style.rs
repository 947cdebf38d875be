//! Colours, and text that is safe to show. The streams leave colours out where nobody can see them.

use std::fmt::{self, Display, Write as _};

use anstyle::{AnsiColor, Style};

pub(super) const PLACE: Style = Style::new().bold();
pub(super) const ERROR: Style = AnsiColor::Red.on_default().bold();
pub(super) const WARNING: Style = AnsiColor::Yellow.on_default().bold();
pub(super) const HINT: Style = AnsiColor::Cyan.on_default().bold();

/// Text in a style.
pub(super) fn paint(style: Style, text: impl Display) -> impl Display {
    fmt::from_fn(move |formatter| write!(formatter, "{style}{text}{style:#}"))
}

/// Text from a document or a file name, with characters escaped that would move the cursor, start a new line or turn the
/// reading direction: what is checked must not be able to forge the report on it.
pub(super) fn visible(text: &str) -> impl Display {
    fmt::from_fn(move |formatter| {
        text.chars().try_for_each(|character| match character {
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}' => {
                write!(formatter, "{}", character.escape_unicode())
            }
            character if character.is_control() => write!(formatter, "{}", character.escape_default()),
            character => formatter.write_char(character),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped_and_letters_are_not() {
        assert_eq!(visible("größe\u{1b}[2J\n\u{202e}").to_string(), "größe\\u{1b}[2J\\n\\u{202e}");
    }
}
