//! Structs and their attributes.

use l2_adapter_rules::CrossRuleKind;
use proc_macro2::Ident;
use syn::{Data, DataStruct, DeriveInput, Fields, Path};

use super::{
    fields,
    foreign_names::{foreign_names, other_config},
    items::{Item, Slot, items, meant, read_parts},
    rules::plain_word,
    versions,
};
use crate::{
    errors::Errors,
    model::{Derive, Doc, ForbiddenKey, ForeignNames, Located, OtherConfig, RawCrossRule, RawSharedKeyRule, RawStruct},
};

items! {
    /// The items of a struct's `#[config(...)]`.
    StructAttributes {
        "type" type_name: Option<Located<String>> = Item::text;
        "factory" factory: Option<Path> = Item::path;
        "crate" crate_path: Option<Path> = Item::path;
        "doc" doc: Option<Located<Doc>> = Item::documentation;
        "default" default: Option<Ident> = Item::word;
        "also_known_as" also_known_as: Vec<ForeignNames> = foreign_names;
        "mistaken_for" mistaken_for: Vec<OtherConfig> = other_config;
        "forbidden" forbidden: Vec<ForbiddenKey> = forbidden_key;
        "common_key" common_keys: Vec<RawSharedKeyRule> = common_key_rule;
        "rule" | "machine_rule" | "warning" rules: Vec<RawCrossRule> = cross_rule;
    }
}

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
    Some(RawStruct {
        derive,
        ident: input.ident.clone(),
        attributes: StructAttributes::read(&input.attrs, StructAttributes::WORDS, errors),
        fields: fields.iter().filter_map(|field| fields::parse_field(field, errors)).collect(),
    })
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
    Some(RawSharedKeyRule { name: name?, allowed, reason: reason?, versions: versions(since, until, errors) })
}

fn cross_rule(item: Item, errors: &Errors) -> Option<RawCrossRule> {
    let kind = meant(&item.name, (CrossRuleKind::ALL, CrossRuleKind::word));
    read_parts!(item, errors, {
        name: Item::text, "name = \"...\"";
        doc: Item::documentation, "doc = \"...\"";
        reads: field_names, "reads(...)";
        check: Item::path, "check = path";
        since: Item::text;
        until: Item::text;
    });
    let versions = versions(since, until, errors);
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
