//! The findings of a reader.

use std::{borrow::Cow, collections::HashSet, hash::Hash};

use crate::{fault::Fault, passwords::without_passwords, warning::Warning};

/// The limit for the total bytes of the pointers of all faults, or of all warnings, after which no more are listed. Many faults
/// below one long key could outgrow any memory, since each repeats that key; a document of honest size never gets here.
const POINTER_BYTES_MAX: usize = 16 << 20;

/// Faults and warnings, each in the order they were found.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) faults: Vec<Fault>,
    fault_pointer_bytes: usize,
    pub(super) warnings: Vec<Warning>,
    warning_pointer_bytes: usize,
    /// The places of made-up values: see [`Context::with_placeholder_values`](crate::Context).
    pub(super) supposed: Vec<String>,
}

impl Findings {
    /// Removes and returns the faults, each once: entries with hidden keys all have the place of their object, so that faults of two
    /// entries may look like one that is reported twice.
    pub(super) fn take_faults(&mut self) -> Vec<Fault> {
        let mut faults = std::mem::take(&mut self.faults);
        if faults.windows(2).any(|pair| pair[0].pointer == pair[1].pointer) {
            merge(&mut faults, |fault| (fault.pointer.clone(), fault.code, fault.message.clone()));
        }
        faults
    }

    /// Removes and returns the warnings, each once: a spec in a free-form object is read twice.
    pub(super) fn take_warnings(&mut self) -> Vec<Warning> {
        let mut warnings = std::mem::take(&mut self.warnings);
        merge(&mut warnings, |found| (found.pointer.clone(), found.code, found.message.clone()));
        warnings
    }

    /// Lists a fault, unless they are too many.
    pub(super) fn push(&mut self, fault: Fault) {
        if !self.is_full() {
            let fault = Fault { message: shown(fault.message), suggestion: fault.suggestion.map(shown), ..fault };
            self.fault_pointer_bytes += fault.pointer.len();
            self.faults.push(fault);
        }
    }

    /// Whether no more faults are listed. One is always listed first.
    pub(super) fn is_full(&self) -> bool {
        self.fault_pointer_bytes > POINTER_BYTES_MAX
    }

    /// Lists a warning, unless they are too many.
    pub(super) fn warn(&mut self, warning: impl FnOnce() -> Warning) {
        if self.warning_pointer_bytes <= POINTER_BYTES_MAX {
            let warning = warning();
            self.warning_pointer_bytes += warning.pointer.len();
            self.warnings.push(Warning { message: shown(warning.message), ..warning });
        }
    }
}

fn merge<T, K: Hash + Eq>(findings: &mut Vec<T>, key: impl Fn(&T) -> K) {
    let mut seen = HashSet::new();
    findings.retain(|finding| seen.insert(key(finding)));
}

/// What a message made of values may show of them.
fn shown(message: String) -> String {
    match without_passwords(&message) {
        Cow::Owned(shown) => shown,
        Cow::Borrowed(_) => message,
    }
}
