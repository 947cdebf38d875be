//! Rules on numbers: `min`, `above`, `max`, `below`, `multiple_of`, `power_of_two`.

use crate::{LiteralWith, RuleWith};

impl<C: Copy + 'static> LiteralWith<C> {
    /// The number as a `f64`, for those with a fraction; exact up to 2^53.
    pub const fn as_f64(self) -> f64 {
        match self {
            Self::Integer(value) => value as f64,
            Self::Float(value) => value,
            _ => f64::NAN,
        }
    }

    /// The sign of this number minus another; `None` if one is unknown.
    pub const fn sign(&self, other: &Self) -> Option<i8> {
        Some(match (self, other) {
            (Self::Integer(left), Self::Integer(right)) => (*left > *right) as i8 - (*left < *right) as i8,
            (Self::Integer(left), Self::Float(right)) => integer_float_sign(*left, *right),
            (Self::Float(left), Self::Integer(right)) => -integer_float_sign(*right, *left),
            (Self::Float(left), Self::Float(right)) => (*left > *right) as i8 - (*left < *right) as i8,
            _ => return None,
        })
    }

    /// The number as the bound of a range reads: `1` for `1.0`.
    pub fn as_bound(&self) -> String {
        let text = self.to_string();
        text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
    }
}

/// The sign of an integer minus a float, exact: a 64-bit integer may have no `f64` of its own.
const fn integer_float_sign(integer: i128, float: f64) -> i8 {
    // A float beyond i128 becomes its nearest end, which is beyond every integer of a document or table.
    let whole = float.floor() as i128;
    let sign = (integer > whole) as i8 - (integer < whole) as i8;
    // A fraction decides between equal whole parts.
    if sign == 0 && float > float.floor() { -1 } else { sign }
}

/// One end of a range.
#[derive(Debug, Clone, Copy)]
pub struct End<C: 'static> {
    /// The bound, a number.
    pub bound: LiteralWith<C>,
    /// Whether it is the lower end.
    pub is_lower: bool,
    /// Whether the bound itself is outside.
    pub is_open: bool,
}

impl<C: Copy + 'static> End<C> {
    /// Whether no number is between this lower end and an upper one; false if one is unknown.
    pub const fn excludes(self, upper: Self) -> bool {
        match self.bound.sign(&upper.bound) {
            Some(sign) => sign > 0 || (sign == 0 && (self.is_open || upper.is_open)),
            None => false,
        }
    }
}

impl<C: Copy + 'static> RuleWith<C> {
    /// The end of a range that the rule is.
    pub const fn end(&self) -> Option<End<C>> {
        Some(match *self {
            Self::Min(bound) => End { bound, is_lower: true, is_open: false },
            Self::Above(bound) => End { bound, is_lower: true, is_open: true },
            Self::Max(bound) => End { bound, is_lower: false, is_open: false },
            Self::Below(bound) => End { bound, is_lower: false, is_open: true },
            _ => return None,
        })
    }

    /// Whether an integer satisfies the rule; every integer satisfies rules on other values.
    ///
    /// The common bounds are inlined: reading a list of ports then takes a third of the time.
    #[inline]
    pub const fn accepts_integer(&self, value: i128) -> bool {
        match self {
            Self::Min(LiteralWith::Integer(bound)) => value >= *bound,
            Self::Max(LiteralWith::Integer(bound)) => value <= *bound,
            _ => self.accepts_integer_otherwise(value),
        }
    }

    const fn accepts_integer_otherwise(&self, value: i128) -> bool {
        match self {
            Self::MultipleOf(factor) => *factor != 0 && value % *factor as i128 == 0,
            Self::PowerOfTwo => value > 0 && value.count_ones() == 1,
            Self::Allowed(values) => any!(listed in values => match listed {
                LiteralWith::Integer(listed) => *listed == value,
                listed => matches!(listed, LiteralWith::Constant(_)),
            }),
            rule => rule.is_inside(LiteralWith::Integer(value)),
        }
    }

    /// Whether a number with a fraction satisfies the rule; every number satisfies rules on other values.
    #[inline]
    pub const fn accepts_float(&self, value: f64) -> bool {
        match self {
            Self::Min(LiteralWith::Float(bound)) => value >= *bound,
            Self::Max(LiteralWith::Float(bound)) => value <= *bound,
            Self::Above(LiteralWith::Float(bound)) => value > *bound,
            Self::Below(LiteralWith::Float(bound)) => value < *bound,
            _ => self.is_inside(LiteralWith::Float(value)),
        }
    }

    const fn is_inside(&self, value: LiteralWith<C>) -> bool {
        match self {
            Self::Min(bound) => !matches!(value.sign(bound), Some(-1)),
            Self::Above(bound) => !matches!(value.sign(bound), Some(-1 | 0)),
            Self::Max(bound) => !matches!(value.sign(bound), Some(1)),
            Self::Below(bound) => !matches!(value.sign(bound), Some(1 | 0)),
            _ => true,
        }
    }
}

