//! Conditions: fields whose presence hangs on another field of the struct.

use std::borrow::Borrow;

use l2_adapter_rules::{ConditionEffect, closest};
use proc_macro2::Ident;
use syn::ext::IdentExt;

use crate::{
    errors::Errors,
    model::{RawCondition, RawField, Value, ValueKind},
};

/// The index of the field that `name` means, if there is one.
pub(super) fn position(fields: &[impl Borrow<RawField>], name: &Ident) -> Option<usize> {
    fields.iter().position(|field| field.borrow().ident.unraw() == name.unraw())
}

/// The index of the field that `name` means; reports a name that is not a field.
pub(super) fn find(fields: &[impl Borrow<RawField>], name: &Ident, errors: &Errors) -> Option<usize> {
    let position = position(fields, name);
    if position.is_none() {
        let names: Vec<_> = fields.iter().map(|field| field.borrow().ident.unraw().to_string()).collect();
        let close = closest(&name.to_string(), names.iter().map(String::as_str));
        let hint = close.map(|close| format!("; did you mean `{close}`?")).unwrap_or_default();
        errors.on(name, format!("there is no field `{name}` here{hint}"));
    }
    position
}

/// Checks that each condition reads a field whose value depends on its key alone: the engine reads the document before any
/// field is read.
pub(super) fn check_conditions(fields: &[&RawField], errors: &Errors) {
    for field in fields {
        for (index, condition) in field.attributes.conditions.iter().enumerate() {
            for first in &field.attributes.conditions[..index] {
                if let Some(why) = disagreement(first, condition) {
                    errors.on(&condition.other, why);
                }
            }
            check_condition(field, condition, fields, errors);
        }
    }
}

/// Why one of two conditions is in vain: it repeats the other or contradicts it. Values are said to differ only where that is sure:
/// two constants may be equal, and so may two texts of another case.
fn disagreement(first: &RawCondition, second: &RawCondition) -> Option<String> {
    let (other, left, right) = (&second.other, compared(&first.values), compared(&second.values));
    let lists =
        |all: &[_], values: &[_]| values.iter().all(|value| all.iter().any(|other| shown(*other) == shown(*value)));
    let without = |value: &Option<&Value>, values: &[_]| !values.iter().any(|other| may_be_equal(*value, *other));
    Some(match (first.effect, second.effect) {
        _ if first.other != *other => return None,
        (left_effect, right_effect) if left_effect != right_effect => {
            let (required, allowed) =
                if left_effect == ConditionEffect::RequiredIf { (left, right) } else { (right, left) };
            let value = shown(required.into_iter().find(|value| without(value, &allowed))?);
            format!(
                "where `{other}` is {value} this key is required and forbidden: give `forbidden_unless` the same value"
            )
        }
        _ if lists(&left, &right) || lists(&right, &left) => {
            format!("another condition on `{other}` already declares this: remove one of the two")
        }
        (ConditionEffect::ForbiddenUnless, _) if right.iter().all(|value| without(value, &left)) => {
            format!("this key could never be given: list the values of `{other}` in one condition")
        }
        _ => return None,
    })
}

/// The values that a condition compares with. `None` is an absent key.
fn compared(values: &[Value]) -> Vec<Option<&Value>> {
    match values {
        [] => vec![None],
        values => values.iter().map(Some).collect(),
    }
}

fn shown(value: Option<&Value>) -> String {
    value.map_or_else(|| "absent".to_owned(), |value| value.tokens.to_string())
}

fn may_be_equal(left: Option<&Value>, right: Option<&Value>) -> bool {
    let (Some(left), Some(right)) = (left, right) else { return left.is_none() && right.is_none() };
    match (&left.value, &right.value) {
        (ValueKind::Bool(left), ValueKind::Bool(right)) => left == right,
        (ValueKind::Integer(left), ValueKind::Integer(right)) => left == right,
        (ValueKind::String(left), ValueKind::String(right)) => left.to_lowercase() == right.to_lowercase(),
        _ => true,
    }
}

fn check_condition(field: &RawField, condition: &RawCondition, fields: &[&RawField], errors: &Errors) {
    let other = &condition.other;
    let Some(index) = find(fields, other, errors) else { return };
    let attributes = &fields[index].attributes;
    let hidden = [
        (!attributes.aliases.is_empty(), "has another name"),
        (attributes.env.is_some(), "may come from the environment"),
        (attributes.default_with.is_some(), "has a computed default"),
        (attributes.default_from.is_some(), "takes its default from another field"),
        (attributes.parse_with.is_some(), "is read by a function"),
        (attributes.secret.is_some(), "is a secret, and help would show what it is compared with"),
        (fields[index].shape.holds_floats(), "holds numbers that are rounded when they are read"),
    ];
    if fields[index].ident == field.ident {
        errors.on(other, format!("`{other}` cannot depend on itself"));
    }
    if condition.values.is_empty() && attributes.required.is_some() {
        errors.on(other, format!("`{other}` is required, so it is never absent: drop the condition"));
    }
    for (_, why) in hidden.iter().filter(|(is_hidden, _)| *is_hidden) {
        errors.on(other, format!("a condition cannot ask about `{other}`: it {why}"));
    }
    if let Some(variable) = &field.attributes.env {
        let message =
            "drop `env` or the condition: whether a variable is set must not decide which documents are valid";
        errors.on(&variable.tokens, message);
    }
    if let Some(word) = &field.attributes.required {
        let condition = condition.effect.word();
        errors.on(word, format!("drop `required` or `{condition}`: a required key depends on no other"));
    }
}
