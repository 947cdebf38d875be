//! Equality of JSON values as JSON Schema has it: `1` equals `1.0`.

use std::collections::HashMap;

use serde_json::Value;

use crate::literal::integer_value;

pub(crate) fn json_equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(_), Value::Number(_)) => left == right || normalized(left) == normalized(right),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| json_equal(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            let has_equal = |(key, value)| right.get(key).is_some_and(|other| json_equal(value, other));
            left.len() == right.len() && left.iter().all(has_equal)
        }
        _ => left == right,
    }
}

/// The value with each number that is an integer of 64 bits written as one: equal values are the same then.
fn normalized(value: &Value) -> Value {
    match value {
        Value::Number(number) => {
            let (float, signed) = (number.as_f64(), number.as_i64().map(i128::from));
            let integer = signed.or_else(|| number.as_u64().map(i128::from));
            let integer = integer.or_else(|| float.filter(|float| float.fract() == 0.0).map(|float| float as i128));
            match integer.map_or(Value::Null, integer_value) {
                // Under serde_json's `arbitrary_precision` a number may be beyond f64: then its text decides.
                Value::Null => float.map_or_else(|| value.clone(), Value::from),
                integer => integer,
            }
        }
        Value::Array(items) => items.iter().map(normalized).collect(),
        Value::Object(entries) => entries.iter().map(|(key, value)| (key.clone(), normalized(value))).collect(),
        _ => value.clone(),
    }
}

/// The index of the first item that equals an earlier one, and the earlier one's index.
///
/// Short lists are compared pair by pair, without an allocation; long ones are hashed, so that a list of a million items does not take
/// quadratic time.
pub(crate) fn first_repeated(items: &[Value]) -> Option<(usize, usize)> {
    const PAIRWISE_ITEMS_MAX: usize = 32;
    if items.len() <= PAIRWISE_ITEMS_MAX {
        return (1..items.len()).find_map(|later| {
            (0..later).find(|&earlier| json_equal(&items[earlier], &items[later])).map(|earlier| (later, earlier))
        });
    }
    let mut seen = HashMap::new();
    let mut repeated =
        items.iter().enumerate().map(|(index, item)| (index, *seen.entry(normalized(item)).or_insert(index)));
    repeated.find(|(later, earlier)| later != earlier)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{json_equal, normalized};

    #[test]
    fn numbers_are_equal_by_value_and_objects_whatever_the_order_of_their_keys() {
        let reversed: Value = serde_json::from_str(r#"{"b": [2], "a": 1.0}"#).unwrap();
        let classes = [
            vec![json!(i64::MIN), json!(i64::MIN as f64)],
            vec![json!(-1.5)],
            vec![json!(0), json!(-0.0)],
            vec![json!(1), json!(1.0)],
            vec![json!(1.5)],
            vec![json!(u64::MAX)],
            vec![json!(18_446_744_073_709_551_616.0)],
            vec![json!(1e300)],
            vec![json!("1")],
            vec![Value::Null],
            vec![json!({"a": 1, "b": [2.0]}), reversed],
        ];
        for (index, class) in classes.iter().enumerate() {
            for (other_index, other) in classes.iter().enumerate() {
                for (left, right) in class.iter().flat_map(|left| other.iter().map(move |right| (left, right))) {
                    assert_eq!(json_equal(left, right), index == other_index, "{left} {right}");
                    assert_eq!(normalized(left) == normalized(right), index == other_index, "{left} {right}");
                }
            }
        }
    }
}
