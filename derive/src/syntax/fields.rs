//! Fields and their attributes.

use l2_adapter_rules::{BothNames, ConditionEffect, Unit};
use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Attribute, Field, ext::IdentExt};

use super::{
    config_items, doc_comment,
    foreign_names::{foreign_names, known_keys, nested_spec},
    items::{Body, Item, named, need, read_parts, set},
    refuse_hidden,
    rules::{parse_rule, rule_word, rule_words},
    shape::shape_of,
};
use crate::{
    errors::Errors,
    foreign::unknown_attribute,
    model::{Alias, FieldAttributes, Located, RawCondition, RawField, Value, ValueKind},
};

/// Every word except those of rules.
const ATTRIBUTES: &str = "required default default_from default_with default_doc doc key alias legacy also_known_as spec_of known env \
                          secret deprecated unit example required_if forbidden_unless parse_with write_with wire rest extends \
                          since until";

/// Reads a named field.
pub(super) fn parse_field(field: &Field, errors: &Errors) -> Option<RawField> {
    refuse_hidden(&field.attrs, errors);
    let (ident, mut attributes) = (field.ident.clone()?, attributes(&field.attrs, errors));
    let own_key = || Located::new(ident.unraw().to_string(), ident.to_token_stream());
    Some(RawField {
        key: attributes.key.take().unwrap_or_else(own_key),
        shape: shape_of(&field.ty),
        ty: field.ty.clone(),
        doc: attributes.doc.take().or_else(|| doc_comment(&field.attrs)),
        ident,
        attributes,
    })
}

fn attributes(attrs: &[Attribute], errors: &Errors) -> FieldAttributes {
    let errors_before = errors.count();
    let mut attributes = FieldAttributes::default();
    for item in config_items(attrs, errors) {
        attributes.names.push(item.name.clone());
        if let Some(word) = rule_word(&item.name) {
            attributes.rules.extend(parse_rule(item, word, errors));
        } else {
            attribute(&mut attributes, item, errors);
        }
    }
    attributes.is_damaged = errors.count() > errors_before;
    attributes
}

fn attribute(attributes: &mut FieldAttributes, item: Item, errors: &Errors) {
    let name = item.name.clone();
    match name.to_string().as_str() {
        "required" => set(&mut attributes.required, item.word(errors), &name, errors),
        "default" if matches!(item.body, Body::Nothing) => {
            set(&mut attributes.own_defaults, item.word(errors), &name, errors);
        }
        "default" => set(&mut attributes.default, item.value(errors), &name, errors),
        "default_from" => set(&mut attributes.default_from, item.ident(errors), &name, errors),
        "default_with" => set(&mut attributes.default_with, item.path(errors), &name, errors),
        "default_doc" => set(&mut attributes.default_doc, item.text(errors), &name, errors),
        "doc" => set(&mut attributes.doc, item.documentation(errors), &name, errors),
        "key" => set(&mut attributes.key, item.text(errors), &name, errors),
        "alias" => attributes.aliases.extend(alias(item, false, errors)),
        "legacy" => attributes.aliases.extend(alias(item, true, errors)),
        "also_known_as" => attributes.also_known_as.extend(foreign_names(item, errors)),
        "spec_of" => set(&mut attributes.spec_of, nested_spec(item, errors), &name, errors),
        "known" => attributes.known.extend(known_keys(item, errors)),
        "env" => set(&mut attributes.env, item.text(errors), &name, errors),
        "secret" => set(&mut attributes.secret, item.word(errors), &name, errors),
        "deprecated" => set(&mut attributes.deprecated, item.text(errors), &name, errors),
        "unit" => set(&mut attributes.unit, unit(item, errors), &name, errors),
        "example" => attributes.examples.extend(item.value(errors)),
        "required_if" => attributes.conditions.extend(condition(item, ConditionEffect::RequiredIf, errors)),
        "forbidden_unless" => attributes.conditions.extend(condition(item, ConditionEffect::ForbiddenUnless, errors)),
        "parse_with" => set(&mut attributes.parse_with, item.path(errors), &name, errors),
        "write_with" => set(&mut attributes.write_with, item.path(errors), &name, errors),
        "wire" => set(&mut attributes.wire, item.ty(errors), &name, errors),
        "rest" => set(&mut attributes.rest, item.word(errors), &name, errors),
        "extends" => set(&mut attributes.extends, item.word(errors), &name, errors),
        "since" => set(&mut attributes.versions.since, item.text(errors), &name, errors),
        "until" => set(&mut attributes.versions.until, item.text(errors), &name, errors),
        other => {
            let known: Vec<_> = ATTRIBUTES.split(' ').chain(rule_words()).collect();
            errors.on(&name, unknown_attribute("attribute", other, &known));
        }
    }
}

/// `alias = "other"` or `alias(key = "other", both = key_wins)`.
fn alias(item: Item, legacy: bool, errors: &Errors) -> Option<Alias> {
    if let Body::Value(_) = item.body {
        return item.text(errors).map(|key| Alias { key, both: BothNames::Refused, legacy });
    }
    read_parts!(item, errors, { key: Item::text, "key = \"...\""; both: both_names; });
    Some(Alias { key: key?, both: both.unwrap_or(BothNames::Refused), legacy })
}

fn both_names(item: Item, errors: &Errors) -> Option<BothNames> {
    named(&item.ident(errors)?, "value of `both`:", (BothNames::ALL, BothNames::word), errors)
}

fn unit(item: Item, errors: &Errors) -> Option<Located<Unit>> {
    let word = item.ident(errors)?;
    let unit = named(&word, "unit", (Unit::ALL, Unit::word), errors)?;
    Some(Located::new(unit, word.into_token_stream()))
}

/// `required_if(other = "v", reason = "...")`: one item names the other field. `other = absent` gives no values.
fn condition(item: Item, effect: ConditionEffect, errors: &Errors) -> Option<RawCondition> {
    let (outer, errors_before) = (item.name.clone(), errors.count());
    let (mut other, mut reason) = (None::<(Ident, Vec<Value>)>, None);
    for part in item.items(errors)? {
        let name = part.name.clone();
        if name == "reason" {
            set(&mut reason, part.text(errors), &name, errors);
            continue;
        }
        if other.is_some() {
            errors.on(&name, format!("`{outer}` depends on one field: write another `{outer}(...)` for `{name}`"));
            continue;
        }
        other = part.value(errors).map(|value| {
            if is_word(&value, "present") {
                let message = format!(
                    "a condition cannot ask whether `{name}` is present: list its values, or write a `rule(...)` on the \
                     struct"
                );
                errors.on(&value.tokens, message);
            }
            if is_word(&value, "absent") {
                return (name, Vec::new());
            }
            let values = alternatives(value);
            if values.is_empty() {
                errors.on(&name, "give at least one value, or `absent`");
            }
            (name, values)
        });
    }
    if errors.count() > errors_before {
        return None;
    }
    let (other, values) = need(other, &outer, "other_field = \"...\"", errors)?;
    Some(RawCondition { effect, other, values, reason })
}

/// Whether a value is this word, which is not a constant here.
fn is_word(value: &Value, word: &str) -> bool {
    matches!(&value.value, ValueKind::Constant(syn::Expr::Path(path)) if path.path.is_ident(word))
}

/// `"v"` or `["v", "w"]`.
fn alternatives(value: Value) -> Vec<Value> {
    match value.value {
        ValueKind::List(values) => values,
        _ => vec![value],
    }
}
