//! Enums, their variants and attributes.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Data, DeriveInput, Fields, Path, Type, Variant, ext::IdentExt};

use super::{
    foreign_names::foreign_names,
    items::{Item, Slot, items},
    refuse_hidden, versions,
};
use crate::{
    errors::Errors,
    model::{Derive, Doc, ForeignNames, Located, RawEnum, RawVariant},
};

items! {
    /// The items of an enum's `#[config(...)]`.
    EnumAttributes {
        "ignore_case" ignore_case: Option<Ident> = Item::word;
        "tag" tag: Option<Located<String>> = Item::text;
        "crate" crate_path: Option<Path> = Item::path;
        "doc" doc: Option<Located<Doc>> = Item::documentation;
    }
}

items! {
    /// The items of a variant's `#[config(...)]`.
    VariantAttributes {
        "name" name: Option<Located<String>> = Item::text;
        "also_known_as" also_known_as: Vec<ForeignNames> = foreign_names;
        "doc" doc: Option<Located<Doc>> = Item::documentation;
        "since" since: Option<Located<String>> = Item::text;
        "until" until: Option<Located<String>> = Item::text;
    }
}

/// Reads an enum.
pub(crate) fn parse_enum(input: &DeriveInput, derive: Derive, errors: &Errors) -> Option<RawEnum> {
    let variants = match &input.data {
        Data::Enum(data) => &data.variants,
        _ => {
            let message = format!("`{derive}` can be derived for enums only; for structs there is `ConfigSection`");
            return errors.refuse(&input.ident, message);
        }
    };
    let other = if derive == Derive::Choice { "tag" } else { "ignore_case" };
    let known: Vec<_> = EnumAttributes::WORDS.iter().copied().filter(|word| *word != other).collect();
    Some(RawEnum {
        derive,
        ident: input.ident.clone(),
        attributes: EnumAttributes::read(&input.attrs, &known, errors),
        variants: variants.iter().map(|variant| parse_variant(variant, errors)).collect(),
    })
}

fn parse_variant(variant: &Variant, errors: &Errors) -> RawVariant {
    refuse_hidden(&variant.attrs, errors);
    let mut attributes = VariantAttributes::read(&variant.attrs, VariantAttributes::WORDS, errors);
    let own_name = || Located::new(snake_case(&variant.ident.unraw().to_string()), variant.ident.to_token_stream());
    RawVariant {
        ident: variant.ident.clone(),
        name: attributes.name.take().unwrap_or_else(own_name),
        versions: versions(attributes.since.take(), attributes.until.take(), errors),
        attributes,
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
