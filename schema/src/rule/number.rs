//! Rules on numbers.

use std::{cmp::Ordering, fmt};

use super::{Rule, Violation};
use crate::{equality::integer_float_order, fault::FaultCode};

/// The bound of a range.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Bound {
    /// A bound on an integer.
    Integer(i128),
    /// A bound on a number with a fraction.
    Float(f64),
}

impl Bound {
    /// The bound as a `f64`, for numbers with a fraction; exact up to 2^53.
    pub const fn as_f64(self) -> f64 {
        match self {
            Bound::Integer(value) => value as f64,
            Bound::Float(value) => value,
        }
    }

    fn compare_integer(self, value: i128) -> Ordering {
        match self {
            Bound::Integer(bound) => value.cmp(&bound),
            Bound::Float(bound) => integer_float_order(value, bound),
        }
    }

    fn compare_float(self, value: f64) -> Ordering {
        match self {
            Bound::Integer(bound) => integer_float_order(bound, value).reverse(),
            Bound::Float(bound) => value.partial_cmp(&bound).unwrap_or(Ordering::Greater),
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Bound::Integer(value) => write!(formatter, "{value}"),
            // Hundreds of zeros say less than an exponent.
            Bound::Float(value) if *value != 0.0 && !(1e-5..1e16).contains(&value.abs()) => {
                write!(formatter, "{value:e}")
            }
            Bound::Float(value) => write!(formatter, "{value}"),
        }
    }
}

impl Rule {
    /// Whether an integer keeps this rule; rules on other kinds are kept by every integer.
    ///
    /// The common bounds are decided in line: a list of ports is read at a third of the time.
    #[inline]
    pub(crate) fn accepts_integer(&self, value: i128) -> bool {
        match self {
            Rule::Min(Bound::Integer(bound)) => value >= *bound,
            Rule::Max(Bound::Integer(bound)) => value <= *bound,
            _ => self.accepts_integer_otherwise(value),
        }
    }

    fn accepts_integer_otherwise(&self, value: i128) -> bool {
        match *self {
            Rule::Min(bound) => bound.compare_integer(value).is_ge(),
            Rule::Max(bound) => bound.compare_integer(value).is_le(),
            Rule::Above(bound) => bound.compare_integer(value).is_gt(),
            Rule::Below(bound) => bound.compare_integer(value).is_lt(),
            Rule::MultipleOf(factor) => factor != 0 && value % i128::from(factor) == 0,
            Rule::PowerOfTwo => value > 0 && value.count_ones() == 1,
            Rule::Allowed(values) => values.contains(&crate::literal::Literal::Integer(value)),
            _ => true,
        }
    }

    /// Whether a number with a fraction keeps this rule; rules on other kinds are kept by every number.
    pub(crate) fn accepts_float(&self, value: f64) -> bool {
        match *self {
            Rule::Min(bound) => bound.compare_float(value).is_ge(),
            Rule::Max(bound) => bound.compare_float(value).is_le(),
            Rule::Above(bound) => bound.compare_float(value).is_gt(),
            Rule::Below(bound) => bound.compare_float(value).is_lt(),
            _ => true,
        }
    }

    /// What a number that breaks this rule is told.
    pub(crate) fn number_violation(&self) -> Violation {
        let code = match self {
            Rule::MultipleOf(_) => FaultCode::NotMultiple,
            Rule::PowerOfTwo => FaultCode::NotPowerOfTwo,
            Rule::Allowed(_) => FaultCode::NotAllowed,
            _ => FaultCode::OutOfRange,
        };
        let expected = self.describe();
        Violation { code, message: format!("must be {expected}"), expected, suggestion: None }
    }
}
