//! Verdicts for programs: one JSON object on one line, every key always there.

use std::io::{self, Write};

use l2_adapter_schema::{Fault, Position, Warning};
use serde::Serialize;
use serde_json::{Map, Value};

use super::verdict::Verdict;

#[derive(Serialize)]
struct Record<'a> {
    source: &'a str,
    index: usize,
    r#type: Option<&'static str>,
    ok: bool,
    errors: Vec<Placed<&'a Fault>>,
    warnings: Vec<Placed<&'a Warning>>,
    /// Defaults filled in, secrets redacted, without what only the environment knows.
    value: Option<Map<String, Value>>,
}

#[derive(Serialize)]
struct Placed<T: Serialize> {
    #[serde(flatten)]
    item: T,
    line: usize,
    column: usize,
}

/// Writes one line. `index` counts documents from 0, over all sources.
pub(super) fn report(verdict: &Verdict, source: &str, index: usize, out: &mut dyn Write) -> io::Result<()> {
    let record = Record {
        source,
        index,
        r#type: verdict.adapter_type,
        ok: verdict.is_valid(),
        errors: placed(&verdict.errors),
        warnings: placed(&verdict.warnings),
        value: verdict.value(),
    };
    serde_json::to_writer(&mut *out, &record)?;
    out.write_all(b"\n")
}

fn placed<T: Serialize>(items: &[(T, Position)]) -> Vec<Placed<&T>> {
    items.iter().map(|(item, position)| Placed { item, line: position.line, column: position.column }).collect()
}
