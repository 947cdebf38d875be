//! Conditions: fields whose presence hangs on another field of the struct.

use std::{borrow::Borrow, collections::BTreeSet};

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
        check_repeated(field, errors);
        check_contradiction(field, errors);
        for condition in &field.attributes.conditions {
            check_condition(field, condition, fields, errors);
        }
    }
}

/// Reports a condition whose values are all listed in another of the same kind.
fn check_repeated(field: &RawField, errors: &Errors) {
    let conditions = &field.attributes.conditions;
    for (index, condition) in conditions.iter().enumerate() {
        let written = |condition: &RawCondition| -> BTreeSet<String> {
            compared(&condition.values).into_iter().map(shown).collect()
        };
        let says_the_same = |first: &RawCondition| {
            let (first_values, values) = (written(first), written(condition));
            first.effect == condition.effect
                && first.other == condition.other
                && (first_values.is_superset(&values) || values.is_superset(&first_values))
        };
        if conditions[..index].iter().any(says_the_same) {
            let message =
                format!("another condition on `{0}` already declares this: remove one of the two", condition.other);
            errors.on(&condition.other, message);
        }
    }
}

/// Reports conditions on one field that contradict each other: `required_if(g = "x")` with `forbidden_unless(g = "y")`.
/// Reported only where values are sure to differ: two constants may be equal, and so may two texts of another case.
fn check_contradiction(field: &RawField, errors: &Errors) {
    let conditions = &field.attributes.conditions;
    let of = |effect| conditions.iter().filter(move |condition| condition.effect == effect);
    for (index, allowed) in of(ConditionEffect::ForbiddenUnless).enumerate() {
        let disagrees = |first: &&RawCondition| {
            first.other == allowed.other
                && !compared(&allowed.values).into_iter().any(|value| may_be_among(value, &first.values))
        };
        if of(ConditionEffect::ForbiddenUnless).take(index).any(|first| disagrees(&first)) {
            let message =
                format!("this key could never be given: list the values of `{0}` in one condition", allowed.other);
            errors.on(&allowed.other, message);
        }
    }
    for required in of(ConditionEffect::RequiredIf) {
        for allowed in of(ConditionEffect::ForbiddenUnless).filter(|allowed| allowed.other == required.other) {
            if let Some(value) =
                compared(&required.values).into_iter().find(|value| !may_be_among(*value, &allowed.values))
            {
                let other = &required.other;
                let message = format!(
                    "where `{other}` is {} this key is required and forbidden: give `forbidden_unless` the same value",
                    shown(value)
                );
                errors.on(other, message);
            }
        }
    }
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

fn may_be_among(value: Option<&Value>, values: &[Value]) -> bool {
    compared(values).into_iter().any(|other| match (value, other) {
        (Some(left), Some(right)) => may_be_equal(&left.value, &right.value),
        (left, right) => left.is_none() && right.is_none(),
    })
}

fn may_be_equal(left: &ValueKind, right: &ValueKind) -> bool {
    match (left, right) {
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
        let message = match condition.effect {
            ConditionEffect::RequiredIf => format!("`{other}` is required, so it is never absent: drop the condition"),
            ConditionEffect::ForbiddenUnless => {
                format!("`{other}` is required, so it is never absent, and this key could never be given")
            }
        };
        errors.on(other, message);
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
        let message = match condition.effect {
            ConditionEffect::RequiredIf => "drop `required` or `required_if`: the first already makes the key required",
            ConditionEffect::ForbiddenUnless => {
                "drop `required` or `forbidden_unless`: one requires the key, the other forbids it"
            }
        };
        errors.on(word, message);
    }
}
