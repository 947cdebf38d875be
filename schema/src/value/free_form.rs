//! Values passed on as they are.

use serde_json::{Map, Value};

use crate::{
    kind::Kind,
    read::{Place, Reader},
    value::{ConfigValue, Secrets},
};

impl ConfigValue for Value {
    const KIND: Kind = Kind::Anything;
    const SECRET: bool = false;

    fn read(value: &Value, place: &Place<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        reader.shallow_enough(value, place).then(|| value.clone())
    }

    fn to_json(&self, _: Secrets) -> Option<Value> {
        Some(self.clone())
    }
}

impl ConfigValue for Map<String, Value> {
    const KIND: Kind = Kind::FreeObject;
    const SECRET: bool = false;

    fn read(value: &Value, place: &Place<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let Value::Object(map) = value else { return reader.wrong_type(place, Self::KIND, value) };
        reader.shallow_enough(value, place).then(|| map.clone())
    }

    fn to_json(&self, _: Secrets) -> Option<Value> {
        Some(Value::Object(self.clone()))
    }
}
