//! Everything that is found in the text of one adapter spec, each finding with its place.

use std::{
    borrow::Cow,
    fmt::{self, Display, Formatter},
};

use serde::{Serialize, Serializer, ser::SerializeStruct as _};
use serde_json::{Map, Value};

use super::{Document, Position, locate, locate_warnings, syntax::utf8, visible};
use crate::{
    context::Context,
    fault::{ConfigError, Fault, FaultCode},
    passwords::{entry_without_passwords, names_a_secret, names_a_variable},
    path::unescaped,
    render::example_value,
    secret::REDACTED,
    spec::AdapterSpec,
    warning::{Parsed, Warning, WarningCode},
};

/// Where the adapter of a spec will run.
#[derive(Debug, Clone, Copy)]
pub enum Target<'a> {
    /// In the environment, and on the file system, of this context.
    Local(Context<'a>),
    /// In an environment that is not known: a required key that a variable could supply is a warning,
    /// [`WarningCode::Environment`], and no fault.
    Unknown(Context<'a>),
}

/// A finding and its place in the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Placed<T> {
    /// The fault or warning.
    #[serde(flatten)]
    pub item: T,
    /// Where in the source.
    #[serde(flatten)]
    pub position: Position,
}

/// The result of reading one adapter spec. `Display` prints a line for each finding, which begins with its place as
/// `source:line:column`; serialized, it is an object for programs, in which every key is always present.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Report {
    /// Where the spec comes from: a file, or an argument.
    pub source: String,
    /// Which spec of a run it is, counted from 0.
    pub index: usize,
    /// The adapter type; `None` if the text does not name one.
    pub adapter_type: Option<&'static str>,
    /// The faults in the order of [`ConfigError`]; empty if the spec is valid.
    pub faults: Vec<Placed<Fault>>,
    /// The warnings, those about its environment first. A spec with faults has those that do not depend on what is wrong.
    pub warnings: Vec<Placed<Warning>>,
    /// The spec of a valid text. Where the environment must supply a value it holds a placeholder.
    spec: Option<AdapterSpec>,
}

/// A part of a report that a terminal may show in a style of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Part {
    /// `source:line:column:`
    Place,
    /// `error[code]:`
    Error,
    /// `warning[code]:`
    Warning,
    /// `note[code]:`, for values that the environment must supply, and `hint:`
    Hint,
}

/// Puts a part of a report into its style.
pub type Paint = fn(Part, &str) -> String;

impl Report {
    /// Reads a document as an adapter spec. `source` is the name of its source, `index` its position in a run.
    pub fn of(document: Document, source: &str, index: usize, target: Target<'_>) -> Self {
        let start = document.start;
        let content = document.content.map_err(|item| Placed { item, position: Position::START });
        let (adapter_type, faults, warnings, spec) = match content.as_deref().map_err(Clone::clone).and_then(utf8) {
            Ok(text) => {
                let (found, spec) = match target {
                    Target::Local(context) => outcome(AdapterSpec::from_text(text, &context)),
                    Target::Unknown(context) => read_without_environment(text, &context),
                };
                let places = (locate(text, &found.faults), locate_warnings(text, &found.warnings));
                let faults = placed(found.faults, places.0, start);
                (found.adapter_type, faults, placed(found.warnings, places.1, start), spec)
            }
            Err(fault) => (None, placed(vec![fault.item], vec![fault.position], start), Vec::new(), None),
        };
        Self { source: source.to_owned(), index, adapter_type, faults, warnings, spec }
    }

    /// Whether the spec has no fault.
    pub fn is_valid(&self) -> bool {
        self.faults.is_empty()
    }

    /// Whether the text is not JSON, so that nothing is known about the spec.
    pub fn is_broken(&self) -> bool {
        self.faults.iter().any(|placed| placed.item.code == FaultCode::Syntax)
    }

    /// The config of a valid spec as JSON: defaults filled in, secrets redacted, without the values that only the environment
    /// knows. Also redacted are users, queries and fragments of addresses, and strings whose key names a secret, such as
    /// `redis_password`. `None` if there are faults, and if the spec cannot be parsed without its environment.
    pub fn value(&self) -> Option<Map<String, Value>> {
        let mut value = Value::Object(self.spec.as_ref()?.to_dict());
        for note in self.notes() {
            if let Some((around, key)) = note.pointer.rsplit_once('/')
                && let Some(Value::Object(map)) = value.pointer_mut(around)
            {
                map.remove(&unescaped(key));
            }
        }
        hide_undeclared_secrets(&mut value, "", false);
        let Value::Object(map) = value else { return None };
        Some(map)
    }

    /// The spec with its warnings.
    ///
    /// # Errors
    ///
    /// The report itself, if the spec has faults or lacks values that only the environment knows.
    pub fn into_parsed(self) -> Result<Parsed<AdapterSpec>, Box<Self>> {
        match self.spec {
            Some(spec) if self.notes().next().is_none() => {
                Ok(Parsed::new(spec, self.warnings.into_iter().map(|placed| placed.item).collect()))
            }
            _ => Err(Box::new(self)),
        }
    }

