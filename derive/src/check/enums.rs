//! Enums: names of allowed values, and tagged unions.

use syn::ext::IdentExt;

use super::{foreign_names::check_variant_names, names::snake_case, structs::documentation, versions::check_versions};
use crate::{
    errors::Errors,
    model::{CheckedChoice, CheckedUnion, CheckedVariant, Doc, RawEnum, RawVariant},
};

/// Checks an enum of names.
pub(crate) fn check_choice(raw: RawEnum, errors: &Errors) -> Option<CheckedChoice> {
    for variant in &raw.variants {
        if let Some(content) = &variant.content {
            errors.on(content, "the variants of a choice have no fields: derive `ConfigUnion` for variants with keys");
        }
    }
    let ignore_case = raw.attributes.ignore_case.is_some();
    let (doc, variants) = check_parts(&raw, ignore_case, errors);
    Some(CheckedChoice { doc: doc?, ignore_case, variants: variants? })
}

/// Checks a tagged union.
pub(crate) fn check_union(raw: RawEnum, errors: &Errors) -> Option<CheckedUnion> {
    if raw.attributes.tag.is_none() && !raw.attributes.is_damaged {
        errors.on(&raw.ident, "declare the key that selects the variant: #[config(tag = \"...\")]");
    }
    let (doc, variants) = check_parts(&raw, false, errors);
    Some(CheckedUnion { doc: doc?, tag: raw.attributes.tag?.value, variants: variants? })
}

fn check_parts(raw: &RawEnum, ignore_case: bool, errors: &Errors) -> (Option<Doc>, Option<Vec<CheckedVariant>>) {
    let doc = documentation(&raw.ident, raw.attributes.doc.as_ref(), raw.doc.as_ref(), errors);
    if raw.variants.is_empty() {
        errors.on(&raw.ident, "an enum without variants allows no value");
    }
    check_names(&raw.variants, ignore_case, errors);
    let named = raw.variants.iter().map(|variant| (name_of(variant), variant.also_known_as.as_slice()));
    check_variant_names(named, errors);
    let variants: Vec<_> = raw.variants.iter().map(|variant| check_variant(variant, errors)).collect();
    (doc, variants.into_iter().collect())
}

fn name_of(variant: &RawVariant) -> String {
    variant.name.as_ref().map_or_else(|| snake_case(&variant.ident.unraw().to_string()), |name| name.value.clone())
}

fn check_names(variants: &[RawVariant], ignore_case: bool, errors: &Errors) {
    for (index, variant) in variants.iter().enumerate() {
        let name = name_of(variant);
        let same = |other: &&RawVariant| {
            let other = name_of(other);
            if ignore_case { other.eq_ignore_ascii_case(&name) } else { other == name }
        };
        if let Some(first) = variants[..index].iter().find(same) {
            let message = format!("the name \"{name}\" is already the name of `{}`", first.ident);
            match &variant.name {
                Some(name) => errors.on(&name.tokens, message),
                None => errors.on(&variant.ident, message),
            }
        }
    }
}

fn check_variant(variant: &RawVariant, errors: &Errors) -> Option<CheckedVariant> {
    Some(CheckedVariant {
        ident: variant.ident.clone(),
        name: name_of(variant),
        doc: documentation(&variant.ident, None, variant.doc.as_ref(), errors)?,
        also_known_as: variant.also_known_as.clone(),
        content: variant.content.clone(),
        versions: check_versions(&variant.versions, errors),
    })
}
