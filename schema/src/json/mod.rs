//! From text to configs, and from faults back to lines and columns.
//!
//! The engine reads JSON values, which know neither repeated keys nor where anything was written. Both are found here in
//! the text itself. Pure: the caller opens files and hands over their text.
//!
//! ```text
//! documents            splits a stream into documents (framing; documents/line has what is outside of objects)
//! notation, flat       what a text is that is not JSON, and the keys of one in YAML or TOML
//! syntax, repeated     what only text can have wrong: JSON and UTF-8, repeated keys
//! locate               where a pointer is in the text (tree: where keys and values are)
//! report               a document's faults with their places, as lines or for programs (hidden: without secrets)
//! visible              escapes for characters that are not seen, in text and in JSON
//! ```

mod documents;
mod flat;
mod framing;
mod hidden;
mod locate;
mod notation;
mod repeated;
mod report;
mod syntax;
mod tree;
mod visible;

pub use documents::{DOCUMENT_BYTES_MAX, Document, DocumentSplitter};
pub(crate) use hidden::{hidden_fault, is_in_secret, without_secrets};
pub use locate::{Position, locate, locate_warnings};
pub(crate) use repeated::repeated_keys;
pub use report::{Paint, Part, Placed, Report, Target};
pub use visible::{visible, write_visible_json};

use serde_json::Value;

use crate::{
    context::Context,
    fault::{ConfigError, Fault, FaultCode},
    kind::Kind,
    read::{Section, parse_value},
    spec::AdapterSpec,
    warning::Parsed,
};

/// Parses the text of one adapter type's document, as [`parse`](crate::parse) does its JSON value.
///
/// # Errors
///
/// Every fault: repeated keys first, then what [`parse`](crate::parse) reports. Text that is not JSON has one fault,
/// [`FaultCode::Syntax`].
pub fn from_text<T: Section>(text: &str, context: &Context<'_>) -> Result<Parsed<T>, ConfigError> {
    read(text, context, Kind::Section(T::table), |value| parse_value(value, context))
}

impl AdapterSpec {
    /// Parses the text of a whole adapter spec, as [`from_value`](Self::from_value) does its JSON value.
    ///
    /// # Errors
    ///
    /// Every fault: repeated keys first, then what [`from_value`](Self::from_value) reports. Text that is not JSON has one
    /// fault, [`FaultCode::Syntax`].
    pub fn from_text(text: &str, context: &Context<'_>) -> Result<Parsed<Self>, ConfigError> {
        read(text, context, Kind::AdapterSpec, |value| Self::from_value(value, context))
    }
}

fn read<T>(
    text: &str,
    context: &Context<'_>,
    kind: Kind,
    parse: impl FnOnce(&Value) -> Result<Parsed<T>, ConfigError>,
) -> Result<Parsed<T>, ConfigError> {
    let adapter_type = |value| hidden::table_of(kind, value, context).and_then(|table| table.adapter);
    let value = serde_json::from_str(text)
        .map_err(|error| ConfigError::new(adapter_type(None), vec![syntax::not_json(text, &error, context)]))?;
    let repeated = repeated::repeated_keys(text, &value);
    let parsed = parse(&value).map_err(|error| in_document_order(text, error));
    if repeated.is_empty() {
        return parsed;
    }
    let mut faults = without_secrets(repeated, kind, &value, context);
    let (adapter_type, warnings) = match parsed {
        Ok(parsed) => (adapter_type(Some(&value)), parsed.warnings),
        Err(error) => {
            faults.extend(error.faults);
            (error.adapter_type, error.warnings)
        }
    };
    Err(ConfigError { warnings, ..ConfigError::new(adapter_type, faults) })
}

/// Sorts the unknown keys of each object in the order of the text: unless its `preserve_order` feature is on, `serde_json`
/// hands the keys of an object to the engine in alphabetic order.
fn in_document_order(text: &str, mut error: ConfigError) -> ConfigError {
    if error.faults.iter().filter(|fault| fault.code == FaultCode::UnknownKey).count() < 2 {
        return error;
    }
    let positions = locate(text, &error.faults);
    let mut located: Vec<(Position, Fault)> = positions.into_iter().zip(error.faults).collect();
    let object = |fault: &Fault| (fault.code, fault.pointer.rfind('/').map(|end| fault.pointer[..end].to_owned()));
    for run in located.chunk_by_mut(|(_, left), (_, right)| object(left) == object(right)) {
        if run[0].1.code == FaultCode::UnknownKey {
            run.sort_by_key(|(position, _)| *position);
        }
    }
    error.faults = located.into_iter().map(|(_, fault)| fault).collect();
    error
}
