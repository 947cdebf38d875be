//! What was meant by a number or a switch where text is wanted: the same as text.

use serde_json::Value;

use crate::kind::Kind;

/// A longer one is not shown: a message must not grow with what was written.
const BYTES_MAX: usize = 60;

/// The value as it can be written in a document; `None` where it means nothing as text, or where no text is wanted.
pub(super) fn corrected(kind: Kind, value: &Value) -> Option<String> {
    if !value.is_number() && !value.is_boolean() {
        return None;
    }
    // A large whole number that was written with an exponent is meant as an integer.
    let whole = value.as_f64().filter(|number| value.is_f64() && number.fract() == 0.0);
    let text = match whole {
        Some(number) if number.abs() < 2_f64.powi(53) => format!("{number:.0}"),
        Some(_) => return None,
        None => value.to_string(),
    };
    let is_meant = match kind.unwrap_optional() {
        Kind::String | Kind::Path => text.len() <= BYTES_MAX,
        Kind::Choice(choices) => choices.position(&text).is_some(),
        _ => false,
    };
    is_meant.then(|| format!("\"{text}\""))
}
