//! Equality and order of JSON values as JSON Schema has them: `1` equals `1.0`, objects are equal whatever the order of
//! their keys.

use std::cmp::Ordering;

use l2_adapter_rules::integer_float_sign;
use serde_json::{Map, Number, Value};

/// Whether two values are equal.
pub(crate) fn json_equal(left: &Value, right: &Value) -> bool {
    json_order(left, right).is_eq()
}

/// A total order in which equal values are equal.
pub(crate) fn json_order(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        (Value::Number(left), Value::Number(right)) => number_order(left, right),
        (Value::String(left), Value::String(right)) => left.cmp(right),
        (Value::Array(left), Value::Array(right)) => left.len().cmp(&right.len()).then_with(|| {
            left.iter()
                .zip(right)
                .map(|(left, right)| json_order(left, right))
                .find(|order| order.is_ne())
                .unwrap_or(Ordering::Equal)
        }),
        (Value::Object(left), Value::Object(right)) => object_order(left, right),
        _ => rank(left).cmp(&rank(right)),
    }
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) => 4,
        Value::Object(_) => 5,
    }
}

fn number_order(left: &Number, right: &Number) -> Ordering {
    let integer = |number: &Number| number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
    match (integer(left), integer(right)) {
        (Some(left), Some(right)) => left.cmp(&right),
        (Some(integer), None) => {
            right.as_f64().map_or(Ordering::Less, |float| integer_float_sign(integer, float).cmp(&0))
        }
        (None, Some(integer)) => {
            left.as_f64().map_or(Ordering::Greater, |float| integer_float_sign(integer, float).cmp(&0).reverse())
        }
        // Under serde_json's `arbitrary_precision` a number may be beyond f64: then its text decides.
        (None, None) => match (left.as_f64(), right.as_f64()) {
            (Some(left), Some(right)) => left.partial_cmp(&right).unwrap_or(Ordering::Equal),
            _ => left.to_string().cmp(&right.to_string()),
        },
    }
}

fn object_order(left: &Map<String, Value>, right: &Map<String, Value>) -> Ordering {
    left.len().cmp(&right.len()).then_with(|| {
        // Iteration order depends on serde_json's `preserve_order`, so keys are sorted here.
        let sorted = |map: &Map<String, Value>| {
            let mut keys: Vec<String> = map.keys().cloned().collect();
            keys.sort();
            keys
        };
        let (left_keys, right_keys) = (sorted(left), sorted(right));
        left_keys.cmp(&right_keys).then_with(|| {
            left_keys
                .iter()
                .map(|key| json_order(&left[key], &right[key]))
                .find(|order| order.is_ne())
                .unwrap_or(Ordering::Equal)
        })
    })
}

/// The index of the first item that equals an earlier one, and the earlier one's index.
///
/// Short lists are compared pair by pair, without an allocation; long ones through a sorted index, so that a list of a million
/// items does not take quadratic time.
pub(crate) fn first_repeated(items: &[Value]) -> Option<(usize, usize)> {
    const PAIRWISE_ITEMS_MAX: usize = 32;
    if items.len() <= PAIRWISE_ITEMS_MAX {
        return (1..items.len()).find_map(|later| {
            (0..later).find(|&earlier| json_equal(&items[earlier], &items[later])).map(|earlier| (later, earlier))
        });
    }
    let mut order: Vec<usize> = (0..items.len()).collect();
    order.sort_by(|&left, &right| json_order(&items[left], &items[right]).then(left.cmp(&right)));
    order.windows(2).filter(|pair| json_equal(&items[pair[0]], &items[pair[1]])).map(|pair| (pair[1], pair[0])).min()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{json_equal, json_order};

    #[test]
    fn numbers_are_equal_by_value() {
        assert!(json_equal(&json!(1), &json!(1.0)));
        assert!(json_equal(&json!(0), &json!(-0.0)));
        assert!(!json_equal(&json!(1), &json!(1.5)));
        assert!(!json_equal(&json!(u64::MAX), &json!(18_446_744_073_709_551_616.0)));
        assert!(!json_equal(&json!(1), &json!("1")));
        assert!(!json_equal(&json!(0), &Value::Null));
    }

    #[test]
    fn objects_are_equal_whatever_the_order_of_their_keys() {
        let left: Value = serde_json::from_str(r#"{"a": 1, "b": [2.0]}"#).unwrap();
        let right: Value = serde_json::from_str(r#"{"b": [2], "a": 1.0}"#).unwrap();
        assert!(json_equal(&left, &right));
    }

    #[test]
    fn the_order_is_total_over_numbers_near_the_limits_of_f64() {
        let ascending = [
            json!(i64::MIN),
            json!(-1.5),
            json!(-1),
            json!(0),
            json!(0.5),
            json!(1),
            json!(1.5),
            json!(u64::MAX),
            json!(1e300),
        ];
        for (left, pair) in ascending.iter().enumerate() {
            for (right, other) in ascending.iter().enumerate() {
                assert_eq!(json_order(pair, other), left.cmp(&right), "{pair} {other}");
            }
        }
    }
}
