//! Booleans, numbers and strings.

use std::path::PathBuf;

use serde_json::{Number, Value};

use crate::{
    fault::FaultCode,
    kind::{ChoiceTable, Kind},
    literal::{Literal, integer_value},
    read::{Place, Reader},
    rule::{Bound, Rule, Violation, one_of},
    suggest,
    value::{ConfigValue, Secrets},
    warning::WarningCode,
};

impl ConfigValue for bool {
    const KIND: Kind = Kind::Boolean;

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
                let (low, high) = plain_range(rules)?;
                let mut list = Vec::with_capacity(items.len());
                for item in items {
                    match item.as_i64() {
                        Some(integer) if low <= integer && integer <= high => list.push(<$integer>::try_from(integer).ok()?),
                        _ => return None,
                    }
                }
                Some(list)
            }

            fn to_json(&self, _: Secrets) -> Option<Value> {
                Some(integer_value(i128::from(*self)))
            }
        }
    )*};
}

integers!(i8, i16, i32, i64, u8, u16, u32, u64);

/// The range that these rules leave of `i64`, if they are bounds and nothing else.
fn plain_range(rules: &[Rule]) -> Option<(i64, i64)> {
    let (mut low, mut high) = (i64::MIN, i64::MAX);
    for rule in rules {
        match *rule {
            Rule::Min(Bound::Integer(bound)) => low = low.max(i64::try_from(bound).ok()?),
            Rule::Max(Bound::Integer(bound)) => high = high.min(i64::try_from(bound).ok()?),
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

macro_rules! floats {
    ($($float:ident),*) => {$(
        impl ConfigValue for $float {
            const KIND: Kind = Kind::Number { max: <$float>::MAX as f64 };

            fn read(value: &Value, place: &Place<'_>, reader: &mut Reader<'_>) -> Option<Self> {
                let wide = read_number(value, Self::KIND, <$float>::MAX as f64, place, reader)?;
                Some($float::narrow(wide, place.rules))
            }

            fn from_literal(literal: &Literal) -> Option<Self> {
                match *literal {
                    Literal::Float(value) => Some(value as $float),
                    _ => None,
                }
            }

            fn to_json(&self, _: Secrets) -> Option<Value> {
                Number::from_f64(self.widen()).map(Value::Number)
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
    // Compared as it is written: an integer beyond 2^53 may have no f64 of its own, and schema validators compare it exactly.
    let integer = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
    let mut sound = true;
    for rule in place.rules {
        if !integer.map_or_else(|| rule.accepts_float(float), |integer| rule.accepts_integer(integer)) {
            reader.broken_rule(place, rule.number_violation(), value);
            sound = false;
        }
    }
    sound.then_some(float)
}

/// The way between a Rust float and the `f64` that rules are checked on.
trait Float: Sized {
    fn narrow(wide: f64, rules: &[Rule]) -> Self;
    fn widen(self) -> f64;
}

impl Float for f64 {
    /// The nearest `f64` that still keeps the rules: an integer that keeps them may round to one that does not.
    fn narrow(wide: f64, rules: &[Rule]) -> Self {
        [wide, wide.next_down(), wide.next_up()]
            .into_iter()
            .find(|float| rules.iter().all(|rule| rule.accepts_float(*float)))
            .unwrap_or(wide)
    }

    fn widen(self) -> f64 {
        self
    }
}

impl Float for f32 {
    /// The nearest `f32` that still keeps the rules, so that what was accepted is accepted again when it is written out.
    fn narrow(wide: f64, rules: &[Rule]) -> Self {
        let nearest = wide as f32;
        [nearest, nearest.next_down(), nearest.next_up()]
            .into_iter()
            .find(|float| rules.iter().all(|rule| rule.accepts_float(float.widen())))
            .unwrap_or(nearest)
    }

    /// The `f64` with the shortest decimal that means this `f32`: `0.1_f32` is written as `0.1`.
    fn widen(self) -> f64 {
        let exact = f64::from(self);
        if exact.fract() == 0.0 { exact } else { self.to_string().parse().unwrap_or(exact) }
    }
}

impl ConfigValue for String {
    const KIND: Kind = Kind::Text;

    fn read(value: &Value, place: &Place<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        read_text(value, Self::KIND, place, reader).map(str::to_owned)
    }

    fn from_literal(literal: &Literal) -> Option<Self> {
        literal.as_text().map(str::to_owned)
    }

    fn to_json(&self, _: Secrets) -> Option<Value> {
        Some(Value::String(self.clone()))
    }
}

impl ConfigValue for PathBuf {
    const KIND: Kind = Kind::Path;

    fn read(value: &Value, place: &Place<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        read_text(value, Self::KIND, place, reader).map(PathBuf::from)
    }

    fn from_literal(literal: &Literal) -> Option<Self> {
        literal.as_text().map(PathBuf::from)
    }

    /// A path read from JSON is UTF-8; one built by hand that is not is written with replacement characters.
    fn to_json(&self, _: Secrets) -> Option<Value> {
        Some(Value::String(self.to_string_lossy().into_owned()))
    }
}

fn read_text<'v>(value: &'v Value, kind: Kind, place: &Place<'_>, reader: &mut Reader<'_>) -> Option<&'v str> {
    let Some(text) = value.as_str() else { return reader.wrong_type(place, kind, value) };
    check_text(text, place, reader, value).then_some(text)
}

/// Checks the rules on a string that is `value` or a key that leads to it.
pub(crate) fn check_text(text: &str, place: &Place<'_>, reader: &mut Reader<'_>, value: &Value) -> bool {
    let mut sound = true;
    for rule in place.rules {
        if !rule.accepts_text(text) {
            reader.broken_rule(place, rule.text_violation(text, !place.secret), value);
            sound = false;
        }
    }
    sound
}

impl ConfigValue for Value {
    const KIND: Kind = Kind::Anything;

    fn read(value: &Value, place: &Place<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        reader.shallow_enough(value, place).then(|| value.clone())
    }

    fn to_json(&self, _: Secrets) -> Option<Value> {
        Some(self.clone())
    }
}

/// Reads a string that is one of a choice's names; answers its index.
pub fn read_choice(
    choices: &'static ChoiceTable,
    value: &Value,
    place: &Place<'_>,
    reader: &mut Reader<'_>,
) -> Option<usize> {
    let Some(written) = value.as_str() else { return reader.wrong_type(place, Kind::Choice(choices), value) };
    let position = choices.position(written);
    if position.is_none() {
        let names = || choices.variants.iter().map(|choice| choice.name);
        let expected = one_of(names().map(|name| format!("\"{name}\"")));
        let suggestion = if place.secret { None } else { suggest::closest(written, names()) };
        let message = format!("must be {expected}");
        let suggestion = suggestion.map(str::to_owned);
        reader.broken_rule(place, Violation { code: FaultCode::NotAllowed, message, expected, suggestion }, value);
    }
    position
}

/// The index of the choice that a table's default names.
pub fn choice_of_literal(choices: &'static ChoiceTable, literal: &Literal) -> Option<usize> {
    literal.as_text().and_then(|name| choices.position(name))
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

    #[test]
    fn an_f32_is_narrowed_to_a_value_that_still_keeps_its_rules() {
        use crate::rule::Bound;
        let below_one = &[Rule::Below(Bound::Float(1.0))];
        let narrowed = <f32 as Float>::narrow(0.999_999_999_999, below_one);
        assert!(narrowed < 1.0);
        let at_most_a_tenth = &[Rule::Max(Bound::Float(0.1))];
        assert_eq!(<f32 as Float>::narrow(0.1, at_most_a_tenth), 0.1_f32);
    }
}