/// The integers of a type that satisfy rules.
#[derive(Debug, Clone, Copy)]
pub struct Integers {
    /// The smallest integer within the bounds; above `high` if there is none.
    pub low: i128,
    /// The largest.
    pub high: i128,
    /// The common divisor of all; 1 without such a rule.
    pub factor: i128,
    /// Whether each is a power of two.
    pub power_of_two: bool,
}

impl Integers {
    /// The integers between two bounds that satisfy the rules. Unknown bounds exclude none; floats as bounds do not compile.
    pub const fn left<C: Copy>(type_min: i128, type_max: i128, rules: &[RuleWith<C>]) -> Self {
        use LiteralWith::Integer;
        let mut left = Self { low: type_min, high: type_max, factor: 1, power_of_two: false };
        each!(rule in rules => {
            match rule {
                // No integer is a multiple of 0 and satisfies the rule.
                RuleWith::MultipleOf(0) => left.high = left.low - 1,
                RuleWith::MultipleOf(factor) => left.factor = common_multiple(left.factor, *factor as i128),
                RuleWith::PowerOfTwo => left.power_of_two = true,
                RuleWith::Min(Integer(bound)) if *bound > left.low => left.low = *bound,
                RuleWith::Above(Integer(bound)) if *bound >= left.low => left.low = bound.saturating_add(1),
                RuleWith::Max(Integer(bound)) if *bound < left.high => left.high = *bound,
                RuleWith::Below(Integer(bound)) if *bound <= left.high => left.high = bound.saturating_sub(1),
                _ => {}
            }
        });
        left
    }

    pub(crate) const fn contain(&self, value: i128) -> bool {
        self.low <= value
            && value <= self.high
            && value % self.factor == 0
            && (!self.power_of_two || (value > 0 && value.count_ones() == 1))
    }

    /// How many there are.
    pub const fn count(&self) -> i128 {
        if !self.power_of_two {
            let count = self.high.div_euclid(self.factor) - (self.low - 1).div_euclid(self.factor);
            return if count < 0 { 0 } else { count };
        }
        let (mut exponent, mut count) = (0, 0);
        while exponent < 64 {
            count += self.contain(1 << exponent) as i128;
            exponent += 1;
        }
        count
    }
}

const fn common_multiple(left: i128, right: i128) -> i128 {
    let (mut divisor, mut rest) = (left, right);
    while rest != 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    (left / divisor).saturating_mul(right)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Literal, Rule};

    #[test]
    fn a_bound_is_compared_exactly() {
        const ROUNDED: f64 = 9_007_199_254_740_992.0;
        assert!(!Rule::Max(Literal::Float(ROUNDED)).accepts_integer((1 << 53) + 1));
        assert!(
            Rule::Above(Literal::Float(0.5)).accepts_integer(1) && !Rule::Above(Literal::Float(0.5)).accepts_integer(0)
        );
        assert!(
            Rule::Below(Literal::Integer(1)).accepts_float(0.9) && !Rule::Below(Literal::Integer(1)).accepts_float(1.0)
        );
        assert!(
            Rule::Max(Literal::Integer(-1)).accepts_float(-1.0) && !Rule::Max(Literal::Integer(-1)).accepts_float(-0.5)
        );
    }

    #[test]
    fn integers_that_satisfy_the_rules_are_counted() {
        let count = |rules: &[Rule]| Integers::left(0, 255, rules).count();
        let integer = Literal::Integer;
        assert_eq!(count(&[]), 256);
        assert_eq!(count(&[Rule::Min(integer(3)), Rule::Below(integer(5))]), 2);
        assert_eq!(count(&[Rule::MultipleOf(100)]), 3);
        assert_eq!(count(&[Rule::MultipleOf(4), Rule::MultipleOf(6)]), 22);
        assert_eq!(count(&[Rule::MultipleOf(0)]), 0);
        assert_eq!(count(&[Rule::Above(integer(0)), Rule::MultipleOf(100)]), 2);
        assert_eq!(count(&[Rule::PowerOfTwo]), 8);
        assert_eq!(count(&[Rule::PowerOfTwo, Rule::MultipleOf(4)]), 6);
        assert_eq!(count(&[Rule::Min(integer(4)), Rule::Max(integer(5)), Rule::MultipleOf(3)]), 0);
        assert_eq!(count(&[Rule::Above(integer(255))]), 0);
    }
}
