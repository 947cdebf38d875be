//! Checking a spec apart from the environment it will be read in: what a variable may supply there is noted, not missing.

use serde_json::{Map, Value};

use super::spec_from_text;
use crate::{
    context::Context,
    fault::{ConfigError, Fault, FaultCode},
    render::made_value,
    spec::AdapterSpec,
    warning::{Parsed, Warning, WarningCode},
};

/// What the text of a spec came to.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Checked {
    /// The adapter type, as far as the document got.
    pub adapter_type: Option<&'static str>,
    /// What is wrong; empty if the document is valid.
    pub faults: Vec<Fault>,
    /// What to look at. Of a document with faults only what the environment must supply.
    pub warnings: Vec<Warning>,
    /// The spec of a valid document. Where the environment must supply a value it holds one that was made up.
    spec: Option<AdapterSpec>,
}

impl Checked {
    /// The config of a valid document as JSON, defaults filled in and secrets redacted; what only the environment knows is
    /// left out. `None` where there are faults, and where nothing can be made of the document without the environment.
    pub fn to_dict(&self) -> Option<Map<String, Value>> {
        let mut value = Value::Object(self.spec.as_ref()?.to_dict());
        for note in self.warnings.iter().filter(|warning| warning.code == WarningCode::Environment) {
            remove(&mut value, &note.pointer);
        }
        match value {
            Value::Object(map) => Some(map),
            _ => None,
        }
    }
}

impl From<Result<Parsed<AdapterSpec>, ConfigError>> for Checked {
    fn from(outcome: Result<Parsed<AdapterSpec>, ConfigError>) -> Self {
        match outcome {
            Ok(Parsed { value, warnings }) => {
                Self { adapter_type: Some(value.type_name()), faults: Vec::new(), warnings, spec: Some(value) }
            }
            Err(ConfigError { adapter_type, faults }) => {
                Self { adapter_type, faults, warnings: Vec::new(), spec: None }
            }
        }
    }
}

/// Checks the text of a whole adapter spec as [`spec_from_text`] does, for an environment that is not known: a required key
/// that an environment variable could supply is no fault but a warning, [`WarningCode::Environment`].
pub fn check_spec_apart(text: &str, context: &Context<'_>) -> Checked {
    let context = &context.apart();
    let mut checked = Checked::from(spec_from_text(text, context));
    let (missing, faults): (Vec<_>, Vec<_>) =
        checked.faults.into_iter().partition(|fault| fault.code == FaultCode::MissingEnvironment);
    checked.faults = faults;
    if missing.is_empty() {
        return checked;
    }
    checked.warnings = missing.into_iter().map(note).collect();
    if checked.faults.is_empty() {
        // Nothing else is wrong: what the document says is read with values in place of those that are not known.
        // Where even that fails, a function refuses what was made up, and no value can be shown.
        if let Ok(parsed) = spec_from_text(text, &context.supposing(made_value)) {
            checked.warnings.extend(parsed.warnings);
            checked.spec = Some(parsed.value);
        }
    }
    checked
}

fn note(fault: Fault) -> Warning {
    Warning::new(fault.pointer, WarningCode::Environment, fault.message)
}

/// Takes out the key that a pointer names.
fn remove(value: &mut Value, pointer: &str) {
    let Some((around, key)) = pointer.rsplit_once('/') else { return };
    if let Some(Value::Object(map)) = value.pointer_mut(around) {
        map.remove(&key.replace("~1", "/").replace("~0", "~"));
    }
}
