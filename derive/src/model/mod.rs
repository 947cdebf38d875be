//! The data that the stages pass on. The raw half is the source, in its order, every part with its tokens; the checked half adds to
//! each part of a struct what the checks made of it. The last stage gets both, and nothing of what was refused.

mod checked;
mod raw;

pub(crate) use checked::*;
pub(crate) use raw::*;

use std::fmt;

use l2_adapter_rules::{LiteralWith, RuleWith};
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::Expr;

/// The derives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Derive {
    Adapter,
    Section,
    Choice,
    Union,
}

/// The name the derive is written with.
impl fmt::Display for Derive {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Derive::Adapter => "L2AdapterConfig",
            Derive::Section => "ConfigSection",
            Derive::Choice => "ConfigChoice",
            Derive::Union => "ConfigUnion",
        })
    }
}

/// A constant expression, of this primitive type if it is known. It is leaked: rules and literals are data that can be copied, and
/// the compiler ends soon.
pub(crate) struct Constant {
    pub(crate) expression: Expr,
    pub(crate) scalar: Option<&'static str>,
}

/// A rule of a table.
pub(crate) type Rule = RuleWith<&'static Constant>;

/// A constant of a table.
pub(crate) type Literal = LiteralWith<&'static Constant>;

/// The facts about a rule that follow from its word.
pub(crate) type Word = l2_adapter_rules::Word<&'static Constant>;

/// The argument of a rule, with the constructor of the rule.
pub(crate) type Argument = l2_adapter_rules::Argument<&'static Constant>;

/// Something together with the tokens it was written with.
#[derive(Clone)]
pub(crate) struct Located<T> {
    pub(crate) value: T,
    pub(crate) tokens: TokenStream,
}

impl<T> Located<T> {
    pub(crate) fn new(value: T, tokens: TokenStream) -> Self {
        Self { value, tokens }
    }
}

/// The value as it is emitted.
impl<T: ToTokens> ToTokens for Located<T> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.value.to_tokens(tokens);
    }
}

/// Documentation, as the expression that a table holds: a literal, or one that the compiler expands.
pub(crate) type Doc = TokenStream;

/// A value in an attribute.
pub(crate) type Value = Located<ValueKind>;

/// A value, as far as its tokens show.
#[derive(Clone)]
pub(crate) enum ValueKind {
    /// `default` alone: a section with the defaults of its own keys.
    Nothing,
    Bool(bool),
    Integer(i128),
    Float(f64),
    String(String),
    List(Vec<Value>),
    /// `{"key": value}`; an example may be one.
    Object(Vec<(String, Value)>),
    /// A path or another constant expression: its value is known to the compiler only.
    Constant(Expr),
}

/// A field's type, as far as its tokens show. An alias, an enum or a section is `Unknown`: only the compiler knows it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shape {
    Bool,
    Integer {
        name: &'static str,
        min: i128,
        max: i128,
    },
    Float {
        name: &'static str,
        max: f64,
    },
    String,
    Path,
    List(Box<Shape>),
    Map(Box<Shape>),
    Optional(Box<Shape>),
    /// `serde_json::Value` and `Map<String, Value>` accept no rules, but their tokens alone do not show it.
    Unknown,
}
