//! Constant JSON values, which a table can hold at compile time.
//!
//! Defaults, allowed values and examples are each written once, as literals, which parser, help, schema and documentation all
//! read.

use std::{convert::Infallible, fmt};

use crate::text_equals;

/// A JSON value that can be part of a `const` table.
///
/// `C` is a constant that only the compiler can evaluate: a macro has such, a table never ([`Literal`]).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LiteralWith<C: 'static> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// An integer; tables only hold those between `i64::MIN` and `u64::MAX`.
    Integer(i128),
    /// A finite number written with a fraction or exponent.
    Float(f64),
    /// A string.
    String(&'static str),
    /// A list.
    List(&'static [LiteralWith<C>]),
    /// An object, in the order written.
    Object(&'static [(&'static str, LiteralWith<C>)]),
    /// A constant whose value only the compiler knows.
    Constant(C),
}

/// A literal of a table: its value is known.
pub type Literal = LiteralWith<Infallible>;

impl<C: Copy + 'static> LiteralWith<C> {
    /// The string, if it is one.
    pub const fn as_text(&self) -> Option<&'static str> {
        if let Self::String(text) = *self { Some(text) } else { None }
    }

    /// The integer, if it is one.
    pub const fn as_integer(&self) -> Option<i128> {
        if let Self::Integer(integer) = *self { Some(integer) } else { None }
    }

    /// Whether its value is known here.
    pub fn is_known(&self) -> bool {
        match self {
            Self::Constant(_) => false,
            Self::List(items) => items.iter().all(Self::is_known),
            Self::Object(entries) => entries.iter().all(|(_, value)| value.is_known()),
            _ => true,
        }
    }

    /// Whether two literals are surely the same JSON value: `1` equals `1.0`, and an unknown constant equals nothing.
    pub const fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(left), Self::Bool(right)) => *left == *right,
            (Self::String(left), Self::String(right)) => text_equals(left, right),
            // Loops, because the compiler ends a recursion as long as a list may be.
            (Self::List(left), Self::List(right)) => {
                let (mut left, mut right) = (*left, *right);
                while let ([first, lefts @ ..], [other, rights @ ..]) = (left, right)
                    && first.is_same(other)
                {
                    (left, right) = (lefts, rights);
                }
                left.is_empty() && right.is_empty()
            }
            (Self::Object(left), Self::Object(right)) => {
                let (mut left, mut right) = (*left, *right);
                while let ([(key, first), lefts @ ..], [(other_key, other), rights @ ..]) = (left, right)
                    && text_equals(key, other_key)
                    && first.is_same(other)
                {
                    (left, right) = (lefts, rights);
                }
                left.is_empty() && right.is_empty()
            }
            _ => matches!(self.sign(other), Some(0)),
        }
    }
}

/// The literal as JSON writes it.
impl<C: Copy + 'static> fmt::Display for LiteralWith<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => formatter.write_str("null"),
            Self::Bool(value) => write!(formatter, "{value}"),
            Self::Integer(value) => write!(formatter, "{value}"),
            Self::Float(value) => write!(formatter, "{value:?}"),
            Self::String(text) => formatter.write_str(&quoted(text)),
            Self::List(items) => {
                let items: Vec<_> = items.iter().map(Self::to_string).collect();
                write!(formatter, "[{}]", items.join(", "))
            }
            Self::Object(entries) => {
                let entries: Vec<_> = entries.iter().map(|(key, value)| format!("{}: {value}", quoted(key))).collect();
                write!(formatter, "{{{}}}", entries.join(", "))
            }
            Self::Constant(_) => formatter.write_str("a constant"),
        }
    }
}

/// A text as JSON writes it, so that no character in it ends a line or a file.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' | '\r' | '\t' => quoted.extend(character.escape_default()),
            '\0'..' ' => quoted.push_str(&format!("\\u{:04x}", u32::from(character))),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_equal_by_value() {
        assert!(Literal::Integer(1).is_same(&Literal::Float(1.0)));
        assert!(!Literal::Integer((1 << 53) + 1).is_same(&Literal::Float(9_007_199_254_740_992.0)));
        assert!(!Literal::Integer(1).is_same(&Literal::String("1")));
        const ONE: Literal = Literal::List(&[Literal::Integer(1)]);
        assert!(ONE.is_same(&ONE) && !ONE.is_same(&Literal::List(&[])) && !Literal::List(&[]).is_same(&ONE));
        const KEY: Literal = Literal::Object(&[("a", Literal::Null)]);
        assert!(KEY.is_same(&KEY) && !KEY.is_same(&Literal::Object(&[("b", Literal::Null)])));
    }

    #[test]
    fn text_literals_are_shown_on_one_line() {
        assert_eq!(Literal::String("a\"\\\n\u{1}é").to_string(), r#""a\"\\\n\u0001é""#);
    }
}
