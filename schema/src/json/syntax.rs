//! Text that is not JSON, and bytes that are not text.

use super::{Placed, Position, flat, notation};
use crate::{
    context::Context,
    fault::{Fault, FaultCode},
    read::said_by,
};

/// The one fault of a text that `serde_json` refuses.
pub(super) fn not_json(text: &str, error: &serde_json::Error, context: &Context<'_>) -> Fault {
    if text.starts_with('\u{feff}') {
        return syntax_fault("begins with a byte order mark: save it as UTF-8 without one");
    }
    let reason = reason(error);
    let said = notation::instead(text, offset_of(text, error), &reason).unwrap_or(reason);
    let (more, suggestion) = flat::keys(text).and_then(|map| said_by(&map, context)).unwrap_or_default();
    Fault { suggestion, ..syntax_fault(&format!("is not JSON: {said}{more}")) }
}

pub(super) fn syntax_fault(predicate: &str) -> Fault {
    Fault::new("", FaultCode::Syntax, format!("the text {predicate}"))
}

/// The message of `serde_json` without the place, which is reported separately.
fn reason(error: &serde_json::Error) -> String {
    let message = error.to_string();
    message.rsplit_once(" at line ").map_or(&*message, |(reason, _)| reason).to_owned()
}

/// The offset to be marked in a text that `serde_json` refuses.
pub(super) fn offset(text: &str, error: &serde_json::Error) -> usize {
    if notation::is_foreign(text) { text.len() - text.trim_start().len() } else { offset_of(text, error) }
}

/// The offset at which a text stops being JSON.
fn offset_of(text: &str, error: &serde_json::Error) -> usize {
    let line_begin = match error.line() {
        0 | 1 => 0,
        line => text.match_indices('\n').nth(line - 2).map_or(text.len(), |(end, _)| end + 1),
    };
    // A column of theirs counts bytes up to and including the one that is wrong; 0 is the end of the line before.
    text.floor_char_boundary(line_begin + error.column().saturating_sub(1))
}

/// The text of bytes, or the place of the first byte that is not UTF-8.
pub(super) fn utf8(bytes: &[u8]) -> Result<&str, Placed<Fault>> {
    str::from_utf8(bytes).map_err(|error| {
        let (valid, rest) = bytes.split_at(error.valid_up_to());
        let item = match rest {
            [0xfe | 0xff, ..] if valid.is_empty() => {
                syntax_fault("is UTF-16, as PowerShell's `>` writes it: save it as UTF-8")
            }
            rest => syntax_fault(&format!("is not UTF-8: unexpected byte 0x{:02x}", rest.first().unwrap_or(&0))),
        };
        Placed { item, position: Position::START.after(valid) }
    })
}
