//! Values that must never be shown.

use std::fmt;

use l2_adapter_rules::Literal;
use serde_json::Value;

use crate::{
    kind::Kind,
    read::{Place, Reader},
    value::{ConfigValue, Secrets},
};

/// The text that replaces a secret.
pub const REDACTED: &str = "[redacted]";

/// A value whose `Debug` and `Display` show [`REDACTED`]. A field marked `secret` must have this type, so that a derived
/// `Debug` cannot leak it.
///
/// ```
/// use l2_adapter_schema::Secret;
///
/// let password = Secret::new("hunter2".to_owned());
/// assert_eq!(format!("{password:?} {password}"), "[redacted] [redacted]");
/// assert_eq!(password.expose(), "hunter2");
/// ```
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Hides a value.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Search for this name to see every place that looks.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(REDACTED)
    }
}

impl<T> fmt::Display for Secret<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(REDACTED)
    }
}

impl<T: ConfigValue> ConfigValue for Secret<T> {
    const KIND: Kind = T::KIND;
    const SECRET: bool = true;

    fn read(value: &Value, place: &Place<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        T::read(value, &place.hidden(), reader).map(Self)
    }

    fn from_literal(literal: &Literal) -> Option<Self> {
        T::from_literal(literal).map(Self)
    }

    fn to_json(&self, secrets: Secrets) -> Option<Value> {
        match secrets {
            Secrets::Shown => self.0.to_json(secrets),
            Secrets::Redacted => Some(Value::String(REDACTED.to_owned())),
        }
    }
}
