//! Literals as JSON values, and the constants that can be written as literals.

use l2_adapter_rules::Literal;
use serde_json::{Number, Value};

use crate::equality::json_equal;

/// A literal as `serde_json` has it.
pub trait LiteralValue {
    /// The same value.
    fn to_value(&self) -> Value;

    /// Whether `value` is this literal by JSON Schema's equality: `1` equals `1.0`, strings are compared exactly.
    fn equals(&self, value: &Value) -> bool;
}

impl LiteralValue for Literal {
    fn to_value(&self) -> Value {
        match *self {
            Literal::Null => Value::Null,
            Literal::Bool(value) => Value::Bool(value),
            Literal::Integer(value) => integer_value(value),
            Literal::Float(value) => Number::from_f64(value).map_or(Value::Null, Value::Number),
            Literal::String(value) => Value::String(value.to_owned()),
            Literal::List(items) => items.iter().map(Literal::to_value).collect(),
            Literal::Object(entries) => entries.iter().map(|(key, value)| (*key, value.to_value())).collect(),
            Literal::Constant(never) => match never {},
        }
    }

    fn equals(&self, value: &Value) -> bool {
        self.as_text().map_or_else(|| json_equal(&self.to_value(), value), |text| value == text)
    }
}

/// A type whose constants can be written in an attribute.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a constant of type `{Self}` has no JSON value that is known before the program runs",
    note = "write a number, a string, `true` or `false`, or a constant of such a type; a choice is written as its name, a string"
)]
pub trait Scalar {}

/// Gives a scalar constant its [`Literal`]; the derive wraps every `default = SOME_CONST` in it, because traits cannot
/// be called in constants yet.
#[doc(hidden)]
pub struct LiteralOf<T>(T);

impl<T: Scalar> LiteralOf<T> {
    /// Wraps a constant.
    pub const fn constant(constant: T) -> Self {
        Self(constant)
    }
}

/// Replaces the function of the same name if a constant is not a [`Scalar`], so that there is one error instead of two.
#[doc(hidden)]
pub trait NotAScalar: Sized {
    /// Never run: what calls it does not compile.
    fn literal(self) -> Literal {
        Literal::Null
    }
}

impl<T> NotAScalar for LiteralOf<T> {}

macro_rules! literal_of {
    ($($scalar:ty => $variant:ident as $wide:ty),* $(,)?) => {$(
        impl Scalar for $scalar {}

        impl LiteralOf<$scalar> {
            /// The constant as a table literal.
            pub const fn literal(self) -> Literal {
                Literal::$variant(self.0 as $wide)
            }
        }
    )*};
}

literal_of! {
    i8 => Integer as i128, i16 => Integer as i128, i32 => Integer as i128, i64 => Integer as i128,
    u8 => Integer as i128, u16 => Integer as i128, u32 => Integer as i128, u64 => Integer as i128,
    f32 => Float as f64, f64 => Float as f64, bool => Bool as bool, &'static str => String as &'static str,
}

/// The JSON number of an integer that fits 64 bits; `null` for one that does not, which no table can hold.
pub(crate) fn integer_value(value: i128) -> Value {
    i64::try_from(value).map(Value::from).or_else(|_| u64::try_from(value).map(Value::from)).unwrap_or_default()
}
