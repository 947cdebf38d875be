//! What one document came to. Nothing in here reads or writes.

use l2_adapter_schema::{
    AdapterSpec, ConfigError, Context, Document, Fault, FaultCode, Position, Warning, locate, locate_warnings,
    spec_from_text, utf8,
};

/// What is to be said about one document. Positions are those of its source.
#[derive(Debug)]
pub(super) struct Verdict {
    /// The adapter type, as far as the document got.
    pub(super) adapter_type: Option<&'static str>,
    /// Everything that is wrong; empty if the document is valid.
    pub(super) errors: Vec<(Fault, Position)>,
    pub(super) warnings: Vec<(Warning, Position)>,
    /// The config, if the document is valid.
    pub(super) config: Option<AdapterSpec>,
}

impl Verdict {
    /// Reads a document as an adapter spec.
    pub(super) fn of(document: Document, context: &Context<'_>) -> Self {
        let start = document.start;
        let bytes = match document.content {
            Ok(bytes) => bytes,
            Err(fault) => return Self::unreadable(fault, start),
        };
        let text = match utf8(&bytes) {
            Ok(text) => text,
            Err(error) => return Self::unreadable(error.to_fault(), error.position.within(start)),
        };
        match spec_from_text(text, context) {
            Ok(parsed) => {
                let positions = locate_warnings(text, &parsed.warnings);
                Self {
                    adapter_type: Some(parsed.value.type_name()),
                    errors: Vec::new(),
                    warnings: placed(parsed.warnings, positions, start),
                    config: Some(parsed.value),
                }
            }
            Err(ConfigError { adapter_type, faults, .. }) => {
                let positions = locate(text, &faults);
                Self { adapter_type, errors: placed(faults, positions, start), warnings: Vec::new(), config: None }
            }
        }
    }

    fn unreadable(fault: Fault, position: Position) -> Self {
        Self { adapter_type: None, errors: vec![(fault, position)], warnings: Vec::new(), config: None }
    }

    pub(super) fn is_valid(&self) -> bool {
        self.errors.is_empty()
    }

    /// Whether there is no telling what the document says.
    pub(super) fn is_broken(&self) -> bool {
        self.errors.iter().any(|(fault, _)| fault.code == FaultCode::Syntax)
    }
}

fn placed<T>(items: Vec<T>, positions: Vec<Position>, start: Position) -> Vec<(T, Position)> {
    items.into_iter().zip(positions.into_iter().map(|position| position.within(start))).collect()
}
