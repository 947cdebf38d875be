//! Enums: names of allowed values, and tagged unions.

use super::{names::check_variant_names, structs::documentation};
use crate::{
    errors::Errors,
    model::{Derive, RawEnum},
};

/// Checks an enum of names, or a tagged union.
pub(crate) fn check_enum(raw: &RawEnum, errors: &Errors) {
    for content in raw.variants.iter().filter_map(|variant| variant.content.as_ref()) {
        if raw.derive == Derive::Choice {
            errors.on(content, "the variants of a choice have no fields: derive `ConfigUnion` for variants with keys");
        }
    }
    if raw.derive == Derive::Union && raw.attributes.tag.is_none() && !raw.attributes.is_damaged {
        errors.on(&raw.ident, "declare the key that selects the variant: #[config(tag = \"...\")]");
    }
    documentation(&raw.ident, raw.attributes.doc.as_ref(), errors);
    if raw.variants.is_empty() {
        errors.on(&raw.ident, "an enum without variants allows no value");
    }
    for (index, variant) in raw.variants.iter().enumerate() {
        let name = &variant.name.value;
        let same = |other: &str| match raw.attributes.ignore_case {
            Some(_) => other.eq_ignore_ascii_case(name),
            None => other == name,
        };
        if let Some(first) = raw.variants[..index].iter().find(|other| same(&other.name.value)) {
            let message = format!("the name \"{name}\" is already the name of `{}`", first.ident);
            errors.on(&variant.name.tokens, message);
        }
    }
    check_variant_names(&raw.variants, errors);
    for variant in &raw.variants {
        documentation(&variant.ident, variant.attributes.doc.as_ref(), errors);
    }
}
