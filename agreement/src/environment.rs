//! Environment variables for one document.

use std::{collections::BTreeMap, ffi::OsString};

use l2_adapter_schema::Field;
use serde_json::Value;

use super::{generator::Generator, places::Place};

/// The variables that are set while one document is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Environment(BTreeMap<&'static str, String>);

impl Environment {
    /// The value of a variable.
    pub(super) fn variable(&self, name: &str) -> Option<OsString> {
        self.0.get(name).map(OsString::from)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn variables(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// Sets some of the variables that fields read, most of them to valid values.
    pub(super) fn random(fields: &[&'static Field], generator: &mut Generator<'_>) -> Self {
        let mut variables = BTreeMap::new();
        for field in fields {
            let Some(name) = field.environment.filter(|_| generator.one_in(2)) else { continue };
            let mut value = generator.field_value(field);
            if generator.one_in(4) {
                let others =
                    generator.mistakes_of_value(&Place::root(field.key, field.kind, field.rules), Some(&value));
                value = generator.random.choice(others).flatten().unwrap_or_default();
            }
            let text = match value {
                Value::String(text) => text,
                other => other.to_string(),
            };
            variables.insert(name, text);
        }
        Self(variables)
    }
}
