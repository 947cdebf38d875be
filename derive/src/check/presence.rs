//! The meaning of an absent key, which must be declared in exactly one way.

use proc_macro2::Ident;
use quote::ToTokens;

use super::{
    fields::Literals,
    references::{find, unknown_field},
};
use crate::{
    errors::Errors,
    model::{Assertion, AssertionKind, Literal, Presence, Purpose, RawField, Shape},
    syntax::option_content,
};

/// Checks the attributes that decide what an absent key means.
pub(super) fn check_presence(field: &RawField, fields: &[RawField], literals: &mut Literals<'_>) -> Option<Presence> {
    let (shape, errors) = (&literals.value.shape, literals.errors);
    check_only_one(field, errors);
    let attributes = &field.attributes;
    let optional = matches!(shape, Shape::Optional(_));
    if let (Some(words), None, false) = (&attributes.default_doc, &attributes.default_with, attributes.is_damaged) {
        let message = match attributes.required {
            Some(_) => "`default_doc` is for a computed default: a required key has none",
            None => "`default_doc` is for a computed default: add default_with = function, or drop it",
        };
        errors.on(&words.tokens, message);
    }
    if let Some(word) = &attributes.required {
        if optional {
            let message =
                "drop `required`, or the `Option`: a required key with an optional value is usually a mistake";
            errors.on(&word, message);
        }
        if let Some(reason) = &attributes.deprecated {
            errors.on(&reason.tokens, "drop `required` or `deprecated`: every document would be warned of");
        }
        return Some(Presence::Required);
    }
    if let Some(word) = &attributes.own_defaults {
        if shape.is_known() {
            let message =
                "`default` alone is for a section, whose keys have defaults of their own: write `default = ...`";
            return errors.refuse(&word, message);
        }
        let ty = &literals.value.ty;
        let kind = AssertionKind::Defaults { ty: option_content(ty).unwrap_or_else(|| ty.clone()) };
        literals.assertions.push(Assertion { tokens: word.to_token_stream(), kind });
        return Some(Presence::Default(Literal::Object(&[])));
    }
    if let Some(default) = &attributes.default {
        return literals.check(default, Purpose::Default).map(Presence::Default);
    }
    if let Some(source) = &attributes.default_from {
        return default_from(field, source, fields, errors);
    }
    if let Some(computed) = computed(field, errors) {
        return computed;
    }
    if optional {
        return Some(Presence::Optional);
    }
    if attributes.is_damaged {
        return None;
    }
    let name = &field.ident;
    let message =
        format!("say whether `{name}` is required: #[config(required)], #[config(default = ...)] or make it an Option");
    errors.refuse(&name, message)
}

fn check_only_one(field: &RawField, errors: &Errors) {
    const WAYS: [&str; 4] = ["required", "default", "default_from", "default_with"];
    let mut given = field.attributes.names.iter().filter(|name| WAYS.contains(&name.to_string().as_str()));
    let Some(first) = given.next() else { return };
    for other in given.filter(|other| *other != first) {
        errors.on(&other, format!("drop `{first}` or `{other}`: they contradict each other about an absent key"));
    }
}

fn default_from(field: &RawField, source: &Ident, fields: &[RawField], errors: &Errors) -> Option<Presence> {
    let own = find(fields, &field.ident)?;
    match find(fields, source) {
        None => errors.refuse(&source, unknown_field(source, fields.iter().map(|field| &field.ident))),
        Some(index) if index >= own => errors
            .refuse(&source, format!("`{source}` must be declared above `{}`: fields are read in order", field.ident)),
        Some(index) => {
            if field.attributes.parse_with.is_some() {
                errors.on(&source, "`default_from` cannot be used with `parse_with`: use `default` or `default_with`");
            }
            Some(Presence::DefaultFrom { index, word: source.clone() })
        }
    }
}

/// `None` if no computed default is written, `Some(None)` if half of one is.
fn computed(field: &RawField, errors: &Errors) -> Option<Option<Presence>> {
    match (&field.attributes.default_with, &field.attributes.default_doc) {
        (Some(function), Some(words)) => {
            Some(Some(Presence::Computed { function: function.clone(), words: words.value.clone() }))
        }
        (Some(_), None) | (None, Some(_)) if field.attributes.is_damaged => Some(None),
        (Some(function), None) => {
            errors.on(function, "describe the computed value: add default_doc = \"...\"");
            Some(None)
        }
        // Reported already.
        (None, Some(_)) => Some(None),
        (None, None) => None,
    }
}
