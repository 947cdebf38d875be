//! Rules over several fields, and rules on common keys.

use std::collections::HashSet;

use l2_adapter_rules::{COMMON_KEYS, ValueType};
use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Type, ext::IdentExt};

use super::{
    literals::table_literal,
    names,
    references::{find, unknown_field},
    rules::listed,
    versions::check_versions,
};
use crate::{
    errors::{Errors, unknown_name},
    model::{
        Assertion, AssertionKind, CheckedCrossRule, CheckedSharedRule, Derive, Hook, Literal, Purpose, RawCrossRule,
        RawField, RawSharedKeyRule, Read, Shape, StructAttributes, Value,
    },
};

/// Checks rules over several fields, whose names share one space: rules, machine rules and warnings.
pub(super) fn check_cross_rules(
    attributes: &StructAttributes,
    keys: &[RawField],
    fields: &[(Ident, Type)],
    assertions: &mut Vec<Assertion>,
    errors: &Errors,
) -> [Vec<CheckedCrossRule>; 3] {
    let mut names = HashSet::new();
    let mut check = |rule: &RawCrossRule, machine: bool| {
        names::check_rule_name(&rule.name, errors);
        if !names.insert(rule.name.value.clone()) {
            errors.on(&rule.name.tokens, format!("the rule `{}` is already declared", rule.name.value));
        }
        let (checked, types) = check_cross_rule(rule, keys, fields, errors);
        if types.len() == rule.reads.len() {
            let hook = Hook::Checks { check: rule.check.clone(), machine, reads: types };
            let tokens = rule.check.to_token_stream();
            assertions.push(Assertion { tokens, kind: AssertionKind::Hook(Box::new(hook)) });
        }
        checked
    };
    [(&attributes.rules, false), (&attributes.machine_rules, true), (&attributes.warnings, false)]
        .map(|(rules, machine)| rules.iter().map(|rule| check(rule, machine)).collect())
}

/// Checks one rule; the types are those of the fields it reads.
fn check_cross_rule(
    rule: &RawCrossRule,
    keys: &[RawField],
    fields: &[(Ident, Type)],
    errors: &Errors,
) -> (CheckedCrossRule, Vec<Type>) {
    let mut reads: Vec<Read> = Vec::new();
    let mut types = Vec::new();
    for name in &rule.reads {
        let Some((field, ty)) = fields.iter().find(|(field, _)| field.unraw() == name.unraw()) else {
            errors.on(&name, unknown_field(name, fields.iter().map(|(field, _)| field)));
            continue;
        };
        if reads.iter().any(|read| read.ident == *field) {
            errors.on(&name, format!("`{name}` is read twice"));
        }
        // A field that is not a key, such as that of the common keys, is named by its identifier.
        let key = find(keys, name).map_or_else(|| field.unraw().to_string(), |index| keys[index].key());
        reads.push(Read { ident: field.clone(), key });
        types.push(ty.clone());
    }
    let checked = CheckedCrossRule {
        name: rule.name.value.clone(),
        doc: rule.doc.value.clone(),
        reads,
        check: rule.check.clone(),
        versions: check_versions(&rule.versions, errors),
    };
    (checked, types)
}

/// Checks a type's rules on common keys.
pub(super) fn check_common_rules(
    rules: &[RawSharedKeyRule],
    derive: Derive,
    errors: &Errors,
) -> Vec<CheckedSharedRule> {
    let mut seen = HashSet::new();
    rules.iter().filter_map(|rule| check_common_rule(rule, derive, &mut seen, errors)).collect()
}

fn check_common_rule(
    rule: &RawSharedKeyRule,
    derive: Derive,
    seen: &mut HashSet<String>,
    errors: &Errors,
) -> Option<CheckedSharedRule> {
    let name = rule.name.value.as_str();
    if derive == Derive::Section {
        errors.on(&rule.name.tokens, "`common_key` is for adapter configs: a nested section has no common keys");
    }
    let value = COMMON_KEYS.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
    if name == "type" {
        errors.on(&rule.name.tokens, "the key `type` already has one value only");
    } else if value.is_none() {
        let known: Vec<_> = COMMON_KEYS.iter().map(|(key, _)| *key).collect();
        errors.on(&rule.name.tokens, unknown_name("common key", name, &known));
    }
    if !seen.insert(name.to_owned()) {
        errors.on(&rule.name.tokens, format!("a rule on `{name}` is already declared"));
    }
    let allowed = match &rule.allowed {
        Some(values) => Some(allowed_values(name, value, values, errors)?),
        None => None,
    };
    let versions = check_versions(&rule.versions, errors);
    Some(CheckedSharedRule { key: name.to_owned(), allowed, reason: rule.reason.value.clone(), versions })
}

/// The allowed values of a common key: a common key's type is known here.
fn allowed_values(name: &str, value: Option<ValueType>, values: &Value, errors: &Errors) -> Option<Vec<Literal>> {
    let shape = match value {
        Some(ValueType::Boolean) => Shape::Bool,
        Some(ValueType::String) => Shape::String,
        _ => {
            return errors.refuse(&values.tokens, format!("`{name}` is an object: it can be forbidden, not listed"));
        }
    };
    listed(values, errors)?.iter().map(|item| table_literal(item, &shape, Purpose::Allowed, errors)).collect()
}
