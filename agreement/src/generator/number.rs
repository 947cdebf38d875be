//! Numbers that satisfy their rules, and numbers just beyond the bounds.

use l2_adapter_rules::Integers;
use l2_adapter_schema::{Literal, Rule};
use serde_json::Value;

use super::{Generator, number};

impl Generator<'_> {
    /// An integer in the range of a type that satisfies the rules, occasionally written as a float.
    pub(super) fn integer(&mut self, min: i128, max: i128, rules: &[Rule]) -> Value {
        let Integers { low, high, factor: step, power_of_two } = Integers::left(min, max, rules);
        let allowed: Vec<i128> = rules.iter().flat_map(allowed_integers).collect();
        let powers: Vec<i128> = (0..64).map(|shift| 1 << shift).filter(|power| power % step == 0).collect();
        let fits = |value: &i128| (low..=high).contains(value);
        let chosen = if !allowed.is_empty() {
            self.pick(&allowed)
        } else if power_of_two {
            self.pick(&powers.into_iter().filter(fits).collect::<Vec<_>>())
        } else {
            self.multiple(low, high, step)
        };
        self.written(chosen.unwrap_or(low))
    }

    /// A multiple of `step` between two bounds; the bounds themselves and small numbers are likely.
    fn multiple(&mut self, low: i128, high: i128, step: i128) -> Option<i128> {
        let (first, last) = (low.div_euclid(step) + i128::from(low.rem_euclid(step) != 0), high.div_euclid(step));
        if first > last {
            return None;
        }
        let near = first.max(0).min(last);
        let index = match self.random.u8(0..8) {
            0 => first,
            1 => last,
            2 => (first + 1).min(last),
            3 => (last - 1).max(first),
            4 | 5 => self.random.i128(near..=last.min(near + 1000)),
            _ => self.random.i128(first..=last),
        };
        Some(index * step)
    }

    fn written(&mut self, value: i128) -> Value {
        // Up to 2^53 every parser reads a float as the same integer.
        if value.unsigned_abs() <= 1 << 53 && self.one_in(12) {
            return number(&if value % 1000 == 0 && value != 0 {
                format!("{}e3", value / 1000)
            } else {
                format!("{value}.0")
            });
        }
        number(&value.to_string())
    }

    /// A number that satisfies the rules, occasionally written as an integer.
    pub(super) fn float(&mut self, max: f64, rules: &[Rule]) -> Value {
        let (mut low, mut high) = (-max, max);
        for rule in rules {
            match rule {
                Rule::Min(bound) => low = low.max(bound.as_f64()),
                Rule::Above(bound) => low = low.max(bound.as_f64().next_up()),
                Rule::Max(bound) => high = high.min(bound.as_f64()),
                Rule::Below(bound) => high = high.min(bound.as_f64().next_down()),
                _ => {}
            }
        }
        let (near_low, near_high) = (low.max(-1e6).min(high), high.min(1e6).max(low));
        let candidates = [
            low,
            high,
            near_low + (near_high - near_low) * self.random.f64(),
            (near_low + (near_high - near_low) * self.random.f64()).round(),
            0.0,
            -0.0,
            5e-324,
            0.1,
            1.0,
        ];
        let kept: Vec<f64> = candidates.into_iter().filter(|value| (low..=high).contains(value)).collect();
        let value = self.pick(&kept).unwrap_or(low);
        if value.fract() == 0.0 && value.abs() < 1e15 && self.random.bool() {
            return number(&format!("{value:.0}"));
        }
        Value::from(value)
    }
}

/// Numbers around every limit: the bounds of the type and of the rules, the ends of JSON's number types, in every notation.
pub(in super::super) fn interesting_numbers(min: i128, max: i128, rules: &[Rule]) -> Vec<Value> {
    let mut integers: Vec<i128> =
        vec![0, 1, 2, 3, 5, 6, 7, 12, 1000, min, max, i128::from(u64::MAX), i128::from(i64::MIN)];
    // Just beyond 64 bits only floats exist, and the nearest may be the bound itself.
    integers.extend([min - (1 << 12), max + (1 << 12)]);
    let mut floats: Vec<f64> = vec![0.5, -0.5, 1.5];
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
                integers.extend([factor / 2, factor + factor / 2, factor, 2 * factor, 3 * factor, 5 * factor, -factor]);
                let Integers { low, high, .. } = Integers::left(min, max, rules);
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
    let both =
        powers.clone().map(|power| format!("{power}.0")).chain(around.chain(powers).map(|value| value.to_string()));
    both.map(|text| number(&text))
        .chain(floats.into_iter().map(Value::from))
        .chain(written.map(number))
        .filter(|value| value.is_number() && !(has_factor && is_beyond_exact_integers(value)))
        .collect()
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
