//! Distinguishes an absent key from `null`.

use serde_json::Value;

use crate::{
    kind::Kind,
    read::{Place, Reader},
    value::{ConfigValue, Secrets},
};

/// A value whose key may be absent, `null`, or there: for the few keys where "not given" and "given as nothing" differ.
/// Otherwise use [`Option`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Given<T> {
    /// The key is absent.
    #[default]
    Absent,
    /// The key is there and `null`.
    Null,
    /// The key has a value.
    Value(T),
}

impl<T: ConfigValue> ConfigValue for Given<T> {
    const KIND: Kind = Kind::Optional(&T::KIND);
    const SECRET: bool = T::SECRET;

    fn read(value: &Value, place: &Place<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        if value.is_null() { Some(Given::Null) } else { T::read(value, place, reader).map(Given::Value) }
    }

    fn absent() -> Option<Self> {
        Some(Given::Absent)
    }

    fn is_absent(&self) -> bool {
        matches!(self, Given::Absent)
    }

    fn to_json(&self, secrets: Secrets) -> Option<Value> {
        match self {
            Given::Absent => None,
            Given::Null => Some(Value::Null),
            Given::Value(value) => value.to_json(secrets),
        }
    }
}
