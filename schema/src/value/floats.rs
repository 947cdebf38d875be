//! Numbers with a fraction.

use l2_adapter_rules::{Literal, Rule};
use serde_json::{Number, Value};

use crate::{
    kind::Kind,
    read::{Place, Reader},
    value::{ConfigValue, Secrets, check_rules},
    violation::Violation,
};

macro_rules! floats {
    ($($float:ident),*) => {$(
        impl ConfigValue for $float {
            const KIND: Kind = Kind::Number { max: <$float>::MAX as f64 };
            const SECRET: bool = false;

            fn read(value: &Value, place: &Place<'_>, reader: &mut Reader<'_>) -> Option<Self> {
                let wide = read_number(value, Self::KIND, <$float>::MAX as f64, place, reader)?;
                // The nearest one that still satisfies the rules: a number that satisfies them may round to one that does
                // not, and an accepted value must be accepted again after it is written.
                let nearest = wide as $float;
                let accepted = |float: &$float| place.rules.iter().all(|rule| rule.accepts_float(widen(*float)));
                [nearest, nearest.next_down(), nearest.next_up()].into_iter().find(accepted).or(Some(nearest))
            }

            fn from_literal(literal: &Literal) -> Option<Self> {
                match *literal {
                    Literal::Float(value) => Some(value as $float),
                    _ => None,
                }
            }

            fn to_json(&self, _: Secrets) -> Option<Value> {
                Number::from_f64(widen(*self)).map(Value::Number)
            }
        }
    )*};
}

floats!(f32, f64);

fn read_number(value: &Value, kind: Kind, max: f64, place: &Place<'_>, reader: &mut Reader<'_>) -> Option<f64> {
    let Value::Number(number) = value else { return reader.wrong_type(place, kind, value) };
    let Some(float) = number.as_f64().filter(|float| float.abs() <= max) else {
        return reader.out_of_range(place, kind, value);
    };
    // Compared by its text: an integer beyond 2^53 may have no exact f64, and schema validators compare it exactly.
    let integer = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
    let accepted =
        |rule: &Rule| integer.map_or_else(|| rule.accepts_float(float), |integer| rule.accepts_integer(integer));
    check_rules(place, reader, value, |rule| (!accepted(rule)).then(|| Violation::of(rule))).then_some(float)
}

/// The `f64` of a Rust float, on which rules are checked: that with the shortest decimal that means this float, so that `0.1_f32` is
/// written as `0.1`.
fn widen<T: Copy + Into<f64> + ToString>(float: T) -> f64 {
    let exact = float.into();
    if size_of::<T>() == size_of::<f64>() || exact.fract() == 0.0 {
        return exact;
    }
    float.to_string().parse().unwrap_or(exact)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Context, Path};

    #[test]
    fn an_f32_is_read_as_a_value_that_still_satisfies_its_rules() {
        let context = Context::empty();
        let read = |value: Value, rules: &'static [Rule]| {
            f32::read(&value, &Place::new(&Path::Root, rules, false), &mut Reader::new(&context))
        };
        assert!(read(json!(0.999_999_999_999), &[Rule::Below(Literal::Float(1.0))]).is_some_and(|read| read < 1.0));
        assert_eq!(read(json!(0.1), &[Rule::Max(Literal::Float(0.1))]), Some(0.1_f32));
    }
}
