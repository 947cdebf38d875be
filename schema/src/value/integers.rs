//! Integers of 8 to 64 bits. `1.0` is one, as JSON Schema has it; the reader warns of it.

use std::hint;

use l2_adapter_rules::{Bound, Literal, Rule};
use serde_json::{Number, Value};

use crate::{
    kind::Kind,
    literal::integer_value,
    read::{Place, Reader},
    value::{ConfigValue, Secrets},
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
                        Rule::Min(Bound::Integer(bound)) => low = low.max(i64::try_from(bound).ok()?),
                        Rule::Max(Bound::Integer(bound)) => high = high.min(i64::try_from(bound).ok()?),
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

/// Reads an integer that was written as a float, or reports its fault.
#[cold]
fn read_unusual_integer(
    value: &Value,
    min: i128,
    max: i128,
    place: &Place<'_>,
    reader: &mut Reader<'_>,
) -> Option<i128> {
    let kind = Kind::Integer { min, max };
    let Value::Number(number) = value else { return reader.wrong_type(place, kind, value) };
    let (integer, written) = match plain_integer(number) {
        Some(integer) => (integer, Written::AsInteger),
        None => match whole_float(number) {
            Whole::Exact(float) => (
                float as i128,
                if float == 0.0 && float.is_sign_negative() { Written::AsInteger } else { Written::AsFloat },
            ),
            Whole::Rounded(float) if (float as i128) < min || (float as i128) > max => {
                return reader.out_of_range(place, kind, value);
            }
            Whole::Rounded(_) => return reader.inexact_integer(place, value),
            Whole::Fraction => return reader.wrong_type(place, kind, value),
        },
    };
    if integer < min || integer > max {
        return reader.out_of_range(place, kind, value);
    }
    if written == Written::AsFloat {
        let message = format!("is the integer {integer}: write it without a fraction or exponent");
        let message = if reader.hides(place.secret) {
            "is an integer: write it without a fraction or exponent"
        } else {
            &message
        };
        reader.warn(place, WarningCode::IntegralFloat, message);
    }
    let mut sound = true;
    for rule in place.rules {
        if !rule.accepts_integer(integer) {
            reader.broken_rule(place, Violation::of(rule), value);
            sound = false;
        }
    }
    sound.then_some(integer)
}

/// How an integer is written. `-0` is written as one, and is read as a float.
#[derive(PartialEq, Eq)]
enum Written {
    AsInteger,
    AsFloat,
}

/// The integer value of a JSON number that is not written as a 64-bit integer.
#[derive(Debug, PartialEq)]
enum Whole {
    /// This integer, exactly: no other number with as many digits has the same float.
    Exact(f64),
    /// A whole number so large that a float cannot distinguish it from its neighbours.
    Rounded(f64),
    Fraction,
}

/// Decides by the float alone, also under serde_json's `arbitrary_precision`, where the text is known: another crate that
/// enables it must not change what is accepted.
fn whole_float(number: &Number) -> Whole {
    // 2^53: beyond this a float represents several integers.
    const ROUNDED: f64 = 9_007_199_254_740_992.0;
    // A number beyond f64 is available only as text.
    let beyond = if number.to_string().starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY };
    match number.as_f64().unwrap_or(beyond) {
        float if float.fract() != 0.0 && float.is_finite() => Whole::Fraction,
        float if float.abs() >= ROUNDED => Whole::Rounded(float),
        float => Whole::Exact(float),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Whole {
        whole_float(&serde_json::from_str(text).expect("a number"))
    }

    #[test]
    fn a_number_is_an_integer_by_its_value_in_any_notation() {
        for (text, integer) in [("1.0", 1.0), ("1e3", 1000.0), ("-1.20e1", -12.0), ("120e-1", 12.0), ("0.0", 0.0)] {
            assert_eq!(read(text), Whole::Exact(integer), "{text}");
        }
        assert_eq!(read("9007199254740991.0"), Whole::Exact(9_007_199_254_740_991.0));
    }

    #[test]
    fn a_fraction_is_not_an_integer() {
        for text in ["1.5", "1e-3", "1.000000000000001"] {
            assert_eq!(read(text), Whole::Fraction, "{text}");
        }
    }

    #[test]
    fn no_float_from_2_to_the_53_on_is_an_integer() {
        for text in
            ["9007199254740992.0", "9007199254740993.0", "-9223372036854775809", "18446744073709551616", "1e300"]
        {
            assert!(matches!(read(text), Whole::Rounded(_)), "{text}");
        }
    }
}
