//! Findings in one form, for all formats without objects of their own.

use std::io::{self, Write};

use l2_adapter_schema::{WarningCode, visible};

use crate::{
    adapters::pd_l2_adapter::pairs::Severity,
    cli::style::paint_part,
    specs::{Part, PlacedMisfit, Position, Report},
};

/// One fault, warning or note.
#[derive(Debug)]
pub(super) struct Finding<'a> {
    pub(super) source: &'a str,
    /// Whether the source is a file, so that other programs can find the place.
    pub(super) is_file: bool,
    pub(super) position: Position,
    pub(super) level: Level,
    pub(super) code: &'static str,
    /// The pointer and the message.
    pub(super) text: String,
}

/// Its severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Error,
    Warning,
    Note,
}

impl Level {
    /// Its word in reports, which is also SARIF's.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// All findings of one document.
pub(super) fn of_report(report: &Report, is_file: bool) -> impl Iterator<Item = Finding<'_>> {
    let source = report.source.as_str();
    let faults = report.faults.iter().map(move |fault| Finding {
        source,
        is_file,
        position: fault.position,
        level: Level::Error,
        code: fault.item.code.as_str(),
        text: fault.item.to_string(),
    });
    let warnings = report.warnings.iter().map(move |warning| Finding {
        source,
        is_file,
        position: warning.position,
        // A value that the environment must supply is not a reason to change the document.
        level: if warning.item.code == WarningCode::Environment { Level::Note } else { Level::Warning },
        code: warning.item.code.as_str(),
        text: warning.item.to_string(),
    });
    faults.chain(warnings)
}

/// A misfit among the specs.
pub(super) fn of_misfit<'a>(placed: &PlacedMisfit<'a>) -> Finding<'a> {
    let pointer = placed.pointer();
    let separator = if pointer.is_empty() { "" } else { ": " };
    Finding {
        source: placed.source,
        is_file: placed.is_file,
        position: placed.position,
        level: match placed.misfit.severity {
            Severity::Fault => Level::Error,
            Severity::Warning => Level::Warning,
            Severity::Note => Level::Note,
        },
        code: placed.misfit.code.as_str(),
        text: format!("{pointer}{separator}{}", placed.misfit.message),
    }
}

impl Finding<'_> {
    /// A line of a report for people.
    pub(super) fn write_line(&self, out: &mut dyn Write) -> io::Result<()> {
        let Position { line, column } = self.position;
        let place = paint_part(Part::Place, &format!("{}:{line}:{column}:", visible(self.source)));
        let part = match self.level {
            Level::Error => Part::Error,
            Level::Warning => Part::Warning,
            Level::Note => Part::Hint,
        };
        let label = paint_part(part, &format!("{}[{}]:", self.level.as_str(), self.code));
        writeln!(out, "{place} {label} {}", visible(&self.text))
    }

    /// A workflow command of GitHub Actions: an annotation at the place in the file.
    pub(super) fn write_github(&self, out: &mut dyn Write) -> io::Result<()> {
        let command = if self.level == Level::Note { "notice" } else { self.level.as_str() };
        let (Position { line, column }, title) = (self.position, property(self.code));
        let text = data(&self.text);
        match self.is_file {
            true => {
                let file = property(self.source);
                writeln!(out, "::{command} file={file},line={line},col={column},title={title}::{text}")
            }
            // Without a file there is nothing to annotate.
            false => writeln!(out, "::{command} title={title}::{}:{line}:{column}: {text}", data(self.source)),
        }
    }
}

/// The message of a workflow command, which ends at the end of its line: `visible` text has no other line.
fn data(text: &str) -> String {
    visible(text).to_string().replace('%', "%25")
}

/// The value of a workflow command's property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn github(source: &str, is_file: bool, text: &str) -> String {
        let position = Position { line: 2, column: 3 };
        let (level, text) = (Level::Note, text.to_owned());
        let mut out = Vec::new();
        Finding { source, is_file, position, level, code: "advice", text }.write_github(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_document_cannot_start_a_workflow_command() {
        let line = github("a,b:c.json", true, "100%\r\n::error::forged \u{202e}\u{2028}");
        let expected =
            r"::notice file=a%2Cb%3Ac.json,line=2,col=3,title=advice::100%25\r\n::error::forged \u{202e}\u{2028}";
        assert_eq!(line, format!("{expected}\n"));
    }

    #[test]
    fn a_source_that_is_not_a_file_is_named_in_the_message() {
        assert_eq!(github("<stdin>", false, "x"), "::notice title=advice::<stdin>:2:3: x\n");
    }
}
