//! Rules over several fields, and rules on common keys.

use std::collections::HashSet;

use l2_adapter_rules::{COMMON_KEYS, CrossRuleKind, ValueType};
use syn::{Type, ext::IdentExt, parse_quote};

use super::{names, references::find, rules};
use crate::{
    errors::{Errors, unknown_name},
    model::{AssertionKind, Literal, RawCrossRule, RawField, RawSharedKeyRule, RawStruct, Shape, Value},
};

/// Checks rules over several fields, whose names share one space: rules, machine rules and warnings.
pub(super) fn check_cross_rules(raw: &RawStruct, errors: &Errors) {
    let RawStruct { attributes, fields, .. } = raw;
    let mut names = HashSet::new();
    for rule in &attributes.rules {
        names::check_rule_name(&rule.name, errors);
        if !names.insert(&rule.name.value) {
            errors.on(&rule.name.tokens, format!("the rule `{}` is already declared", rule.name.value));
        }
        let mut inputs = inputs(rule, fields, errors);
        if inputs.len() == rule.reads.len() {
            if rule.kind == CrossRuleKind::MachineRule {
                inputs.insert(0, parse_quote!(&dyn __l2_adapter::Machine));
            }
            let hook = AssertionKind::Hook { function: rule.check.clone(), inputs, fallible: true };
            errors.assert(&rule.check, &parse_quote!(()), &[], hook);
        }
    }
}

/// The types that a rule's function takes.
fn inputs(rule: &RawCrossRule, fields: &[RawField], errors: &Errors) -> Vec<Type> {
    let types = rule.reads.iter().enumerate().filter_map(|(index, name)| {
        let ty = &fields[find(fields, name, errors)?].ty;
        if rule.reads[..index].iter().any(|read| read.unraw() == name.unraw()) {
            errors.on(name, format!("`{name}` is read twice"));
        }
        Some(parse_quote!(&#ty))
    });
    types.collect()
}

/// Checks a type's rules on common keys, and adds the values that each allows.
pub(super) fn check_common_rules<'a>(
    raw: &'a RawStruct,
    errors: &Errors,
) -> Vec<(&'a RawSharedKeyRule, Option<Vec<Literal>>)> {
    let mut seen = HashSet::new();
    let mut check = |rule: &'a RawSharedKeyRule| {
        let name = rule.name.value.as_str();
        let value = COMMON_KEYS.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
        if name == "type" {
            errors.on(&rule.name.tokens, "the key `type` already has one value only");
        } else if value.is_none() {
            let known: Vec<_> = COMMON_KEYS.iter().map(|(key, _)| *key).collect();
            errors.on(&rule.name.tokens, unknown_name("common key", name, &known));
        }
        if !seen.insert(name) {
            errors.on(&rule.name.tokens, format!("a rule on `{name}` is already declared"));
        }
        let allowed = rule.allowed.as_ref().and_then(|values| allowed_values(name, value, values, errors));
        (rule, allowed)
    };
    raw.attributes.common_keys.iter().map(&mut check).collect()
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
    rules::allowed(values, &shape, errors)
}
