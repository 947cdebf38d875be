//! Reports as lines for people: the place comes first, so that editors and terminals can jump to it.

use std::fmt::{self, Display, Formatter};

use super::{Placed, Report, visible};
use crate::warning::WarningCode;

/// A part of a report that a terminal may show in a style of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// `source:line:column:`
    Place,
    /// `error[code]:`
    Error,
    /// `warning[code]:`
    Warning,
    /// `note[code]:`, for values that the environment must supply, and `hint:`
    Hint,
}

/// Puts a part of a report into its style.
pub type Paint = fn(Part, &str) -> String;

impl Report {
    /// The findings as lines. Parts are put into their styles by `paint`; text from the document is made safe to show.
    pub fn lines(&self, paint: Paint) -> impl Display {
        fmt::from_fn(move |formatter| {
            for fault in &self.faults {
                self.begin(formatter, paint, fault)?;
                let label = format!("error[{}]:", fault.item.code);
                writeln!(formatter, "{} {}", paint(Part::Error, &label), visible(&fault.item.statement().to_string()))?;
                if let Some(suggestion) = &fault.item.suggestion {
                    let hint = paint(Part::Hint, "hint:");
                    writeln!(formatter, "  {hint} did you mean `{}`?", visible(suggestion))?;
                }
            }
            for warning in &self.warnings {
                self.begin(formatter, paint, warning)?;
                // A value that the environment must supply is not a reason to change the document.
                let (part, word) = match warning.item.code {
                    WarningCode::Environment => (Part::Hint, "note"),
                    _ => (Part::Warning, "warning"),
                };
                let label = format!("{word}[{}]:", warning.item.code);
                writeln!(formatter, "{} {}", paint(part, &label), visible(&warning.item.to_string()))?;
            }
            Ok(())
        })
    }

    fn begin<T>(&self, formatter: &mut Formatter<'_>, paint: Paint, placed: &Placed<T>) -> fmt::Result {
        let place = format!("{}:{}:{}:", visible(&self.source), placed.position.line, placed.position.column);
        write!(formatter, "{} ", paint(Part::Place, &place))
    }
}

impl Display for Report {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        self.lines(|_, text| text.to_owned()).fmt(formatter)
    }
}
