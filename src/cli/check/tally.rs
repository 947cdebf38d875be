//! What all documents together came to.

use std::{collections::BTreeSet, fmt};

use l2_adapter_schema::WarningCode;

use crate::{
    cli::{
        exit::Exit,
        style::{HINT, paint},
    },
    specs::{Report, explain_hint},
};

/// Counts of what was checked. Displayed, it is the summary: a line, and where to read on.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// What the program that checks is called.
    program: String,
    pub(super) documents: usize,
    /// Sources that could not be read to their end, or held nothing.
    pub(super) unusable_sources: usize,
    valid: usize,
    broken: usize,
    errors: usize,
    warnings: usize,
    /// What documents leave to the environment.
    notes: usize,
    invalid_types: BTreeSet<&'static str>,
}

impl Tally {
    pub(super) fn new(program: String) -> Self {
        Self { program, ..Self::default() }
    }

    pub(super) fn count(&mut self, report: &Report) {
        self.documents += 1;
        self.valid += usize::from(report.is_valid());
        self.broken += usize::from(report.is_broken());
        self.errors += report.faults.len();
        let notes = report.warnings.iter().filter(|warning| warning.item.code == WarningCode::Environment).count();
        self.warnings += report.warnings.len() - notes;
        self.notes += notes;
        if !report.is_valid() {
            self.invalid_types.extend(report.adapter_type);
        }
    }

    pub(super) fn exit(&self) -> Exit {
        if self.broken > 0 || self.unusable_sources > 0 || self.documents == 0 {
            Exit::Unusable
        } else if self.valid < self.documents {
            Exit::Refused
        } else {
            Exit::Success
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.documents == 0 {
            return Ok(());
        }
        let counts = [(self.valid, "valid"), (self.documents - self.valid, "invalid")];
        let parts: Vec<_> =
            counts.iter().filter(|(number, _)| *number > 0).map(|(number, word)| format!("{number} {word}")).collect();
        write!(formatter, "checked {}: {}", counted(self.documents, "document"), parts.join(", "))?;
        let counts = [(self.errors, "error"), (self.warnings, "warning"), (self.notes, "note")];
        let parts: Vec<_> =
            counts.iter().filter(|(number, _)| *number > 0).map(|(number, noun)| counted(*number, noun)).collect();
        if !parts.is_empty() {
            write!(formatter, " ({})", parts.join(", "))?;
        }
        writeln!(formatter)?;
        for name in &self.invalid_types {
            writeln!(formatter, "{} {}", paint(HINT, "hint:"), explain_hint(&self.program, name))?;
        }
        Ok(())
    }
}

fn counted(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}
