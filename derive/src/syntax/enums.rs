//! Enums, their variants and attributes.

use quote::ToTokens;
use syn::{Data, DeriveInput, Fields, Type, Variant, ext::IdentExt};

use super::{config_items, doc_comment, foreign_names::foreign_names, items::set, refuse_hidden};
use crate::{
    errors::Errors,
    foreign::unknown_attribute,
    model::{Derive, EnumAttributes, Located, RawEnum, RawVariant, RawVersions},
};

/// Reads an enum.
pub(crate) fn parse_enum(input: &DeriveInput, derive: Derive, errors: &Errors) -> Option<RawEnum> {
    let variants = match &input.data {
        Data::Enum(data) => &data.variants,
        _ => {
            let message = format!("`{derive}` can be derived for enums only; for structs there is `ConfigSection`");
            return errors.refuse(&input.ident, message);
        }
    };
    if !input.generics.params.is_empty() {
        errors.on(&input.generics.params, format!("`{derive}` cannot be derived for a generic enum"));
    }
    let mut attributes = attributes(input, derive, errors);
    Some(RawEnum {
        derive,
        ident: input.ident.clone(),
        doc: attributes.doc.take().or_else(|| doc_comment(&input.attrs)),
        attributes,
        variants: variants.iter().map(|variant| parse_variant(variant, errors)).collect(),
    })
}

fn attributes(input: &DeriveInput, derive: Derive, errors: &Errors) -> EnumAttributes {
    let known = [if derive == Derive::Choice { "ignore_case" } else { "tag" }, "crate", "doc"];
    let errors_before = errors.count();
    let mut attributes = EnumAttributes::default();
    for item in config_items(&input.attrs, errors) {
        let name = item.name.clone();
        match name.to_string().as_str() {
            other if !known.contains(&other) => errors.on(&name, unknown_attribute("attribute", other, &known)),
            "ignore_case" => set(&mut attributes.ignore_case, item.word(errors), &name, errors),
            "tag" => set(&mut attributes.tag, item.text(errors), &name, errors),
            "crate" => set(&mut attributes.crate_path, item.path(errors), &name, errors),
            _ => set(&mut attributes.doc, item.documentation(errors), &name, errors),
        }
    }
    attributes.is_damaged = errors.count() > errors_before;
    attributes
}

fn parse_variant(variant: &Variant, errors: &Errors) -> RawVariant {
    refuse_hidden(&variant.attrs, errors);
    let (mut json_name, mut doc, mut also_known_as) = (None, None, Vec::new());
    let mut versions = RawVersions::default();
    for item in config_items(&variant.attrs, errors) {
        let name = item.name.clone();
        match name.to_string().as_str() {
            "name" => set(&mut json_name, item.text(errors), &name, errors),
            "doc" => set(&mut doc, item.documentation(errors), &name, errors),
            "since" => set(&mut versions.since, item.text(errors), &name, errors),
            "until" => set(&mut versions.until, item.text(errors), &name, errors),
            "also_known_as" => also_known_as.extend(foreign_names(item, errors)),
            "rename" | "alias" => {
                let message = format!("unknown attribute `{name}`: `name = \"...\"` names the variant, by one name");
                errors.on(&name, message);
            }
            other => {
                let known = ["name", "also_known_as", "doc", "since", "until"];
                errors.on(&name, unknown_attribute("attribute", other, &known));
            }
        }
    }
    let own_name = || Located::new(snake_case(&variant.ident.unraw().to_string()), variant.ident.to_token_stream());
    RawVariant {
        ident: variant.ident.clone(),
        doc: doc.or_else(|| doc_comment(&variant.attrs)),
        name: json_name.unwrap_or_else(own_name),
        versions,
        also_known_as,
        content: content(variant, errors),
    }
}

fn content(variant: &Variant, errors: &Errors) -> Option<Type> {
    match &variant.fields {
        Fields::Unit => None,
        Fields::Unnamed(fields) if fields.unnamed.len() == 1 => fields.unnamed.first().map(|field| field.ty.clone()),
        other => {
            let message = "a variant holds nothing or one value in parentheses: move these fields into a struct that \
                           derives `ConfigSection`";
            errors.refuse(other, message)
        }
    }
}

/// A name in CamelCase as snake_case: `MockMemory` is `mock_memory`, `HTTPServer` is `http_server`.
fn snake_case(name: &str) -> String {
    let characters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (index, &character) in characters.iter().enumerate() {
        let after_word = index > 0 && !characters[index - 1].is_uppercase() && characters[index - 1] != '_';
        let before_word = index > 0
            && characters[index - 1].is_uppercase()
            && characters.get(index + 1).is_some_and(|next| next.is_lowercase());
        if character.is_uppercase() && (after_word || before_word) {
            snake.push('_');
        }
        snake.extend(character.to_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::snake_case;

    #[test]
    fn words_and_acronyms_are_separated() {
        let names = ["Sender", "MockMemory", "HTTPServer", "Utf8", "LRU", "A", "S3Express"];
        let expected = ["sender", "mock_memory", "http_server", "utf8", "lru", "a", "s3_express"];
        assert_eq!(names.map(snake_case), expected);
    }
}
