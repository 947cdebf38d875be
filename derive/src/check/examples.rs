//! Whether an example document can show a key: by an example of its own, by an obvious value, by the placeholder of a secret.

use l2_adapter_rules::{ConditionEffect, Entries, has_obvious_value, placeholder};

use crate::{
    errors::Errors,
    model::{AssertionKind, FieldValue, RawCondition, RawField, Rule, Shape},
};

/// Checks that a key which must be there has a value that an example can show. Of a type that only the compiler knows it
/// is left to the compiler.
pub(super) fn check_example(field: &RawField, value: &FieldValue, errors: &Errors) {
    let attributes = &field.attributes;
    let is_asked_for = |condition: &RawCondition| condition.effect == ConditionEffect::RequiredIf;
    let may_lack = attributes.required.is_none() && !attributes.conditions.iter().any(is_asked_for);
    if may_lack || attributes.default.is_some() || !attributes.examples.is_empty() {
        return;
    }
    let (name, key) = (&field.ident, &field.key.value);
    if value.secret {
        if !has_placeholder(key, &value.rules) {
            let message = format!(
                "`{name}` is required, and examples cannot show `your-{}`, which violates its rules: add example = ... \
                 with a made-up value",
                key.replace('_', "-")
            );
            errors.on(name, message);
        }
        return;
    }
    let example = match value.shape.content() {
        Shape::List(_) => "[...]",
        Shape::Map(_) => "{\"key\": ...}",
        Shape::Unknown => "...",
        _ => "\"...\"",
    };
    let message =
        format!("`{name}` is required, and its type has no obvious value: add example = {example}, for help and docs");
    match has_obvious(&value.shape, &value.rules) {
        Some(true) => {}
        Some(false) => errors.on(name, message),
        None => errors.assert(name, &value.ty, &value.rules, AssertionKind::Obvious(message)),
    }
}

/// Whether a value of some shape has an obvious value; `None` where the compiler decides.
fn has_obvious(shape: &Shape, rules: &[Rule]) -> Option<bool> {
    let content = shape.content();
    if !has_obvious_value(content.value_type(), rules) {
        return Some(false);
    }
    match content {
        Shape::List(item) => has_obvious(item, Entries::of(rules).each),
        Shape::Unknown => None,
        _ => Some(true),
    }
}

/// Whether a placeholder satisfies the rules of a secret, and those of its entries.
pub(super) fn has_placeholder(key: &str, rules: &[Rule]) -> bool {
    let Entries { min_items, keys, each, .. } = Entries::of(rules);
    min_items <= 1
        && placeholder(key, rules).is_some()
        && placeholder("key", keys).is_some()
        && (each.is_empty() || has_placeholder(key, each))
}
