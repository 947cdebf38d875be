//! Numbers that satisfy their rules, and numbers just beyond the bounds.

use l2_adapter_rules::Integers;
use l2_adapter_schema::{Kind, Literal, Rule};
use serde_json::Value;

use super::{Generator, number};

impl Generator<'_> {
    /// A number of a kind that satisfies the rules, one of those near the limits.
    pub(super) fn valid_number(&mut self, kind: Kind, rules: &[Rule]) -> Value {
        let mut numbers = self.interesting_numbers(kind, rules);
        numbers.retain(|number| {
            let integer = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
            let float = number.as_f64().unwrap_or(f64::NAN);
            match kind {
                Kind::Integer { min, max } => {
                    // Up to 2^53 every parser reads a float as the same integer.
                    let whole =
                        Some(float as i128).filter(|_| float.fract() == 0.0 && float.abs() <= 9_007_199_254_740_992.0);
                    let satisfies = |integer: i128| rules.iter().all(|rule| rule.accepts_integer(integer));
                    integer.or(whole).is_some_and(|integer| (min..=max).contains(&integer) && satisfies(integer))
                }
                Kind::Number { max } => float.abs() <= max && rules.iter().all(|rule| rule.accepts_float(float)),
                _ => false,
            }
        });
        self.random.choice(numbers).unwrap_or_default()
    }

    /// Numbers around every limit: the bounds of the type and of the rules, the ends of JSON's number types, in every notation; and a
    /// few others.
    pub(in super::super) fn interesting_numbers(&mut self, kind: Kind, rules: &[Rule]) -> Vec<Value> {
        let (min, max) = match kind {
            Kind::Integer { min, max } => (min, max),
            _ => (i128::from(i64::MIN), i128::from(u64::MAX)),
        };
        let mut integers: Vec<i128> =
            vec![0, 1, 2, 3, 5, 6, 7, 12, 1000, min, max, i128::from(u64::MAX), i128::from(i64::MIN)];
        // Just beyond 64 bits only floats exist, and the nearest may be the bound itself.
        integers.extend([min - (1 << 12), max + (1 << 12)]);
        let Integers { low, high, .. } = Integers::left(min, max, rules);
        integers.extend((0..4).filter(|_| low <= high).map(|_| self.random.i128(low..=high)));
        let mut floats: Vec<f64> = vec![0.5, -0.5, 1.5, self.random.f64()];
        if let Kind::Number { max } = kind {
            floats.extend([max, -max, max.next_down()]);
            // Beyond f32, and beyond f64 nothing.
            floats.extend([max * 1.000_001, max * -1.000_001, 3.402_823_5e38]);
        }
        for rule in rules {
            match rule {
                Rule::Min(bound) | Rule::Max(bound) | Rule::Above(bound) | Rule::Below(bound) => match bound {
                    Literal::Integer(bound) => integers.push(*bound),
                    bound => {
                        let bound = bound.as_f64();
                        floats.extend([bound, bound.next_up(), bound.next_down(), bound + 1.0, bound - 1.0]);
                    }
                },
                Rule::MultipleOf(factor) => {
                    let factor = i128::from(*factor);
                    // With half the factor a schema would accept the first two.
                    integers.extend([
                        factor / 2,
                        factor + factor / 2,
                        factor,
                        2 * factor,
                        3 * factor,
                        5 * factor,
                        -factor,
                    ]);
                    let (first, last) = (low.div_euclid(factor) * factor, high.div_euclid(factor) * factor);
                    integers.extend([first, last, first - factor, last + factor]);
                }
                Rule::PowerOfTwo => integers.extend((0..64).map(|shift| 1 << shift)),
                rule => integers.extend(allowed_integers(rule)),
            }
        }
        let has_factor = rules.iter().any(|rule| matches!(rule, Rule::MultipleOf(_)));
        let written = ["-0.0", "1.0", "1e3", "1e300", "-1e300", "9007199254740993", "1.8446744073709552e19", "1e19"];
        let around = integers.into_iter().flat_map(|integer| (-1..=1).map(move |offset| integer + offset));
        let powers = (52..=64).map(|shift| 1_i128 << shift);
        floats.extend(powers.clone().map(|power| power as f64));
        around
            .chain(powers)
            .map(integer)
            .chain(floats.into_iter().map(Value::from))
            .chain(written.map(number))
            .filter(|value| value.is_number() && !(has_factor && is_beyond_exact_integers(value)))
            .collect()
    }
}

/// An integer as JSON has it: beyond 64 bits it is read as a float.
fn integer(value: i128) -> Value {
    let signed = i64::try_from(value).map(Value::from);
    signed.or_else(|_| u64::try_from(value).map(Value::from)).unwrap_or_else(|_| number(&value.to_string()))
}

/// For `multipleOf` the jsonschema crate reads a float beyond 2^53 as its shortest decimal, elsewhere as the binary number. Our
/// parser always uses the binary number, like other validators.
fn is_beyond_exact_integers(value: &Value) -> bool {
    value.is_f64() && value.as_f64().is_some_and(|float| float.abs() > 9_007_199_254_740_992.0)
}

fn allowed_integers(rule: &Rule) -> Vec<i128> {
    let Rule::Allowed(values) = rule else { return Vec::new() };
    values.iter().filter_map(Literal::as_integer).collect()
}
