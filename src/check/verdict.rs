//! What one document came to. Nothing in here reads or writes.

use l2_adapter_schema::{
    Checked, Context, Document, Fault, FaultCode, Position, Warning, check_spec_apart, locate, locate_warnings,
    spec_from_text, utf8,
};
use serde_json::{Map, Value};

/// Where a spec that is checked will be used.
#[derive(Debug, Clone, Copy)]
pub enum Ground<'a> {
    /// On a machine nobody knows yet.
    Elsewhere(Context<'a>),
    /// On the machine of this context.
    Here(Context<'a>),
}

/// What is to be said about one document. Positions are those of its source.
#[derive(Debug)]
pub struct Verdict {
    /// The adapter type, as far as the document got.
    pub adapter_type: Option<&'static str>,
    /// Everything that is wrong; empty if the document is valid.
    pub errors: Vec<(Fault, Position)>,
    /// Everything that is to be said beside: it is no error.
    pub warnings: Vec<(Warning, Position)>,
    /// What the document came to; `None` if there is no telling what it says.
    checked: Option<Checked>,
}

impl Verdict {
    /// Reads a document as an adapter spec.
    pub fn of(document: Document, ground: Ground<'_>) -> Self {
        let start = document.start;
        let bytes = match document.content {
            Ok(bytes) => bytes,
            Err(fault) => return Self::unreadable(fault, start),
        };
        let text = match utf8(&bytes) {
            Ok(text) => text,
            Err(error) => return Self::unreadable(error.to_fault(), error.position.within(start)),
        };
        let mut checked = match ground {
            Ground::Elsewhere(context) => check_spec_apart(text, &context),
            Ground::Here(context) => Checked::from(spec_from_text(text, &context)),
        };
        let faults = locate(text, &checked.faults);
        let warnings = locate_warnings(text, &checked.warnings);
        Self {
            adapter_type: checked.adapter_type,
            errors: placed(std::mem::take(&mut checked.faults), faults, start),
            warnings: placed(checked.warnings.clone(), warnings, start),
            checked: Some(checked),
        }
    }

    fn unreadable(fault: Fault, position: Position) -> Self {
        Self { adapter_type: None, errors: vec![(fault, position)], warnings: Vec::new(), checked: None }
    }

    /// Whether nothing is wrong with it.
    pub fn is_valid(&self) -> bool {
        self.errors.is_empty()
    }

    /// Whether there is no telling what the document says.
    pub fn is_broken(&self) -> bool {
        self.errors.iter().any(|(fault, _)| fault.code == FaultCode::Syntax)
    }

    /// The config of a valid document, as far as it is known: defaults filled in, secrets redacted.
    pub fn value(&self) -> Option<Map<String, Value>> {
        self.checked.as_ref().and_then(Checked::to_dict)
    }
}

fn placed<T>(items: Vec<T>, positions: Vec<Position>, start: Position) -> Vec<(T, Position)> {
    items.into_iter().zip(positions.into_iter().map(|position| position.within(start))).collect()
}
