//! The totals of all documents.

use std::{collections::BTreeSet, fmt};

use l2_adapter_schema::{WarningCode, counted};

use crate::{
    adapters::pd_l2_adapter::pairs::Severity,
    cli::{
        exit::Exit,
        style::{HINT, paint},
    },
    specs::{Misfits, Report, explain_hint},
};

/// Counts of checked documents. `Display` prints the summary: one line, and a hint.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// The name of the program.
    program: String,
    pub(super) documents: usize,
    /// Sources that could not be read to their end, or were empty.
    pub(super) unusable_sources: usize,
    valid: usize,
    broken: usize,
    errors: usize,
    warnings: usize,
    /// Keys that documents leave to the environment.
    notes: usize,
    invalid_types: BTreeSet<&'static str>,
    /// Errors, warnings and notes about specs that do not match.
    pairs: [usize; 3],
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

    pub(super) fn count_pairs(&mut self, misfits: &Misfits) {
        self.pairs = [Severity::Fault, Severity::Warning, Severity::Note].map(|severity| misfits.count(severity));
    }

    pub(super) fn exit(&self) -> Exit {
        if self.broken > 0 || self.unusable_sources > 0 || self.documents == 0 {
            Exit::Unusable
        } else if self.valid < self.documents || self.pairs[0] > 0 {
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
        if let Some(findings) = findings([self.errors, self.warnings, self.notes]) {
            write!(formatter, " ({findings})")?;
        }
        if let Some(findings) = findings(self.pairs) {
            write!(formatter, "; of pairs {findings}")?;
        }
        writeln!(formatter)?;
        for name in &self.invalid_types {
            writeln!(formatter, "{} {}", paint(HINT, "hint:"), explain_hint(&self.program, name))?;
        }
        Ok(())
    }
}

/// The counts of errors, warnings and notes that are not zero.
fn findings(counts: [usize; 3]) -> Option<String> {
    let parts: Vec<_> = counts
        .into_iter()
        .zip(["error", "warning", "note"])
        .filter(|(number, _)| *number > 0)
        .map(|(number, noun)| counted(number, noun))
        .collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}
