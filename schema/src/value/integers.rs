//! Integers of 8 to 64 bits. `1.0` is one, as JSON Schema has it; the reader warns of it.

use std::hint;

use l2_adapter_rules::{Literal, Rule};
use serde_json::{Number, Value};

use crate::{
    kind::Kind,
    literal::integer_value,
    read::{Place, Reader},
    value::{ConfigValue, Secrets, check_rules},
    violation::Violation,
    warning::WarningCode,
};

macro_rules! integers {
    ($($integer:ty),*) => {$(
        impl ConfigValue for $integer {
            const KIND: Kind = Kind::Integer { min: <$integer>::MIN as i128, max: <$integer>::MAX as i128 };
            const SECRET: bool = false;

            #[inline]
            fn read(value: &Value, place: &Place<'_>, reader: &mut Reader<'_>) -> Option<Self> {
                let (min, max) = (<$integer>::MIN as i128, <$integer>::MAX as i128);
                // `read_integer` returns only integers between the given bounds.
                read_integer(value, min, max, place, reader).and_then(|value| <$integer>::try_from(value).ok())
            }

            #[inline]
            fn from_literal(literal: &Literal) -> Option<Self> {
                match *literal {
                    Literal::Integer(value) => <$integer>::try_from(value).ok(),
                    _ => None,
                }
            }

            #[inline]
            fn read_valid_items(items: &[Value], rules: &'static [Rule]) -> Option<Vec<Self>> {
                const SIGNED: bool = <$integer>::MIN != 0;
                // Unsigned 64-bit integers have a larger range than the inlined path.
                let (min, max) = (<$integer>::MIN as i64, i64::try_from(<$integer>::MAX).unwrap_or(i64::MAX));
                let (low, high) = plain_range(rules, items.len(), min, max)?;
                // Compared by the unsigned distance from `low`: values below it, and what is no integer, are far away.
                let (low, width) = (low as u64, high.wrapping_sub(low) as u64);
                let mut farthest = 0;
                // An invalid item is copied too, so that a list of known length is filled without checks of its capacity.
                let list = items.iter().map(|item| {
                    let integer = if SIGNED { item.as_i64().map(|integer| integer as u64) } else { item.as_u64() };
                    let integer = integer.unwrap_or_else(|| {
                        hint::cold_path();
                        low.wrapping_sub(1)
                    });
                    farthest = integer.wrapping_sub(low).max(farthest);
                    integer as $integer
                });
                let list = list.collect();
                (farthest <= width).then_some(list)
            }

            fn to_json(&self, _: Secrets) -> Option<Value> {
                Some(integer_value(i128::from(*self)))
            }
        }
    )*};
}

integers!(i8, i16, i32, i64, u8, u16, u32, u64);

/// The range between `low` and `high` for the items of a list of this length under these rules, if the rules are only bounds.
#[inline]
fn plain_range(rules: &[Rule], count: usize, mut low: i64, mut high: i64) -> Option<(i64, i64)> {
    for rule in rules {
        match *rule {
            Rule::Each(rules) => {
                for rule in rules {
                    match *rule {
                        Rule::Min(Literal::Integer(bound)) => low = low.max(i64::try_from(bound).ok()?),
                        Rule::Max(Literal::Integer(bound)) => high = high.min(i64::try_from(bound).ok()?),
                        _ => return None,
                    }
                }
            }
            Rule::MinItems(min) if count >= min => {}
            Rule::MaxItems(max) if count <= max => {}
            _ => return None,
        }
    }
    // All integers leave no distance for anything else.
    (low <= high && (low, high) != (i64::MIN, i64::MAX)).then_some((low, high))
}

/// Reads an integer; the path for a plain valid integer is inlined.
#[inline]
fn read_integer(value: &Value, min: i128, max: i128, place: &Place<'_>, reader: &mut Reader<'_>) -> Option<i128> {
    if let Value::Number(number) = value
        && let Some(integer) = plain_integer(number)
        && integer >= min
        && integer <= max
        && place.rules.iter().all(|rule| rule.accepts_integer(integer))
    {
        return Some(integer);
    }
    read_unusual_integer(value, min, max, place, reader)
}

#[inline]
fn plain_integer(number: &Number) -> Option<i128> {
    number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from))
}

/// Reads an integer that was written as a float, or reports its fault. The float alone decides, also under serde_json's
/// `arbitrary_precision`, where the text is known: another crate that enables it must not change what is accepted.
#[cold]
fn read_unusual_integer(
    value: &Value,
    min: i128,
    max: i128,
    place: &Place<'_>,
    reader: &mut Reader<'_>,
) -> Option<i128> {
    // 2^53: beyond this a float represents several integers.
    const ROUNDED: f64 = 9_007_199_254_740_992.0;
    let kind = Kind::Integer { min, max };
    let Value::Number(number) = value else { return reader.wrong_type(place, kind, value) };
    // A number beyond f64 is available only as text.
    let beyond = if number.to_string().starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY };
    let float = number.as_f64().unwrap_or(beyond);
    let plain = plain_integer(number);
    let integer = match plain {
        Some(integer) => integer,
        None if float.is_finite() && float.fract() != 0.0 => return reader.wrong_type(place, kind, value),
        None => float as i128,
    };
    if integer < min || integer > max {
        return reader.out_of_range(place, kind, value);
    }
    // `-0` is written as an integer, and is read as a float.
    if plain.is_none() && (float != 0.0 || float.is_sign_positive()) {
        if float.abs() >= ROUNDED {
            return reader.inexact_integer(place, value);
        }
        let which = if reader.hides(place.secret) { "an integer".to_owned() } else { format!("the integer {integer}") };
        let message = format!("is {which}: write it without a fraction or exponent");
        reader.warn(place, WarningCode::IntegralFloat, &message);
    }
    check_rules(place, reader, value, |rule| (!rule.accepts_integer(integer)).then(|| Violation::of(rule)))
        .then_some(integer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Context, Path};

    fn read(text: &str) -> Option<i64> {
        let (context, value) = (Context::empty(), serde_json::from_str(text).expect("a number"));
        i64::read(&value, &Place::new(&Path::Root, &[], false), &mut Reader::new(&context))
    }

    #[test]
    fn a_number_is_an_integer_by_its_value_in_any_notation() {
        for (text, integer) in [("1.0", 1), ("1e3", 1000), ("-1.20e1", -12), ("120e-1", 12), ("0.0", 0), ("-0", 0)] {
            assert_eq!(read(text), Some(integer), "{text}");
        }
        assert_eq!(read("9007199254740991.0"), Some(9_007_199_254_740_991));
    }

    #[test]
    fn neither_a_fraction_nor_a_float_from_2_to_the_53_on_is_an_integer() {
        let fractions = ["1.5", "1e-3", "1.000000000000001"];
        let rounded = ["9007199254740992.0", "9007199254740993.0", "-9223372036854775809", "1e300"];
        for text in fractions.into_iter().chain(rounded) {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
