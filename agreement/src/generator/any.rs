//! Random JSON, independent of any table.

use l2_adapter_schema::Kind;
use serde_json::{Map, Value};

use super::Generator;

impl Generator<'_> {
    /// Any small value, containers up to `depth` levels deep.
    pub(in super::super) fn anything(&mut self, depth: usize) -> Value {
        match self.random.u8(0..if depth == 0 { 8 } else { 12 }) {
            0 => Value::Null,
            1 => Value::Bool(self.random.bool()),
            2 | 3 => self.valid_number(Kind::Number { max: f64::MAX }, &[]),
            4..=7 => Value::String(self.free_text(0, 6)),
            8 | 9 => (0..self.random.usize(0..4)).map(|_| self.anything(depth - 1)).collect(),
            _ => Value::Object(self.any_object(depth - 1)),
        }
    }

    /// Any small object, its values up to `depth` levels deep.
    pub(in super::super) fn any_object(&mut self, depth: usize) -> Map<String, Value> {
        (0..self.random.usize(0..4)).map(|_| (self.free_text(0, 6), self.anything(depth))).collect()
    }

    /// One value of every JSON type, and of types that are easily confused.
    pub(in super::super) fn one_of_each_type(&mut self, instead_of: &Value) -> Vec<Value> {
        let mut one_key = Map::new();
        one_key.insert(instead_of.as_str().unwrap_or("a").to_owned(), Value::Null);
        let values: Vec<Value> = match instead_of {
            Value::Object(map) => map.values().cloned().collect(),
            _ => Vec::new(),
        };
        vec![
            Value::Null,
            Value::Bool(true),
            Value::Bool(false),
            number("0"),
            number("1"),
            number("1.0"),
            number("1.5"),
            "".into(),
            "1".into(),
            "true".into(),
            "null".into(),
            Value::Array(Vec::new()),
            // A struct given as the list of its values, an enum given as `{"name": null}`, a list given as its only item.
            Value::Array(values),
            Value::Array(vec![instead_of.clone()]),
            Value::Object(Map::new()),
            Value::Object(one_key),
            instead_of.to_string().into(),
        ]
    }
}

/// A JSON number from its text, so that `serde_json` decides how it represents numbers beyond 64 bits.
pub(in super::super) fn number(text: &str) -> Value {
    // 1e400 is not a number for serde_json without arbitrary precision.
    serde_json::from_str(text).unwrap_or(Value::Null)
}

/// A list or object nested `levels` deep.
pub(in super::super) fn nested(levels: usize, in_lists: bool) -> Value {
    (0..levels).fold(Value::Null, |inner, _| {
        if in_lists { Value::Array(vec![inner]) } else { Value::Object(Map::from_iter([("a".to_owned(), inner)])) }
    })
}
