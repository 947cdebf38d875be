//! Colours. The streams remove them if they are not wanted.

use std::fmt::{self, Display, Write as _};

use anstyle::{AnsiColor, Style};

use crate::specs::Part;

const PLACE: Style = Style::new().bold();
pub(super) const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
pub(super) const HINT: Style = AnsiColor::Cyan.on_default().bold();

/// Text in a style.
pub(super) fn paint(style: Style, text: impl Display) -> impl Display {
    fmt::from_fn(move |formatter| write!(formatter, "{style}{text}{style:#}"))
}

/// A part of a report in its style.
pub(super) fn paint_part(part: Part, text: &str) -> String {
    let style = match part {
        Part::Place => PLACE,
        Part::Error => ERROR,
        Part::Warning => WARNING,
        _ => HINT,
    };
    paint(style, text).to_string()
}

/// Text from a document or the name of a file, with escapes for everything that would move the cursor or change the reading
/// direction.
pub(super) fn visible(text: &str) -> impl Display {
    fmt::from_fn(move |formatter| {
        text.chars().try_for_each(|character| match character {
            '"' | '\'' | '\\' => formatter.write_char(character),
            character => write!(formatter, "{}", character.escape_debug()),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_move_the_cursor_or_change_the_reading_direction() {
        let shown = visible("größe's \"a\\b\"\u{1b}[2J\n\u{202e}\u{2028}").to_string();
        assert_eq!(shown, "größe's \"a\\b\"\\u{1b}[2J\\n\\u{202e}\\u{2028}");
    }
}
