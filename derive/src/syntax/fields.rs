//! Fields and their attributes.

use l2_adapter_rules::{BothNames, ConditionEffect, Unit};
use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Field, Path, Type, ext::IdentExt};

use super::{
    foreign_names::{foreign_names, known_keys, nested_spec},
    items::{Body, Item, Slot, items, meant, named, need, read_parts},
    refuse_hidden,
    rules::{parse_rule, rule_words},
    shape::{hides, shape_of},
    versions,
};
use crate::{
    errors::Errors,
    model::{
        Alias, Doc, ForeignNames, KnownKey, Located, RawCondition, RawField, RawNestedSpec, RawRule, Value, ValueKind,
    },
};

items! {
    /// The items of a field's `#[config(...)]`. A word is kept as its identifier.
    FieldAttributes {
        "required" required: Option<Ident> = Item::word;
        "default" default: Option<Value> = default;
        "default_from" default_from: Option<Ident> = Item::ident;
        "default_with" default_with: Option<Path> = Item::path;
        "default_doc" default_doc: Option<Located<String>> = Item::text;
        "doc" doc: Option<Located<Doc>> = Item::documentation;
        "key" key: Option<Located<String>> = Item::text;
        "alias" | "legacy" aliases: Vec<Alias> = alias;
        "also_known_as" also_known_as: Vec<ForeignNames> = foreign_names;
        "spec_of" spec_of: Option<RawNestedSpec> = nested_spec;
        "known" known: Vec<KnownKey> = known_keys;
        "env" env: Option<Located<String>> = Item::text;
        "secret" secret: Option<Ident> = Item::word;
        "deprecated" deprecated: Option<Located<String>> = Item::text;
        "unit" unit: Option<Located<Unit>> = unit;
        "example" examples: Vec<Value> = Item::value;
        "required_if" | "forbidden_unless" conditions: Vec<RawCondition> = condition;
        "parse_with" parse_with: Option<Path> = Item::path;
        "write_with" write_with: Option<Path> = Item::path;
        "wire" wire: Option<Type> = Item::ty;
        "rest" rest: Option<Ident> = Item::word;
        "extends" extends: Option<Ident> = Item::word;
        "since" since: Option<Located<String>> = Item::text;
        "until" until: Option<Located<String>> = Item::text;
        _ rules: Vec<RawRule> = parse_rule;
    }
}

/// Reads a named field.
pub(super) fn parse_field(field: &Field, errors: &Errors) -> Option<RawField> {
    refuse_hidden(&field.attrs, errors);
    let ident = field.ident.clone()?;
    let known: Vec<_> = FieldAttributes::WORDS.iter().copied().chain(rule_words()).collect();
    let mut attributes = FieldAttributes::read(&field.attrs, &known, errors);
    let own_key = || Located::new(ident.unraw().to_string(), ident.to_token_stream());
    Some(RawField {
        key: attributes.key.take().unwrap_or_else(own_key),
        shape: shape_of(&field.ty),
        hides: hides(&field.ty),
        ty: field.ty.clone(),
        versions: versions(attributes.since.take(), attributes.until.take(), errors),
        ident,
        attributes,
    })
}

/// `default = value`, or `default` alone.
fn default(item: Item, errors: &Errors) -> Option<Value> {
    match item.body {
        Body::Nothing => Some(Located::new(ValueKind::Nothing, item.name.into_token_stream())),
        _ => item.value(errors),
    }
}

/// `alias = "other"` or `alias(key = "other", both = key_wins)`.
fn alias(item: Item, errors: &Errors) -> Option<Alias> {
    let legacy = item.name == "legacy";
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
fn condition(item: Item, errors: &Errors) -> Option<RawCondition> {
    let effect = meant(&item.name, (ConditionEffect::ALL, ConditionEffect::word))?;
    let (outer, errors_before) = (item.name.clone(), errors.count());
    let (mut other, mut reason) = (None::<(Ident, Vec<Value>)>, None);
    for part in item.items(errors)? {
        let name = part.name.clone();
        if name == "reason" {
            reason.fill(part.text(errors), &name, errors);
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
