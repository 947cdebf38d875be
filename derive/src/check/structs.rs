//! Whole structs: which fields are keys and which contain the keys of another table.

use proc_macro2::Ident;
use syn::{Type, parse_quote};

use super::{cross_rules, fields, names, references};
use crate::{
    errors::Errors,
    model::{
        Argument, AssertionKind, CheckedRest, CheckedStruct, Derive, Doc, FieldValue, Located, RawArgument, RawField,
        RawStruct, ValueKind,
    },
    syntax::{last_segment, map_value, shape_of},
};

/// A struct's fields by their purpose.
#[derive(Default)]
struct Sorted<'a> {
    base: Option<&'a RawField>,
    common: Option<&'a RawField>,
    rest: Option<&'a RawField>,
    keys: Vec<&'a RawField>,
}

/// Checks a struct. The result is complete only if no error was added.
pub(crate) fn check_struct<'a>(raw: &'a RawStruct, errors: &Errors) -> Option<CheckedStruct<'a>> {
    check_role(raw, errors);
    documentation(&raw.ident, raw.attributes.doc.as_ref(), errors);
    let Sorted { base, common, rest, keys } = sort(raw, errors);
    if raw.derive == Derive::Adapter && common.is_none() && base.is_none() {
        let message = "declare the keys that every adapter shares: add a field `common: CommonConfig`";
        errors.on(&raw.ident, message);
    }
    names::check_names(&keys, rest, raw, errors);
    references::check_conditions(&keys, errors);
    let common_rules = cross_rules::check_common_rules(raw, errors);
    cross_rules::check_cross_rules(raw, errors);
    let rest = rest.and_then(|field| check_rest(field, errors));
    let fields = fields::check_fields(&keys, errors)?;
    Some(CheckedStruct { raw, base, fields, rest, common, common_rules })
}

/// Reports that the documentation is missing.
pub(super) fn documentation(ident: &Ident, doc: Option<&Located<Doc>>, errors: &Errors) {
    if doc.is_none() {
        errors.on(ident, format!("document `{ident}`: write a doc comment above it, or #[config(doc = \"...\")]"));
    }
}

/// Checks what only the config of an adapter type has.
fn check_role(raw: &RawStruct, errors: &Errors) {
    const OF_ADAPTERS: [&str; 4] = ["type", "factory", "common_key", "also_known_as"];
    let attributes = &raw.attributes;
    if raw.derive == Derive::Section {
        for name in attributes.names.iter().filter(|name| OF_ADAPTERS.contains(&name.to_string().as_str())) {
            errors.on(name, format!("drop `{name}`: it is for adapter configs, and this is a nested section"));
        }
        return;
    }
    match &attributes.type_name {
        Some(name) => names::check_type_name(name, errors),
        None if attributes.is_damaged => {}
        None => errors.on(&raw.ident, "declare the adapter type that this configures: #[config(type = \"...\")]"),
    }
    if let Some(function) = &attributes.factory {
        let config = &raw.ident;
        errors.assert(function, &parse_quote!(#config), &[], AssertionKind::Factory(function.clone()));
    }
}

fn sort<'a>(raw: &'a RawStruct, errors: &Errors) -> Sorted<'a> {
    let no_key = |field: &RawField| format!("`{}` is not a key, and its type declares everything", field.ident);
    let mut sorted = Sorted::default();
    for (index, field) in raw.fields.iter().enumerate() {
        if let Some(word) = &field.attributes.extends {
            if index > 0 && sorted.base.is_none() {
                errors.on(word, "the field that `extends` must be the first: its keys come first");
            }
            alone(field, &["extends"], &no_key(field), errors);
            place(&mut sorted.base, field, "field that `extends`", errors);
        } else if field.attributes.rest.is_some() {
            place(&mut sorted.rest, field, "field marked `rest`", errors);
        } else if is_common_config(&field.ty) {
            if raw.derive == Derive::Section {
                let message = "a nested section has no common keys: declare `CommonConfig` in the adapter config only";
                errors.on(&field.ty, message);
            }
            alone(field, &[], &no_key(field), errors);
            place(&mut sorted.common, field, "`CommonConfig`", errors);
        } else if raw.derive == Derive::Adapter && field.ident == "common" && field.attributes.names.is_empty() {
            // As a key it would have attributes, and no key can have this name.
            errors
                .on(&field.ty, "write `CommonConfig`: the derive recognizes the field of the common keys by its type");
            sorted.common = Some(field);
        } else {
            sorted.keys.push(field);
        }
    }
    sorted
}

fn place<'a>(slot: &mut Option<&'a RawField>, field: &'a RawField, what: &str, errors: &Errors) {
    if let Some(first) = slot {
        errors.on(&field.ident, format!("a struct has one {what}, and `{}` is already it", first.ident));
    }
    *slot = slot.or(Some(field));
}

fn is_common_config(ty: &Type) -> bool {
    last_segment(ty).is_some_and(|name| name == "CommonConfig")
}

/// Reports attributes on a field that accepts only those in `allowed`, and why.
fn alone(field: &RawField, allowed: &[&str], why: &str, errors: &Errors) {
    for name in field.attributes.names.iter().filter(|name| !allowed.contains(&name.to_string().as_str())) {
        errors.on(name, format!("drop `{name}`: {why}"));
    }
}

fn check_rest<'a>(field: &'a RawField, errors: &Errors) -> Option<CheckedRest<'a>> {
    const ALLOWED: &[&str] = &["rest", "doc", "each", "keys", "min_items", "max_items", "secret", "known"];
    let why = "a field marked `rest` takes only each, keys, min_items, max_items, known, doc and secret";
    alone(field, ALLOWED, why, errors);
    for rule in &field.attributes.rules {
        // The counts of a schema are of all keys, declared ones and the tag included.
        let (Argument::Size(_), RawArgument::Value(count)) = (rule.word.argument, &rule.argument) else { continue };
        if rule.name != "min_items" || !matches!(count.value, ValueKind::Integer(0 | 1)) {
            let message =
                "a schema can require only that there is an undeclared key: `rest` accepts no count but min_items = 1";
            errors.on(&rule.name, message);
        }
    }
    documentation(&field.ident, field.attributes.doc.as_ref(), errors);
    let Some(item) = map_value(&field.ty) else {
        return errors.refuse(&field.ty, "the field marked `rest` must be a `BTreeMap<String, T>`");
    };
    if !shape_of(&item).is_known() {
        errors.assert(&item, &item, &[], AssertionKind::Value);
    }
    let rules = FieldValue::of(field, errors).rules;
    fields::check_secret(field, errors);
    Some(CheckedRest { raw: field, item, rules })
}
