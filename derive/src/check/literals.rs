//! Literals against shapes: whether a value written in an attribute can be a value of the field.

use l2_adapter_rules::ValueType;
use quote::ToTokens;

use super::rules::leaked;
use crate::{
    errors::Errors,
    model::{Constant, Literal, Purpose, Scalar, Shape, Value, ValueKind},
};

impl Purpose {
    pub(super) fn noun(self) -> &'static str {
        match self {
            Purpose::Default => "the default",
            Purpose::Example => "the example",
            Purpose::Allowed => "the allowed value",
            Purpose::Bound => "the bound",
            Purpose::Condition => "the value",
        }
    }

    /// Why a secret has no such literal.
    fn refusal(self) -> &'static str {
        match self {
            Purpose::Default => "a secret has no default but \"\"",
            Purpose::Example => "a secret has no example",
            Purpose::Allowed => "a secret has no list of allowed values",
            Purpose::Bound | Purpose::Condition => "a secret is not compared with a value",
        }
    }
}

/// Whether a literal of a secret reveals nothing: a bound is not a value, and the empty string is not a secret.
fn may_be_shown(value: &ValueKind, purpose: Purpose) -> bool {
    match purpose {
        Purpose::Bound => true,
        Purpose::Default => matches!(value, ValueKind::String(text) if text.is_empty()),
        Purpose::Example | Purpose::Allowed | Purpose::Condition => false,
    }
}

/// The value as a table holds it, if it can be a value of the shape. Of an unknown shape every literal can be.
pub(super) fn table_literal(value: &Value, shape: &Shape, purpose: Purpose, errors: &Errors) -> Option<Literal> {
    if is_null(value) {
        let message = "there is no literal for `null`: an `Option` without `default` is `None` where its key is absent";
        return errors.refuse(&value.tokens, message);
    }
    if let Some(message) = instead_of_expression(&value.value) {
        return errors.refuse(&value.tokens, message);
    }
    if shape.is_secret() && !may_be_shown(&value.value, purpose) {
        return errors.refuse(
            &value.tokens,
            format!("{}: it would be in the source, in help and in the schema", purpose.refusal()),
        );
    }
    let shape = shape.content();
    match (&value.value, shape) {
        (ValueKind::Constant(expression), shape) => {
            let scalar = scalar(shape, value, purpose, errors)?;
            let constant = Constant { expression: expression.clone(), scalar };
            Some(Literal::Constant(Box::leak(Box::new(constant))))
        }
        (ValueKind::List(items), Shape::List(item)) => list(items, item, purpose, errors),
        (ValueKind::List(items), Shape::Unknown) => list(items, shape, purpose, errors),
        (ValueKind::Object(entries), Shape::Map(item)) if purpose == Purpose::Example => {
            object(entries, item, purpose, errors)
        }
        (ValueKind::Object(entries), Shape::Unknown) if purpose == Purpose::Example => {
            object(entries, shape, purpose, errors)
        }
        (ValueKind::Object(_), _) if purpose != Purpose::Example => errors.refuse(&value.tokens, OBJECT_NOT_HERE),
        (kind, Shape::Unknown) => plain(kind),
        (ValueKind::Bool(value), Shape::Bool) => Some(Literal::Bool(*value)),
        (ValueKind::String(text), Shape::String | Shape::Path) => Some(Literal::String(leaked(text))),
        (ValueKind::Integer(integer), Shape::Integer { name, min, max }) => {
            if integer < min || integer > max {
                let noun = purpose.noun();
                return errors.refuse(
                    &value.tokens,
                    format!("{noun} {integer} is outside `{name}`, which holds {min} to {max}"),
                );
            }
            Some(Literal::Integer(*integer))
        }
        (ValueKind::Integer(integer), Shape::Float { .. }) => float(*integer as f64, shape, value, purpose, errors),
        (ValueKind::Float(number), Shape::Float { .. }) => float(*number, shape, value, purpose, errors),
        (_, Shape::Map(_)) if purpose == Purpose::Default => errors.refuse(&value.tokens, OBJECT_NOT_HERE),
        _ => errors.refuse(&value.tokens, format!("{} must be {}", purpose.noun(), shape.words())),
    }
}

/// What to write instead of an expression of the field's own type: a table holds JSON.
fn instead_of_expression(value: &ValueKind) -> Option<String> {
    let ValueKind::Constant(syn::Expr::Call(call)) = value else { return None };
    let is_some = matches!(&*call.func, syn::Expr::Path(path) if path.path.is_ident("Some"));
    is_some.then(|| format!("write the value without `Some`: `{}`", call.args.to_token_stream()))
}

/// A table could hold it, but no reader makes a field's value of it.
const OBJECT_NOT_HERE: &str = "an object cannot be written here: use default_with = function and default_doc = \"...\"";

fn object(entries: &[(String, Value)], item: &Shape, purpose: Purpose, errors: &Errors) -> Option<Literal> {
    let entries: Vec<_> =
        entries.iter().map(|(key, value)| Some((leaked(key), item_literal(value, item, purpose, errors)?))).collect();
    entries.into_iter().collect::<Option<Vec<_>>>().map(|entries| Literal::Object(entries.leak()))
}

/// The literal of an entry, which `null` may be in an example.
fn item_literal(value: &Value, item: &Shape, purpose: Purpose, errors: &Errors) -> Option<Literal> {
    if purpose == Purpose::Example && matches!(item, Shape::Optional(_)) && is_null(value) {
        return Some(Literal::Null);
    }
    table_literal(value, item, purpose, errors)
}

fn is_null(value: &Value) -> bool {
    matches!(&value.value, ValueKind::Constant(syn::Expr::Path(path))
        if path.path.is_ident("null") || path.path.is_ident("None"))
}

