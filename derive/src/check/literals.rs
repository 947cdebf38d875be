//! Literals against shapes: whether a value written in an attribute can be a value of the field.

use l2_adapter_rules::ValueType;
use quote::ToTokens;

use super::rules::leaked;
use crate::{
    errors::Errors,
    model::{Constant, Literal, Located, Purpose, Shape, Value, ValueKind},
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

    /// Reports a literal of a secret, unless it reveals nothing: a bound is not a value, and the empty string is not a secret.
    pub(super) fn is_refused(self, value: &Value, errors: &Errors) -> bool {
        let why = match (self, &value.value) {
            (Purpose::Default, ValueKind::String(text)) if text.is_empty() => return false,
            (Purpose::Default, _) => "a secret has no default but \"\"",
            (Purpose::Example, _) => "a secret has no example",
            (Purpose::Allowed, _) => "a secret has no list of allowed values",
            // A condition on a secret is refused whatever its values are.
            (Purpose::Condition | Purpose::Bound, _) => return false,
        };
        errors.on(&value.tokens, format!("{why}: it would be in the source, in help and in the schema"));
        true
    }
}

/// The value as a table holds it, if it can be a value of the shape. Of an unknown shape every literal can be.
pub(super) fn table_literal(value: &Value, shape: &Shape, purpose: Purpose, errors: &Errors) -> Option<Literal> {
    let Located { value: kind, tokens } = value;
    if is_null(value) {
        let message = "there is no literal for `null`: an `Option` without `default` is `None` where its key is absent";
        return errors.refuse(tokens, message);
    }
    if let Some(message) = instead_of_expression(kind) {
        return errors.refuse(tokens, message);
    }
    let noun = purpose.noun();
    let content = shape.content();
    let number = match kind {
        ValueKind::Integer(integer) => *integer as f64,
        ValueKind::Float(number) => *number,
        _ => f64::NAN,
    };
    // Of an unknown shape the items are unknown, too.
    let item = if let Shape::List(item) | Shape::Map(item) = content { item } else { content };
    let object_not_here = || {
        errors.refuse(tokens, "an object cannot be written here: use default_with = function and default_doc = \"...\"")
    };
    Some(match (kind, content) {
        (ValueKind::Constant(expression), _) => {
            let scalar = scalar(content, value, purpose, errors)?;
            Literal::Constant(Box::leak(Box::new(Constant { expression: expression.clone(), scalar })))
        }
        (ValueKind::List(items), Shape::List(_) | Shape::Unknown) => {
            let items: Vec<_> = items.iter().map(|value| item_literal(value, item, purpose, errors)).collect();
            Literal::List(items.into_iter().collect::<Option<Vec<_>>>()?.leak())
        }
        (ValueKind::Object(entries), Shape::Map(_) | Shape::Unknown) if purpose == Purpose::Example => {
            let entry =
                |(key, value): &(String, Value)| Some((leaked(key), item_literal(value, item, purpose, errors)?));
            let entries: Vec<_> = entries.iter().map(entry).collect();
            Literal::Object(entries.into_iter().collect::<Option<Vec<_>>>()?.leak())
        }
        // A table could hold it, but no reader makes a field's value of it.
        (ValueKind::Object(_), _) if purpose != Purpose::Example => return object_not_here(),
        (ValueKind::Bool(value), Shape::Bool | Shape::Unknown) => Literal::Bool(*value),
        (ValueKind::String(text), Shape::String | Shape::Path | Shape::Unknown) => Literal::String(leaked(text)),
        (ValueKind::Integer(integer), Shape::Integer { name, min, max }) if integer < min || integer > max => {
            return errors.refuse(tokens, format!("{noun} {integer} is outside `{name}`, which holds {min} to {max}"));
        }
        (ValueKind::Integer(integer), Shape::Integer { .. } | Shape::Unknown) => Literal::Integer(*integer),
        (ValueKind::Integer(_) | ValueKind::Float(_), Shape::Float { name, max }) if number.abs() > *max => {
            return errors.refuse(tokens, format!("{noun} is outside `{name}`"));
        }
        (ValueKind::Integer(_), Shape::Float { .. }) | (ValueKind::Float(_), Shape::Float { .. } | Shape::Unknown) => {
            Literal::Float(number)
        }
        (_, Shape::Map(_)) if purpose == Purpose::Default => return object_not_here(),
        _ => {
            let wanted = match content {
                Shape::Bool => "true or false",
                Shape::Float { .. } => "a number",
                Shape::Map(_) => "an object",
                other => other.noun(),
            };
            return errors.refuse(tokens, format!("{noun} must be {wanted}"));
        }
    })
}

/// What to write instead of an expression of the field's own type: a table holds JSON.
fn instead_of_expression(value: &ValueKind) -> Option<String> {
    let ValueKind::Constant(syn::Expr::Call(call)) = value else { return None };
    let is_some = matches!(&*call.func, syn::Expr::Path(path) if path.path.is_ident("Some"));
    is_some.then(|| format!("write the value without `Some`: `{}`", call.args.to_token_stream()))
}

/// The literal of an entry, which `null` may be in an example.
fn item_literal(value: &Value, item: &Shape, purpose: Purpose, errors: &Errors) -> Option<Literal> {
    if purpose == Purpose::Example && matches!(item, Shape::Optional(_)) && is_null(value) {
        return Some(Literal::Null);
    }
    table_literal(value, item, purpose, errors)
}

/// The type that a constant must have to be a value of the shape; `Some(None)` where the shape is unknown.
fn scalar(shape: &Shape, value: &Value, purpose: Purpose, errors: &Errors) -> Option<Option<&'static str>> {
    Some(match shape {
        Shape::Bool => Some("bool"),
        Shape::Integer { name, .. } | Shape::Float { name, .. } => Some(name),
        Shape::String | Shape::Path => Some("str"),
        Shape::Unknown => None,
        _ => {
            let rest = "must be written out: a constant can stand for a number, a string or a boolean only";
            return errors.refuse(&value.tokens, format!("{} {rest}", purpose.noun()));
        }
    })
}

fn is_null(value: &Value) -> bool {
    matches!(&value.value, ValueKind::Constant(syn::Expr::Path(path))
        if path.path.is_ident("null") || path.path.is_ident("None"))
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
            Shape::Optional(_) | Shape::Unknown => ValueType::Other,
        }
    }

    /// The name of a field with the shape, for messages.
    pub(super) fn noun(&self) -> &'static str {
        match self.content() {
            Shape::Bool => "a boolean",
            Shape::Integer { .. } => "an integer",
            Shape::Float { .. } => "a float",
            Shape::String | Shape::Path => "a string",
            Shape::List(_) => "a list",
            Shape::Map(_) => "a map",
            Shape::Optional(_) | Shape::Unknown => "a value",
        }
    }

    /// The shape without `Option`.
    pub(super) fn content(&self) -> &Shape {
        match self {
            Shape::Optional(content) => content.content(),
            other => other,
        }
    }

    /// The shape of a value, of the items of a list or of the values of a map.
    pub(super) fn innermost(&self) -> &Shape {
        match self.content() {
            Shape::List(item) | Shape::Map(item) => item.innermost(),
            other => other,
        }
    }

    /// Whether the tokens determine the whole shape.
    pub(crate) fn is_known(&self) -> bool {
        *self.innermost() != Shape::Unknown
    }

    /// Whether there are floats in it.
    pub(super) fn holds_floats(&self) -> bool {
        matches!(self.innermost(), Shape::Float { .. })
    }
}
