//! Verdicts for people: a line an error, with the place first so that editors and terminals can jump to it.

use std::io::{self, Write};

use l2_adapter_schema::{Anchor, Fault, FaultCode, Position, WarningCode};

use crate::{
    check::Verdict,
    cli::style::{ERROR, HINT, PLACE, WARNING, paint, visible},
};

/// Writes a line for each error and, unless they are not wanted, each warning and note. A valid document is not mentioned.
pub(super) fn report(verdict: &Verdict, source: &str, errors_only: bool, out: &mut dyn Write) -> io::Result<()> {
    for (fault, position) in &verdict.errors {
        place(source, *position, out)?;
        writeln!(out, "{} {}", paint(ERROR, format_args!("error[{}]:", fault.code)), visible(&described(fault)))?;
        if let Some(suggestion) = &fault.suggestion {
            writeln!(out, "  {} did you mean `{}`?", paint(HINT, "hint:"), visible(suggestion))?;
        }
    }
    if errors_only {
        return Ok(());
    }
    for (warning, position) in &verdict.warnings {
        place(source, *position, out)?;
        // What the environment must supply is no reason to change the document.
        let (style, word) = match warning.code {
            WarningCode::Environment => (HINT, "note"),
            _ => (WARNING, "warning"),
        };
        let label = format!("{word}[{}]:", warning.code);
        writeln!(out, "{} {}", paint(style, label), visible(&warning.to_string()))?;
    }
    Ok(())
}

fn place(source: &str, position: Position, out: &mut dyn Write) -> io::Result<()> {
    let Position { line, column } = position;
    write!(out, "{} ", paint(PLACE, format_args!("{}:{line}:{column}:", visible(source))))
}

/// The pointer, the message, and what it leaves unsaid.
fn described(fault: &Fault) -> String {
    let mut text = fault.message.clone();
    if !fault.pointer.is_empty() {
        text = format!("{}: {text}", fault.pointer);
    }
    // Other messages say it themselves: "must be ...".
    if let (Anchor::Object, Some(expected)) = (fault.code.anchor(), &fault.expected) {
        text = format!("{text}, expected {expected}");
    }
    match &fault.got {
        // The type of a value under a key nobody knows says nothing to a reader.
        Some(got) if fault.code != FaultCode::UnknownKey => format!("{text}, got {got}"),
        _ => text,
    }
}
