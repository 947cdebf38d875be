//! Booleans.

use l2_adapter_rules::Literal;
use serde_json::Value;

use crate::{
    kind::Kind,
    read::{Place, Reader},
    value::{ConfigValue, Secrets},
};

impl ConfigValue for bool {
    const KIND: Kind = Kind::Boolean;
    const SECRET: bool = false;

    #[inline]
    fn read(value: &Value, place: &Place<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        value.as_bool().or_else(|| reader.wrong_type(place, Self::KIND, value))
    }

    #[inline]
    fn from_literal(literal: &Literal) -> Option<Self> {
        match *literal {
            Literal::Bool(value) => Some(value),
            _ => None,
        }
    }

    fn to_json(&self, _: Secrets) -> Option<Value> {
        Some(Value::Bool(*self))
    }
}