fn list(items: &[Value], item: &Shape, purpose: Purpose, errors: &Errors) -> Option<Literal> {
    let items: Vec<_> = items.iter().map(|value| item_literal(value, item, purpose, errors)).collect();
    items.into_iter().collect::<Option<Vec<_>>>().map(|items| Literal::List(items.leak()))
}

fn plain(kind: &ValueKind) -> Option<Literal> {
    match kind {
        ValueKind::Bool(value) => Some(Literal::Bool(*value)),
        ValueKind::Integer(value) => Some(Literal::Integer(*value)),
        ValueKind::Float(value) => Some(Literal::Float(*value)),
        ValueKind::String(text) => Some(Literal::String(leaked(text))),
        ValueKind::List(_) | ValueKind::Object(_) | ValueKind::Constant(_) => None,
    }
}

fn float(number: f64, shape: &Shape, value: &Value, purpose: Purpose, errors: &Errors) -> Option<Literal> {
    if let Shape::Float { name, max } = shape
        && number.abs() > *max
    {
        return errors.refuse(&value.tokens, format!("{} is outside `{name}`", purpose.noun()));
    }
    Some(Literal::Float(number))
}

/// The type that a constant must have to be a value of the shape; `Some(None)` where the shape is unknown.
fn scalar(shape: &Shape, value: &Value, purpose: Purpose, errors: &Errors) -> Option<Option<Scalar>> {
    match shape {
        Shape::Bool => Some(Some(Scalar::Bool)),
        Shape::Integer { name, .. } | Shape::Float { name, .. } => Some(Some(Scalar::Number(name))),
        Shape::String | Shape::Path => Some(Some(Scalar::String)),
        Shape::Unknown => Some(None),
        _ => {
            let message = format!(
                "{} must be written out: a constant can stand for a number, a string or a boolean only",
                purpose.noun()
            );
            errors.refuse(&value.tokens, message)
        }
    }
}

impl Shape {
    /// What values of this shape are to rules.
    pub(super) fn value_type(&self) -> ValueType {
        match self.content() {
            Shape::Bool => ValueType::Boolean,
            Shape::Integer { .. } => ValueType::Integer,
            Shape::Float { .. } => ValueType::Number,
            Shape::String | Shape::Path => ValueType::String,
            Shape::List(_) => ValueType::List,
            Shape::Map(_) => ValueType::Map,
            Shape::Optional(_) | Shape::Secret(_) | Shape::Unknown => ValueType::Other,
        }
    }

    /// The name of a field with the shape, for messages.
    pub(super) fn noun(&self) -> &'static str {
        match self.content() {
            Shape::Bool => "a boolean",
            Shape::Integer { .. } => "an integer",
            Shape::Float { .. } => "a number with a fraction",
            Shape::String => "a string",
            Shape::Path => "a path",
            Shape::List(_) => "a list",
            Shape::Map(_) => "a map",
            Shape::Optional(_) | Shape::Secret(_) | Shape::Unknown => "a value",
        }
    }

    /// The shape without `Option` and `Secret`.
    pub(super) fn content(&self) -> &Shape {
        match self {
            Shape::Optional(content) | Shape::Secret(content) => content.content(),
            other => other,
        }
    }

    /// Whether the tokens determine the whole shape.
    pub(crate) fn is_known(&self) -> bool {
        match self.content() {
            Shape::List(item) | Shape::Map(item) => item.is_known(),
            shape => *shape != Shape::Unknown,
        }
    }

    /// Whether there are floats in it.
    pub(super) fn holds_floats(&self) -> bool {
        match self.content() {
            Shape::List(item) | Shape::Map(item) => item.holds_floats(),
            shape => matches!(shape, Shape::Float { .. }),
        }
    }

    /// The shape of an item of a list or of a value of a map; a secret's items are secrets.
    pub(super) fn item(&self) -> Shape {
        let item = match self.content() {
            Shape::List(item) | Shape::Map(item) => (**item).clone(),
            _ => Shape::Unknown,
        };
        item.hidden_if(self.is_secret())
    }

    /// The shape of a value that is marked secret, or not.
    pub(super) fn hidden_if(self, secret: bool) -> Shape {
        match self {
            Shape::Optional(content) => Shape::Optional(Box::new(content.hidden_if(secret))),
            shape if secret && !shape.is_secret() => Shape::Secret(Box::new(shape)),
            shape => shape,
        }
    }

    /// The shape without `Secret`, inside it too.
    pub(super) fn shown(&self) -> Shape {
        match self {
            Shape::Secret(content) => content.shown(),
            Shape::Optional(content) => Shape::Optional(Box::new(content.shown())),
            Shape::List(item) => Shape::List(Box::new(item.shown())),
            Shape::Map(item) => Shape::Map(Box::new(item.shown())),
            other => other.clone(),
        }
    }

    /// Whether the type hides its values.
    pub(super) fn is_secret(&self) -> bool {
        match self {
            Shape::Secret(_) => true,
            Shape::Optional(content) | Shape::List(content) | Shape::Map(content) => content.is_secret(),
            _ => false,
        }
    }

    /// The name of a value with the shape, for messages.
    pub(super) fn words(&self) -> &'static str {
        match self.content() {
            Shape::Bool => "true or false",
            Shape::Integer { .. } => "an integer",
            Shape::Float { .. } => "a number",
            Shape::String | Shape::Path => "a string",
            Shape::List(_) => "a list",
            Shape::Map(_) => "an object",
            Shape::Optional(_) | Shape::Secret(_) | Shape::Unknown => "a value",
        }
    }
}
