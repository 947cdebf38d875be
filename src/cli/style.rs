//! Colours. The streams remove them if they are not wanted.

use std::fmt::{self, Display};

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
