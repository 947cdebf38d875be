//! The rules on values.

use syn::Expr;

use crate::{
    errors::{Errors, unknown_name},
    model::{Existing, Limit, RangeEnd, RawRule, RawRuleKind, Value, ValueKind},
    syntax::items::{Body, Item},
};

/// Every rule's word.
pub(super) const RULES: &[&str] = &[
    "allowed",
    "min",
    "max",
    "above",
    "below",
    "multiple_of",
    "power_of_two",
    "not_blank",
    "trimmed",
    "min_length",
    "max_length",
    "pattern",
    "prefix",
    "must_not_contain",
    "exists",
    "min_items",
    "max_items",
    "unique",
    "each",
    "keys",
];

/// Reads an item that is known to be a rule.
pub(super) fn parse_rule(item: Item, errors: &Errors) -> Option<RawRule> {
    let name = item.name.clone();
    let kind = match name.to_string().as_str() {
        "allowed" => RawRuleKind::Allowed(item.value(errors)?),
        "min" => RawRuleKind::Range(RangeEnd::Min, item.value(errors)?),
        "max" => RawRuleKind::Range(RangeEnd::Max, item.value(errors)?),
        "above" => RawRuleKind::Range(RangeEnd::Above, item.value(errors)?),
        "below" => RawRuleKind::Range(RangeEnd::Below, item.value(errors)?),
        "multiple_of" => RawRuleKind::MultipleOf(item.value(errors)?),
        "power_of_two" => item.word(errors).map(|_| RawRuleKind::PowerOfTwo)?,
        "not_blank" => item.word(errors).map(|_| RawRuleKind::NotBlank)?,
        "trimmed" => item.word(errors).map(|_| RawRuleKind::Trimmed)?,
        "min_length" => RawRuleKind::Length(Limit::Least, item.value(errors)?),
        "max_length" => RawRuleKind::Length(Limit::Most, item.value(errors)?),
        "pattern" => RawRuleKind::Pattern(item.characters(errors)?),
        "prefix" => RawRuleKind::Prefix(item.characters(errors)?),
        "must_not_contain" => RawRuleKind::MustNotContain(item.characters(errors)?),
        "exists" => RawRuleKind::Exists(existing(item, errors)?),
        "min_items" => RawRuleKind::Items(Limit::Least, item.value(errors)?),
        "max_items" => RawRuleKind::Items(Limit::Most, item.value(errors)?),
        "unique" => item.word(errors).map(|_| RawRuleKind::Unique)?,
        "each" => RawRuleKind::Each(parse_rules(item, errors)?),
        "keys" => RawRuleKind::Keys(parse_rules(item, errors)?),
        _ => return None,
    };
    Some(RawRule { name, kind })
}

/// The value of `exists`: a name, or a list of those of which one will do.
fn existing(item: Item, errors: &Errors) -> Option<Vec<Existing>> {
    let value = item.value(errors)?;
    let names = match &value.value {
        ValueKind::List(names) if !names.is_empty() => names.iter().collect(),
        _ => vec![&value],
    };
    let known: Vec<_> = names.into_iter().map(|name| existing_name(name, errors)).collect();
    known.into_iter().collect()
}

fn existing_name(value: &Value, errors: &Errors) -> Option<Existing> {
    const KNOWN: &[&str] = &["directory", "file", "device"];
    let word = match &value.value {
        ValueKind::Constant(Expr::Path(path)) => path.path.get_ident(),
        _ => None,
    };
    let Some(word) = word else {
        errors.on(&value.tokens, "say what exists by its name: directory, file or device");
        return None;
    };
    match word.to_string().as_str() {
        "directory" => Some(Existing::Directory),
        "file" => Some(Existing::File),
        "device" => Some(Existing::Device),
        other => {
            errors.at(word.span(), unknown_name("value of `exists`:", other, KNOWN));
            None
        }
    }
}

/// Reads the rules in the parentheses of `each` or `keys`.
fn parse_rules(item: Item, errors: &Errors) -> Option<Vec<RawRule>> {
    let outer = item.name.clone();
    let mut rules = Vec::new();
    for item in item.items(errors)? {
        let name = item.name.to_string();
        if RULES.contains(&name.as_str()) {
            rules.extend(parse_rule(item, errors));
        } else {
            errors.at(item.name.span(), unknown_name(&format!("rule in `{outer}(...)`:"), &name, RULES));
        }
    }
    Some(rules)
}

/// The name of an item if it is a plain word, for lists of names.
pub(super) fn plain_word(item: &Item) -> bool {
    matches!(item.body, Body::Nothing)
}
