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
        copied(value, value, place, reader)
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
        copied(map, value, place, reader)
    }

    fn to_json(&self, _: Secrets) -> Option<Value> {
        Some(Value::Object(self.clone()))
    }
}

/// A copy of what `value` holds, if it is not nested too deeply.
fn copied<T: Clone>(content: &T, value: &Value, place: &Place<'_>, reader: &mut Reader<'_>) -> Option<T> {
    reader.shallow_enough(value, place).then(|| {
        reader.warn_of_unexpanded_inside(value, place);
        content.clone()
    })
}
