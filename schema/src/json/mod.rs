//! From text to configs, and from faults back to lines and columns.
//!
//! The engine reads JSON values, which know neither repeated keys nor where anything was written. Both are found here in
//! the text itself. Pure: the caller opens files and hands over their text.
//!
//! ```text
//! documents            splits a stream into documents (framing; documents/line has what is outside of objects)
//! notation, flat       what a text is that is not JSON, and the keys of one in YAML or TOML
//! syntax, repeated     what only text can have wrong: JSON and UTF-8, repeated keys
//! locate, position     where a pointer is in the text (tree: where keys and values are)
//! report, lines        a document's faults with their places, and its lines around them (hidden: without secrets)
//! visible              escapes for characters that are not seen, in text and in JSON
//! ```

mod documents;
mod flat;
mod framing;
mod hidden;
mod lines;
mod locate;
mod notation;
mod position;
mod repeated;
mod report;
mod syntax;
mod tree;
mod visible;

pub use documents::{DOCUMENT_BYTES_MAX, Document, DocumentSplitter};
pub(crate) use hidden::{ReadBy, hidden_fault, is_in_secret, without_secrets};
pub use lines::{Paint, Part};
pub use locate::{locate, locate_warnings};
pub use position::Position;
pub(crate) use repeated::repeated_keys;
pub use report::{Placed, Report, Target};
pub use visible::{visible, write_visible_json};

use serde_json::Value;

use crate::{
    context::Context,
    fault::{ConfigError, Fault, FaultCode},
    read::{Section, parse_value},
    spec::AdapterSpec,
    table::Table,
    warning::Parsed,
};

/// Parses the text of one adapter type's document, as [`parse`](crate::parse) does its JSON value.
///
/// # Errors
///
/// Every fault: repeated keys first, then what [`parse`](crate::parse) reports. Text that is not JSON has one fault,
/// [`FaultCode::Syntax`].
pub fn from_text<T: Section>(text: &str, context: &Context<'_>) -> Result<Parsed<T>, ConfigError> {
    read(text, context, Some(T::table()), |value| parse_value(value, context))
}

impl AdapterSpec {
    /// Parses the text of a whole adapter spec, as [`from_value`](Self::from_value) does its JSON value.
    ///
    /// # Errors
    ///
    /// Every fault: repeated keys first, then what [`from_value`](Self::from_value) reports. Text that is not JSON has one
    /// fault, [`FaultCode::Syntax`].
    pub fn from_text(text: &str, context: &Context<'_>) -> Result<Parsed<Self>, ConfigError> {
        read(text, context, None, |value| Self::from_value(value, context))
    }
}

fn read<T>(
    text: &str,
    context: &Context<'_>,
    table: Option<&'static Table>,
    parse: impl FnOnce(&Value) -> Result<Parsed<T>, ConfigError>,
) -> Result<Parsed<T>, ConfigError> {
    let value = serde_json::from_str(text).map_err(|error| {
        ConfigError::new(table.and_then(|table| table.adapter), vec![syntax::not_json(text, &error, context)])
    })?;
    let repeated = repeated::repeated_keys(text, &value);
    let parsed = parse(&value).map_err(|error| in_document_order(text, error));
    if repeated.is_empty() {
        return parsed;
    }
    let named = || context.adapters()?.find(value.get("type")?.as_str()?).map(|entry| (entry.table)());
    let table = table.or_else(named);
    let mut faults = match table {
        Some(table) => without_secrets(repeated, ReadBy::Table(table), &value, context),
        None => repeated,
    };
    let (adapter_type, warnings) = match parsed {
        Ok(parsed) => (table.and_then(|table| table.adapter), parsed.warnings),
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
    for run in located.chunk_by_mut(|(_, left), (_, right)| unknown_in_one_object(left, right)) {
        run.sort_by_key(|(position, _)| *position);
    }
    error.faults = located.into_iter().map(|(_, fault)| fault).collect();
    error
}

fn unknown_in_one_object(left: &Fault, right: &Fault) -> bool {
    let object = |fault: &Fault| fault.pointer.rfind('/').map(|end| fault.pointer[..end].to_owned());
    [left, right].iter().all(|fault| fault.code == FaultCode::UnknownKey) && object(left) == object(right)
}