    /// The findings as lines. Parts are put into their styles by `paint`; text from the document is made safe to show.
    pub fn lines(&self, paint: Paint) -> impl Display {
        let line = move |formatter: &mut Formatter<'_>, position: Position, part, label: String, said: &dyn Display| {
            let place = format!("{}:{}:{}:", visible(&self.source), position.line, position.column);
            let (place, label) = (paint(Part::Place, &place), paint(part, &label));
            writeln!(formatter, "{place} {label} {}", visible(&said.to_string()))
        };
        fmt::from_fn(move |formatter| {
            for Placed { item, position } in &self.faults {
                line(formatter, *position, Part::Error, format!("error[{}]:", item.code), &item.statement())?;
                if let Some(suggestion) = &item.suggestion {
                    let hint = paint(Part::Hint, "hint:");
                    writeln!(formatter, "  {hint} did you mean `{}`?", visible(suggestion))?;
                }
            }
            for Placed { item, position } in &self.warnings {
                // A value that the environment must supply is not a reason to change the document.
                let (part, word) = match item.code {
                    WarningCode::Environment => (Part::Hint, "note"),
                    _ => (Part::Warning, "warning"),
                };
                line(formatter, *position, part, format!("{word}[{}]:", item.code), item)?;
            }
            Ok(())
        })
    }

    /// The values that the environment must supply.
    fn notes(&self) -> impl Iterator<Item = &Warning> {
        self.warnings.iter().map(|placed| &placed.item).filter(|warning| warning.code == WarningCode::Environment)
    }
}

/// Redacts what no table declares as a secret: parts of addresses, and strings under keys that name a secret. A report is for logs.
/// `key` is that of the value, or of the list around it.
fn hide_undeclared_secrets(value: &mut Value, key: &str, is_secret: bool) {
    match value {
        Value::String(text) if is_secret && !text.is_empty() => REDACTED.clone_into(text),
        Value::String(text) => {
            if let Cow::Owned(shown) = entry_without_passwords(key, text) {
                *text = shown;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| hide_undeclared_secrets(item, key, is_secret)),
        Value::Object(entries) => {
            let shown = std::mem::take(entries).into_iter().map(|(key, mut value)| {
                let is_secret = is_secret || names_a_secret(&key) && !is_reference(&key, &value);
                hide_undeclared_secrets(&mut value, &key, is_secret);
                // A key may be an address by mistake.
                (entry_without_passwords("", &key).into_owned(), value)
            });
            *entries = shown.collect();
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Whether a value under a key that names a secret only says where the secret is: in a file, unless it is the contents of one, or
/// in a variable, whose name is in capital letters.
fn is_reference(key: &str, value: &Value) -> bool {
    let Some(text) = value.as_str() else { return false };
    let is_variable = || text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    match key {
        key if names_a_variable(key) => is_variable(),
        key => ["_file", "_path"].iter().any(|end| key.ends_with(end)) && !text.trim_start().starts_with('{'),
    }
}

impl Display for Report {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        self.lines(|_, text| text.to_owned()).fmt(formatter)
    }
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Report", 7)?;
        object.serialize_field("source", &self.source)?;
        object.serialize_field("index", &self.index)?;
        object.serialize_field("type", &self.adapter_type)?;
        object.serialize_field("ok", &self.is_valid())?;
        object.serialize_field("errors", &self.faults)?;
        object.serialize_field("warnings", &self.warnings)?;
        object.serialize_field("value", &self.value())?;
        object.end()
    }
}

/// What was found in the text of a spec, before it has places.
fn outcome(result: Result<Parsed<AdapterSpec>, ConfigError>) -> (ConfigError, Option<AdapterSpec>) {
    match result {
        Ok(Parsed { value, warnings }) => {
            (ConfigError { adapter_type: Some(value.type_name()), faults: Vec::new(), warnings }, Some(value))
        }
        Err(error) => (error, None),
    }
}

/// Reads the text of a spec for an environment that is not known.
fn read_without_environment(text: &str, context: &Context<'_>) -> (ConfigError, Option<AdapterSpec>) {
    let context = &context.apart();
    let (mut found, mut spec) = outcome(AdapterSpec::from_text(text, context));
    let (missing, faults): (Vec<_>, Vec<_>) =
        found.faults.into_iter().partition(|fault| fault.code == FaultCode::MissingEnvironment);
    found.faults = faults;
    if !missing.is_empty() && found.faults.is_empty() {
        // Only the environment is missing, so the text is read with placeholders for its values. If even that fails, a function
        // refuses a placeholder, and no value can be shown.
        if let Ok(parsed) = AdapterSpec::from_text(text, &context.with_placeholder_values(example_value)) {
            (found.warnings, spec) = (parsed.warnings, Some(parsed.value));
        }
    }
    let notes = missing.into_iter().map(|fault| Warning::new(fault.pointer, WarningCode::Environment, fault.message));
    found.warnings.splice(0..0, notes);
    (found, spec)
}

fn placed<T>(items: Vec<T>, positions: Vec<Position>, start: Position) -> Vec<Placed<T>> {
    let positions = positions.into_iter().map(|position| position.within(start));
    items.into_iter().zip(positions).map(|(item, position)| Placed { item, position }).collect()
}
