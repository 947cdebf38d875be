//! Structs and their attributes.

use l2_adapter_rules::CrossRuleKind;
use proc_macro2::Ident;
use syn::{Attribute, Data, DataStruct, DeriveInput, Fields};

use super::{
    config_items, doc_comment, fields,
    foreign_names::{foreign_names, other_config},
    items::{Item, read_parts, set},
    rules::plain_word,
};
use crate::{
    errors::Errors,
    foreign::unknown_attribute,
    model::{Derive, ForbiddenKey, RawCrossRule, RawSharedKeyRule, RawStruct, RawVersions, StructAttributes},
};

const ATTRIBUTES: &str =
    "type factory crate doc default also_known_as mistaken_for forbidden common_key rule machine_rule warning";

/// Reads a struct. Reports anything but a struct with named fields and without type parameters; the rest is still read.
pub(crate) fn parse_struct(input: &DeriveInput, derive: Derive, errors: &Errors) -> Option<RawStruct> {
    let fields = match &input.data {
        Data::Struct(DataStruct { fields: Fields::Named(fields), .. }) => &fields.named,
        Data::Struct(_) => {
            let message = format!("`{derive}` needs a struct with named fields: each field is a key");
            return errors.refuse(&input.ident, message);
        }
        _ => {
            let message = format!(
                "`{derive}` can be derived for structs only; for enums there are `ConfigChoice` and `ConfigUnion`"
            );
            return errors.refuse(&input.ident, message);
        }
    };
    if !input.generics.params.is_empty() {
        let message =
            format!("`{derive}` cannot be derived for a generic struct: a config has one table, with concrete types");
        errors.on(&input.generics.params, message);
    }
    let mut attributes = attributes(&input.attrs, errors);
    Some(RawStruct {
        derive,
        ident: input.ident.clone(),
        doc: attributes.doc.take().or_else(|| doc_comment(&input.attrs)),
        attributes,
        fields: fields.iter().filter_map(|field| fields::parse_field(field, errors)).collect(),
    })
}

fn attributes(attrs: &[Attribute], errors: &Errors) -> StructAttributes {
    let errors_before = errors.count();
    let mut attributes = StructAttributes::default();
    for item in config_items(attrs, errors) {
        let name = item.name.clone();
        match name.to_string().as_str() {
            "type" => set(&mut attributes.type_name, item.text(errors), &name, errors),
            "factory" => set(&mut attributes.factory, item.path(errors), &name, errors),
            "crate" => set(&mut attributes.crate_path, item.path(errors), &name, errors),
            "doc" => set(&mut attributes.doc, item.documentation(errors), &name, errors),
            "default" => set(&mut attributes.default, item.word(errors), &name, errors),
            "also_known_as" => attributes.also_known_as.extend(foreign_names(item, errors)),
            "mistaken_for" => attributes.mistaken_for.extend(other_config(item, errors)),
            "forbidden" => attributes.forbidden.extend(forbidden_key(item, errors)),
            "common_key" => attributes.common_keys.extend(common_key_rule(item, errors)),
            "rule" | "machine_rule" | "warning" => attributes.rules.extend(cross_rule(item, errors)),
            other => {
                let known: Vec<_> = ATTRIBUTES.split(' ').collect();
                errors.on(&name, unknown_attribute("attribute", other, &known));
            }
        }
    }
    attributes.is_damaged = errors.count() > errors_before;
    attributes
}

fn forbidden_key(item: Item, errors: &Errors) -> Option<ForbiddenKey> {
    read_parts!(item, errors, { key: Item::text, "key = \"...\""; reason: Item::text, "reason = \"...\""; });
    Some(ForbiddenKey { key: key?, reason: reason? })
}

fn common_key_rule(item: Item, errors: &Errors) -> Option<RawSharedKeyRule> {
    let outer = item.name.clone();
    read_parts!(item, errors, {
        name: Item::text, "name = \"...\"";
        forbidden: Item::word;
        allowed: Item::value;
        reason: Item::text, "reason = \"...\"";
        since: Item::text;
        until: Item::text;
    });
    match (&forbidden, &allowed) {
        (Some(word), Some(_)) => errors.on(word, "drop `forbidden` or `allowed`: a forbidden key has no value"),
        (None, None) => errors.on(&outer, "`common_key` needs `forbidden` or `allowed = [...]`"),
        _ => {}
    }
    Some(RawSharedKeyRule { name: name?, allowed, reason: reason?, versions: RawVersions { since, until } })
}

fn cross_rule(item: Item, errors: &Errors) -> Option<RawCrossRule> {
    let kind = CrossRuleKind::ALL.iter().copied().find(|kind| item.name == kind.word());
    read_parts!(item, errors, {
        name: Item::text, "name = \"...\"";
        doc: Item::documentation, "doc = \"...\"";
        reads: field_names, "reads(...)";
        check: Item::path, "check = path";
        since: Item::text;
        until: Item::text;
    });
    let versions = RawVersions { since, until };
    Some(RawCrossRule { kind: kind?, name: name?, doc: doc?, reads: reads?, check: check?, versions })
}

fn field_names(item: Item, errors: &Errors) -> Option<Vec<Ident>> {
    let mut names = Vec::new();
    for part in item.items(errors)? {
        if plain_word(&part) {
            names.push(part.name);
        } else {
            errors.on(&part.name, "`reads` takes names of fields: reads(first, second)");
        }
    }
    Some(names)
}
