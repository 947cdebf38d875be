//! Verdicts for programs: one object a document, every key always there.

use l2_adapter_schema::{Fault, Position, Warning};
use serde::Serialize;
use serde_json::{Map, Value};

use super::Verdict;

/// A verdict as it is serialized for programs.
#[derive(Debug, Serialize)]
pub struct Record<'a> {
    source: &'a str,
    index: usize,
    r#type: Option<&'static str>,
    ok: bool,
    errors: Vec<Placed<&'a Fault>>,
    warnings: Vec<Placed<&'a Warning>>,
    /// Defaults filled in, secrets redacted, without what only the environment knows.
    value: Option<Map<String, Value>>,
}

#[derive(Debug, Serialize)]
struct Placed<T: Serialize> {
    #[serde(flatten)]
    item: T,
    line: usize,
    column: usize,
}

impl Verdict {
    /// What programs are told. `source` names where the document came from, `index` counts from 0.
    pub fn record<'a>(&'a self, source: &'a str, index: usize) -> Record<'a> {
        Record {
            source,
            index,
            r#type: self.adapter_type,
            ok: self.is_valid(),
            errors: placed(&self.errors),
            warnings: placed(&self.warnings),
            value: self.value(),
        }
    }
}

fn placed<T: Serialize>(items: &[(T, Position)]) -> Vec<Placed<&T>> {
    items.iter().map(|(item, position)| Placed { item, line: position.line, column: position.column }).collect()
}
