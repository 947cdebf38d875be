//! Names in other systems: each has one meaning, and none is a name here.

use std::collections::HashMap;

use l2_adapter_rules::{COMMON_KEYS, same_name};

use super::references::{find, unknown_field};
use crate::{
    errors::Errors,
    model::{Derive, ForeignNames, Located, NestedSpec, RawField, RawNestedSpec, StructAttributes},
};

/// Names that are taken, each with what it is.
#[derive(Default)]
struct Taken {
    here: Vec<(String, String)>,
    elsewhere: HashMap<String, String>,
}

impl Taken {
    /// Takes a name that other systems have for `meaning`; reports one that is taken.
    fn take(&mut self, name: &Located<String>, meaning: &str, errors: &Errors) {
        if let Some((_, what)) = self.here.iter().find(|(here, _)| same_name(here, &name.value)) {
            errors.on(&name.tokens, format!("`{}` is {what} already: leave it out here", name.value));
        } else if let Some((_, first)) = self.elsewhere.iter().find(|(known, _)| same_name(known, &name.value)) {
            errors.on(&name.tokens, format!("`{}` is said twice: it means {first} already", name.value));
        } else {
            self.elsewhere.insert(name.value.clone(), meaning.to_owned());
        }
    }

    fn take_all(&mut self, all: &[ForeignNames], meaning: &str, errors: &Errors) {
        all.iter().flat_map(|names| &names.names).for_each(|name| self.take(name, meaning, errors));
    }
}

/// Checks the names in a struct: those of its keys, of its type, of undeclared keys and of other configs.
pub(super) fn check_names(
    fields: &[RawField],
    rest: Option<&RawField>,
    attributes: &StructAttributes,
    derive: Derive,
    errors: &Errors,
) {
    let mut keys = Taken { here: declared_keys(fields, attributes, derive), ..Taken::default() };
    for field in fields {
        keys.take_all(&field.attributes.also_known_as, &format!("`{}`", field.key()), errors);
    }
    for known in fields.iter().flat_map(|field| &field.attributes.known) {
        errors.on(&known.key.tokens, "`known` lists undeclared keys: write it where `rest` is");
    }
    let known = || rest.iter().flat_map(|field| &field.attributes.known);
    let mut undeclared = Taken { here: keys.here.clone(), ..Taken::default() };
    known().for_each(|known| undeclared.take(&known.key, "an undeclared key", errors));
    known().for_each(|known| undeclared.take_all(&known.also_known_as, &format!("`{}`", known.key.value), errors));
    let mut others = Taken { here: keys.here, ..Taken::default() };
    for other in &attributes.mistaken_for {
        other.keys.iter().for_each(|key| others.take(key, &other.what.value, errors));
    }
    let name = attributes.type_name.as_ref().map(|name| (name.value.clone(), "the name of this type".to_owned()));
    let mut types = Taken { here: name.into_iter().collect(), ..Taken::default() };
    types.take_all(&attributes.also_known_as, "this type", errors);
    if let (Derive::Section, Some(first)) = (derive, attributes.also_known_as.first().and_then(|all| all.names.first()))
    {
        errors.on(&first.tokens, "`also_known_as` on a struct is for adapter configs: a nested section has no type");
    }
}

fn declared_keys(fields: &[RawField], attributes: &StructAttributes, derive: Derive) -> Vec<(String, String)> {
    let mut keys = Vec::new();
    for field in fields {
        keys.push((field.key(), format!("the key of `{}`", field.ident)));
        let aliases = field.attributes.aliases.iter();
        keys.extend(aliases.map(|alias| (alias.key.value.clone(), format!("another name of `{}`", field.ident))));
    }
    keys.extend(attributes.forbidden.iter().map(|key| (key.key.value.clone(), "a forbidden key".to_owned())));
    if derive == Derive::Adapter {
        let common = COMMON_KEYS.iter().map(|(key, _)| *key).chain(["type"]);
        keys.extend(common.map(|key| (key.to_owned(), "a key that every adapter has".to_owned())));
    }
    keys
}

/// Checks the names of an enum's variants.
pub(super) fn check_variant_names<'a>(
    variants: impl Iterator<Item = (String, &'a [ForeignNames])> + Clone,
    errors: &Errors,
) {
    let here = variants.clone().map(|(name, _)| (name, "the name of a variant".to_owned())).collect();
    let mut taken = Taken { here, ..Taken::default() };
    for (name, foreign) in variants {
        taken.take_all(foreign, &format!("\"{name}\""), errors);
    }
}

/// Checks what makes the spec of an adapter of a field's object.
pub(super) fn check_nested_spec(field: &RawField, fields: &[RawField], errors: &Errors) -> Option<NestedSpec> {
    let RawNestedSpec { word, config, when, outside } = field.attributes.spec_of.as_ref()?;
    if !field.attributes.aliases.is_empty() || field.attributes.env.is_some() {
        errors.on(&word, "a field that is a spec is read under one name: drop `alias`, `legacy` and `env`");
    }
    for key in outside.iter().filter(|key| COMMON_KEYS.iter().all(|(common, _)| *common != key.value)) {
        errors.on(&key.tokens, "`outside` lists keys that every adapter has");
    }
    let mut conditions = Vec::new();
    for (other, values) in when {
        match find(fields, other).map(|index| &fields[index]) {
            None => errors.on(&other, unknown_field(other, fields.iter().map(|field| &field.ident))),
            Some(other_field) if other_field.ident == field.ident => {
                errors.on(&other, format!("`{word}` asks for the values of other fields"));
            }
            Some(other_field) if other_field.attributes.secret.is_some() => {
                errors.on(&other, "a secret decides about no other key: its value would show");
            }
            Some(other_field) => {
                conditions.push((other_field.key(), values.iter().map(|value| value.value.clone()).collect()));
            }
        }
    }
    Some(NestedSpec {
        config: config.clone(),
        when: conditions,
        outside: outside.iter().map(|key| key.value.clone()).collect(),
    })
}
