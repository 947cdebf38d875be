//! Rules over several fields, and rules on shared keys.

use std::collections::HashSet;

use proc_macro2::Ident;
use syn::ext::IdentExt;

use super::{
    keys::{SHARED_KEYS, key_of},
    literals::{self, table_literal},
    names,
    references::{find, unknown_field},
    structs::Derive,
};
use crate::{
    errors::{Errors, unknown_name},
    model::{
        CheckedCrossRule, CheckedSharedRule, Literal, RawCrossRule, RawField, RawSharedKeyRule, Read, Shape,
        StructAttributes, Value, ValueKind,
    },
};

/// The rules over several fields, by what becomes of a document that breaks one.
pub(super) struct CrossRules {
    pub(super) rules: Vec<CheckedCrossRule>,
    pub(super) machine_rules: Vec<CheckedCrossRule>,
    pub(super) warnings: Vec<CheckedCrossRule>,
}

/// Checks rules over several fields, whose names share one space.
pub(super) fn check_cross_rules(
    attributes: &StructAttributes,
    keys: &[RawField],
    fields: &[Ident],
    errors: &Errors,
) -> CrossRules {
    let mut names = HashSet::new();
    let mut check = |rule: &RawCrossRule| {
        names::check_rule_name(&rule.name, errors);
        if !names.insert(rule.name.value.clone()) {
            errors.on(&rule.name.tokens, format!("there is a rule `{}` already", rule.name.value));
        }
        check_cross_rule(rule, keys, fields, errors)
    };
    CrossRules {
        rules: attributes.rules.iter().map(&mut check).collect(),
        machine_rules: attributes.machine_rules.iter().map(&mut check).collect(),
        warnings: attributes.warnings.iter().map(&mut check).collect(),
    }
}

fn check_cross_rule(rule: &RawCrossRule, keys: &[RawField], fields: &[Ident], errors: &Errors) -> CheckedCrossRule {
    let mut reads: Vec<Read> = Vec::new();
    for name in &rule.reads {
        let Some(field) = fields.iter().find(|field| field.unraw() == name.unraw()) else {
            errors.at(name.span(), unknown_field(name, fields.iter()));
            continue;
        };
        if reads.iter().any(|read| read.ident == *field) {
            errors.at(name.span(), format!("`{name}` is read twice"));
        }
        // A field that is no key of its own, as that of the shared keys, goes by its identifier.
        let key = find(keys, name).map_or_else(|| field.unraw().to_string(), |index| key_of(&keys[index]));
        reads.push(Read { ident: field.clone(), key });
    }
    CheckedCrossRule { name: rule.name.value.clone(), doc: rule.doc.value.clone(), reads, check: rule.check.clone() }
}

/// Checks what a type asks of the shared keys.
pub(super) fn check_shared_rules(
    rules: &[RawSharedKeyRule],
    derive: Derive,
    errors: &Errors,
) -> Vec<CheckedSharedRule> {
    let mut seen = HashSet::new();
    rules.iter().filter_map(|rule| check_shared_rule(rule, derive, &mut seen, errors)).collect()
}

fn check_shared_rule(
    rule: &RawSharedKeyRule,
    derive: Derive,
    seen: &mut HashSet<String>,
    errors: &Errors,
) -> Option<CheckedSharedRule> {
    let name = rule.name.value.as_str();
    if derive == Derive::Section {
        errors.on(&rule.name.tokens, "`shared_key` is for adapter configs: a nested section has no shared keys");
    }
    if name == "type" {
        errors.on(&rule.name.tokens, "the key `type` already has one value only");
    } else if !SHARED_KEYS.contains(&name) {
        errors.on(&rule.name.tokens, unknown_name("shared key", name, &SHARED_KEYS[1..]));
    }
    if !seen.insert(name.to_owned()) {
        errors.on(&rule.name.tokens, format!("there is a rule on `{name}` already"));
    }
    let allowed = match &rule.allowed {
        Some(values) => Some(allowed_values(name, values, errors)?),
        None => None,
    };
    Some(CheckedSharedRule { key: name.to_owned(), allowed, reason: rule.reason.value.clone() })
}

/// The allowed values of a shared key: a shared key's type is known here.
fn allowed_values(name: &str, values: &Value, errors: &Errors) -> Option<Vec<Literal>> {
    let shape = match name {
        "persist_enabled" | "shared" => Shape::Bool,
        "affinity_tag" => Shape::Text,
        _ => {
            errors.on(&values.tokens, format!("`{name}` is an object: it can be forbidden, not listed"));
            return None;
        }
    };
    let ValueKind::List(items) = &values.value else {
        errors.on(&values.tokens, "write the allowed values as a list: allowed = [...]");
        return None;
    };
    if items.is_empty() {
        errors.on(&values.tokens, "`allowed` lists no value: nothing could be given");
    }
    items.iter().map(|item| table_literal(item, &shape, literals::Purpose::Allowed, errors)).collect()
}
