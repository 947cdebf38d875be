//! Names that the language restricts, keys, and names in other systems: in one struct each has one meaning.

use l2_adapter_rules::{COMMON_KEYS, same_name};

use super::references::find;
use crate::{
    errors::Errors,
    model::{Derive, ForeignNames, Located, RawField, RawNestedSpec, RawStruct, RawVariant},
};

/// The name of an adapter type: letters, digits, `_` and `-`, in lower case, a letter first.
pub(super) fn check_type_name(name: &Located<String>, errors: &Errors) {
    let message = "an adapter type is named with lower-case letters, digits, `_` and `-`, and begins with a letter";
    check_name(name, &['_', '-'], message, errors);
}

/// The name of a rule, which faults and documentation cite.
pub(super) fn check_rule_name(name: &Located<String>, errors: &Errors) {
    let message = "a rule is named in snake_case: lower-case letters, digits and `_`, a letter first";
    check_name(name, &['_'], message, errors);
}

fn check_name(name: &Located<String>, signs: &[char], message: &str, errors: &Errors) {
    let allowed = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || signs.contains(&sign);
    if !name.value.starts_with(|first: char| first.is_ascii_lowercase()) || !name.value.chars().all(allowed) {
        errors.on(&name.tokens, message);
    }
}

/// Names that are taken, each with what it is.
#[derive(Clone)]
struct Taken(Vec<(String, String)>);

impl Taken {
    /// Takes a name, which means `meaning`; reports one that is taken.
    fn take(&mut self, name: &Located<String>, meaning: &str, errors: &Errors) {
        match self.0.iter().find(|(known, _)| same_name(known, &name.value)) {
            Some((_, what)) => {
                errors.on(&name.tokens, format!("`{}` is already {what}: leave it out here", name.value));
            }
            None => self.0.push((name.value.clone(), meaning.to_owned())),
        }
    }

    fn take_all(&mut self, all: &[ForeignNames], meaning: &str, errors: &Errors) {
        let meaning = format!("another system's name of {meaning}");
        all.iter().flat_map(|names| &names.names).for_each(|name| self.take(name, &meaning, errors));
    }
}

/// Checks the names in a struct: its keys, and the names in other systems of its keys, of its type, of undeclared keys and of
/// other configs.
pub(super) fn check_names(fields: &[&RawField], rest: Option<&RawField>, raw: &RawStruct, errors: &Errors) {
    let attributes = &raw.attributes;
    let here = Taken(declared_keys(fields, raw, errors));
    let mut keys = here.clone();
    for field in fields {
        keys.take_all(&field.attributes.also_known_as, &format!("`{}`", field.key.value), errors);
    }
    for known in fields.iter().flat_map(|field| &field.attributes.known) {
        errors.on(&known.key.tokens, "`known` lists undeclared keys: write it where `rest` is");
    }
    let known = || rest.iter().flat_map(|field| &field.attributes.known);
    let mut undeclared = here.clone();
    known().for_each(|known| undeclared.take(&known.key, "an undeclared key", errors));
    known().for_each(|known| undeclared.take_all(&known.also_known_as, &format!("`{}`", known.key.value), errors));
    let mut others = here;
    for other in &attributes.mistaken_for {
        other.keys.iter().for_each(|key| others.take(key, &format!("a key of {}", other.what.value), errors));
    }
    let name = attributes.type_name.as_ref().map(|name| (name.value.clone(), "the name of this type".to_owned()));
    let mut types = Taken(name.into_iter().collect());
    types.take_all(&attributes.also_known_as, "this type", errors);
}

/// The keys that are declared or have a meaning already, each with what it is. Reports a key that appears twice among fields,
/// aliases and forbidden keys, and one that is a common key.
fn declared_keys(fields: &[&RawField], raw: &RawStruct, errors: &Errors) -> Vec<(String, String)> {
    let is_adapter = raw.derive == Derive::Adapter;
    let own = fields.iter().map(|field| (&field.key, format!("the key of `{}`", field.ident)));
    let aliases = fields.iter().flat_map(|field| field.attributes.aliases.iter().map(move |alias| (&alias.key, field)));
    let aliases = aliases.map(|(key, field)| (key, format!("another name of `{}`", field.ident)));
    let forbidden = raw.attributes.forbidden.iter().map(|key| (&key.key, "a forbidden key".to_owned()));
    let is_common = |key: &str| is_adapter && COMMON_KEYS.iter().any(|(common, _)| *common == key);
    let mut keys: Vec<(String, String)> = Vec::new();
    for (Located { value: key, tokens }, what) in own.chain(aliases).chain(forbidden) {
        if is_adapter && key == "type" {
            errors.on(tokens, "the key `type` names the adapter type: give this key another name");
        } else if is_common(key) {
            let message = format!("the key `{key}` is one that every adapter shares: its value is in `CommonConfig`");
            errors.on(tokens, message);
        }
        match keys.iter().find(|(known, _)| known == key) {
            Some((_, first)) => errors.on(tokens, format!("the key `{key}` is declared twice: it is already {first}")),
            None => keys.push((key.clone(), what)),
        }
    }
    if is_adapter {
        let common = COMMON_KEYS.iter().map(|(key, _)| *key).chain(["type"]);
        keys.extend(common.map(|key| (key.to_owned(), "a key that every adapter has".to_owned())));
    }
    keys
}

/// Checks the names of an enum's variants in other systems.
pub(super) fn check_variant_names(variants: &[RawVariant], errors: &Errors) {
    let here = variants.iter().map(|variant| (variant.name.value.clone(), "the name of a variant".to_owned()));
    let mut taken = Taken(here.collect());
    for variant in variants {
        taken.take_all(&variant.attributes.also_known_as, &format!("\"{}\"", variant.name.value), errors);
    }
}

/// Checks what makes the spec of an adapter of a field's object.
pub(super) fn check_nested_spec(field: &RawField, spec: &RawNestedSpec, fields: &[&RawField], errors: &Errors) {
    let word = &spec.word;
    if !field.attributes.aliases.is_empty() || field.attributes.env.is_some() {
        errors.on(word, "a field that is a spec is read under one name: drop `alias`, `legacy` and `env`");
    }
    for key in spec.outside.iter().filter(|key| COMMON_KEYS.iter().all(|(common, _)| *common != key.value)) {
        errors.on(&key.tokens, "`outside` lists keys that every adapter has");
    }
    for (other, _) in &spec.when {
        let Some(index) = find(fields, other, errors) else { continue };
        if fields[index].ident == field.ident {
            errors.on(other, format!("`{word}` asks for the values of other fields"));
        } else if fields[index].attributes.secret.is_some() {
            errors.on(other, "a secret decides about no other key: its value would show");
        }
    }
}
