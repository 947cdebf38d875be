//! The meaning of an absent key, which must be declared in exactly one way, and the versions of the peer that lack a key, a value or
//! a rule.

use proc_macro2::Ident;

use super::references::find;
use crate::{
    errors::Errors,
    model::{AssertionKind, FieldValue, Literal, Located, Presence, Purpose, RawField, Shape, ValueKind},
    syntax::option_content,
};

/// Checks the attributes that decide what an absent key means.
pub(super) fn check_presence<'a>(
    field: &'a RawField,
    fields: &[&RawField],
    value: &FieldValue,
    errors: &Errors,
) -> Option<Presence<'a>> {
    let FieldValue { ty, shape, .. } = value;
    check_only_one(field, errors);
    let attributes = &field.attributes;
    let optional = matches!(shape, Shape::Optional(_));
    if let (Some(words), None, false) = (&attributes.default_doc, &attributes.default_with, attributes.is_damaged) {
        errors.on(&words.tokens, "`default_doc` is for a computed default: add default_with = function, or drop it");
    }
    if let Some(word) = &attributes.required {
        if optional {
            let message =
                "drop `required`, or the `Option`: a required key with an optional value is usually a mistake";
            errors.on(word, message);
        }
        if let Some(reason) = &attributes.deprecated {
            errors.on(&reason.tokens, "drop `required` or `deprecated`: every document would be warned of");
        }
        return Some(Presence::Required);
    }
    if let Some(Located { value: ValueKind::Nothing, tokens: word }) = &attributes.default {
        if shape.is_known() {
            let message =
                "`default` alone is for a section, whose keys have defaults of their own: write `default = ...`";
            return errors.refuse(word, message);
        }
        let ty = option_content(ty).unwrap_or_else(|| ty.clone());
        errors.assert(word, &ty, &[], AssertionKind::Defaults);
        return Some(Presence::Default(Literal::Object(&[])));
    }
    if let Some(default) = &attributes.default {
        return value.literal(default, Purpose::Default, &field.versions, errors).map(Presence::Default);
    }
    if let Some(source) = &attributes.default_from {
        return default_from(field, source, fields, errors);
    }
    match (&attributes.default_with, &attributes.default_doc) {
        (Some(function), Some(words)) => return Some(Presence::Computed { function, words }),
        (Some(function), None) if !attributes.is_damaged => {
            return errors.refuse(function, "describe the computed value: add default_doc = \"...\"");
        }
        (None, None) if optional => return Some(Presence::Optional),
        (None, None) if !attributes.is_damaged => {}
        // Reported already.
        _ => return None,
    }
    let name = &field.ident;
    errors.refuse(
        name,
        format!("say whether `{name}` is required: #[config(required)], #[config(default = ...)] or make it an Option"),
    )
}

fn check_only_one(field: &RawField, errors: &Errors) {
    const WAYS: [&str; 4] = ["required", "default", "default_from", "default_with"];
    let mut given = field.attributes.names.iter().filter(|name| WAYS.contains(&name.to_string().as_str()));
    let Some(first) = given.next() else { return };
    for other in given.filter(|other| *other != first) {
        errors.on(other, format!("drop `{first}` or `{other}`: they contradict each other about an absent key"));
    }
}

fn default_from<'a>(
    field: &RawField,
    source: &'a Ident,
    fields: &[&RawField],
    errors: &Errors,
) -> Option<Presence<'a>> {
    let index = find(fields, source, errors)?;
    if fields[..=index].iter().any(|above| above.ident == field.ident) {
        let message = format!("`{source}` must be declared above `{}`: fields are read in order", field.ident);
        return errors.refuse(source, message);
    }
    if field.attributes.parse_with.is_some() {
        errors.on(source, "`default_from` cannot be used with `parse_with`: use `default` or `default_with`");
    }
    Some(Presence::DefaultFrom(source))
}

/// Checks the versions of a key. A version that lacks it must be able to do without: its value is then that of an absent key, and a
/// config that is written out must be able to leave it out.
pub(super) fn check_key_versions(field: &RawField, shape: &Shape, errors: &Errors) {
    let attributes = &field.attributes;
    let optional =
        matches!(shape, Shape::Optional(_)) && attributes.default_with.is_none() && attributes.default_from.is_none();
    if let Some(end) = field.versions.since.as_ref().or(field.versions.until.as_ref())
        && !attributes.is_damaged
        && !optional
        && attributes.default.as_ref().is_none_or(|default| matches!(default.value, ValueKind::Nothing))
    {
        errors.on(
            &end.tokens,
            "a key that some versions lack is an `Option` or has `default = ...`: there it is absent, and left out where a \
             config is written",
        );
    }
}
