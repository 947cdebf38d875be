//! Integers of 8 to 64 bits. `1.0` is one, as JSON Schema has it; the reader warns of it.

use serde_json::{Number, Value};

use crate::{
    kind::Kind,
    literal::{Literal, integer_value},
    read::{Place, Reader},
    rule::{Bound, Rule},
    value::{ConfigValue, Secrets},
    warning::WarningCode,
};

macro_rules! integers {
    ($($integer:ty),*) => {$(
        impl ConfigValue for $integer {
            const KIND: Kind = Kind::Integer { min: <$integer>::MIN as i128, max: <$integer>::MAX as i128 };

            #[inline]
            fn read(value: &Value, place: &Place<'_>, reader: &mut Reader<'_>) -> Option<Self> {
                let (min, max) = (<$integer>::MIN as i128, <$integer>::MAX as i128);
                // `read_integer` answers only what lies between the bounds given to it.
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
            fn read_sound_items(items: &[Value], rules: &'static [Rule]) -> Option<Vec<Self>> {
                const SIGNED: bool = <$integer>::MIN != 0;
                // 64 bits without a sign reach further than what is read in line.
                let (min, max) = (<$integer>::MIN as i64, i64::try_from(<$integer>::MAX).unwrap_or(i64::MAX));
                let (low, high) = plain_range(rules, items.len(), min, max)?;
                // Compared by the distance from `low`, without a sign: what is below it is far off.
                let (mut sound, low, width) = (low <= high, low as u64, high.wrapping_sub(low) as u64);
                // One that is not sound is copied as 0: a list of known length is made without a look at its room.
                let list = items.iter().map(|item| {
                    let integer = if SIGNED { item.as_i64().map(|integer| integer as u64) } else { item.as_u64() };
                    match integer {
                        Some(integer) if integer.wrapping_sub(low) <= width => integer as $integer,
                        _ => {
                            sound = false;
                            0
                        }
                    }
                });
                let list = list.collect();
                sound.then_some(list)
            }

            fn to_json(&self, _: Secrets) -> Option<Value> {
                Some(integer_value(i128::from(*self)))
            }
        }
    )*};
}

integers!(i8, i16, i32, i64, u8, u16, u32, u64);

/// The part of `i64` between `low` and `high` that these rules leave the items of a list with so many of them, if they
/// are bounds and nothing else.
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
    Some((low, high))
}

/// Reads an integer; what is written as one and keeps its rules is answered in line.
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

/// Reads an integer that was written as a float, or tells what is wrong with it.
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
    let (integer, written_as_float) = match plain_integer(number) {
        Some(integer) => (integer, false),
        None => match whole_float(number) {
            Whole::Integer(integer) => (integer, true),
            Whole::Huge => return reader.out_of_range(place, kind, value),
            Whole::Fraction => return reader.wrong_type(place, kind, value),
        },
    };
    if integer < min || integer > max {
        return reader.out_of_range(place, kind, value);
    }
    if written_as_float {
        reader.warn(place, WarningCode::IntegralFloat, "is a whole number: write it without a fraction or exponent");
    }
    let mut sound = true;
    for rule in place.rules {
        if !rule.accepts_integer(integer) {
            reader.broken_rule(place, rule.number_violation(), value);
            sound = false;
        }
    }
    sound.then_some(integer)
}

/// What a JSON number is as an integer.
enum Whole {
    Integer(i128),
    /// Whole, but beyond every integer type.
    Huge,
    Fraction,
}

/// What a number that is no 64-bit integer as written is as an integer. An `f64` is all the digits it stands for, not
/// the few that tell it from its neighbours: 2^63 is written 9.223372036854776e+18, but to every schema validator it is
/// 9223372036854775808, a power of two.
fn whole_float(number: &Number) -> Whole {
    // 2^64, the first integer that is beyond every 64-bit type.
    const HUGE: f64 = 18_446_744_073_709_551_616.0;
    match number.as_f64() {
        Some(float) if Number::from_f64(float).as_ref() == Some(number) => match float {
            _ if float.fract() != 0.0 => Whole::Fraction,
            _ if float.abs() >= HUGE => Whole::Huge,
            _ => Whole::Integer(float as i128),
        },
        _ => whole_number(&number.to_string()),
    }
}

/// Decides from a number's text, since under serde_json's `arbitrary_precision` an `f64` may have lost digits.
fn whole_number(text: &str) -> Whole {
    // Every 64-bit integer has at most 20 digits.
    const DIGITS_MAX: i64 = 20;
    let (negative, unsigned) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_end_matches('0');
    if significant.is_empty() {
        return Whole::Integer(0);
    }
    let exponent_negative = exponent.starts_with('-');
    // The power of ten that the last significant digit counts. An exponent beyond i64 decides by its sign alone.
    let Ok(exponent) = exponent.parse::<i64>() else {
        return if exponent_negative { Whole::Fraction } else { Whole::Huge };
    };
    let trimmed = (digits.len() - significant.len()) as i64;
    let power = exponent.saturating_sub(fraction.len() as i64).saturating_add(trimmed);
    if power < 0 {
        return Whole::Fraction;
    }
    let significant = significant.trim_start_matches('0');
    if power > DIGITS_MAX || significant.len() as i64 + power > DIGITS_MAX {
        return Whole::Huge;
    }
    match format!("{significant}{}", "0".repeat(power as usize)).parse::<i128>() {
        Ok(integer) => Whole::Integer(if negative { -integer } else { integer }),
        Err(_) => Whole::Huge,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `whole_number` makes of a text: the integer, or how it is none.
    fn classified(text: &str) -> Result<i128, &'static str> {
        match whole_number(text) {
            Whole::Integer(integer) => Ok(integer),
            Whole::Huge => Err("huge"),
            Whole::Fraction => Err("fraction"),
        }
    }

    #[test]
    fn a_number_is_whole_when_its_decimal_is_however_it_is_written() {
        for (text, integer) in [
            ("1.0", 1),
            ("1e3", 1000),
            ("-1.20e1", -12),
            ("120e-1", 12),
            ("0.0", 0),
            ("-0.0", 0),
            ("0e999999999999999999999", 0),
            ("18446744073709551615.0", u64::MAX.into()),
            ("1.8446744073709552e19", 18_446_744_073_709_552_000),
        ] {
            assert_eq!(classified(text), Ok(integer), "{text}");
        }
    }

    #[test]
    fn a_fraction_is_no_integer_however_close_it_is_to_one() {
        for text in ["1.5", "1e-3", "1.0000000000000000000000001", "1e-999999999999999999999"] {
            assert_eq!(classified(text), Err("fraction"), "{text}");
        }
    }

    #[test]
    fn a_whole_number_beyond_every_type_costs_no_memory() {
        for text in ["1e300", "1e999999999", "1e999999999999999999999", "123456789012345678901234567890"] {
            assert_eq!(classified(text), Err("huge"), "{text}");
        }
    }
}
