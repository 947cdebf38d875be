//! Tokens to the raw model. Nothing outside this folder reads tokens; nothing in here decides whether what was written makes
//! sense, only whether it is a word of the language. No function returns `Result`: each reports what it cannot read and goes
//! on, so that all of it is reported.
//!
//! ```text
//! structs, enums        items and their attributes
//! fields                fields and their attributes
//! rules, shape          rules in attributes; types by their tokens
//! items                 the items of one attribute
//! foreign_names         names of other systems, and the other attributes about them
//! values                literals, lists, objects and constant expressions
//! ```

mod enums;
mod fields;
mod foreign_names;
mod items;
mod rules;
mod shape;
mod structs;
mod values;

pub(crate) use enums::{EnumAttributes, VariantAttributes, parse_enum};
pub(crate) use fields::FieldAttributes;
pub(crate) use shape::{hides, last_segment, map_value, option_content, path_of, shape_of, standard_name};
pub(crate) use structs::{StructAttributes, parse_struct};

use l2_adapter_rules::Versions;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{Attribute, Expr, ExprLit, Lit, Meta, Path, spanned::Spanned};

use crate::{
    errors::Errors,
    model::{Doc, Located, RawVersions},
    syntax::items::Item,
};

/// The path of the crate, if an attribute gives a valid one. An invalid one is reported where the attributes are parsed.
pub(crate) fn crate_path(attributes: &[Attribute]) -> Option<Path> {
    let read =
        |errors: &Errors| config_items(attributes, errors).into_iter().find(|item| item.name == "crate")?.path(errors);
    Errors::of(read).0
}

/// The items of all `#[config(...)]` among `attributes`.
fn config_items(attributes: &[Attribute], errors: &Errors) -> Vec<Item> {
    let mut items = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("config")) {
        match &attribute.meta {
            Meta::List(list) => items.extend(items::parse(list.tokens.clone(), errors)),
            other => errors.on(other, "write the attribute with parentheses: #[config(...)]"),
        }
    }
    items
}

/// Reports `#[doc(hidden)]` on what every reader sees.
fn refuse_hidden(attributes: &[Attribute], errors: &Errors) {
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("doc")) {
        let Meta::List(list) = &attribute.meta else { continue };
        if list.tokens.to_string() == "hidden" {
            errors.on(list, "drop `doc(hidden)`: help, schema and reference show every key and every name");
        }
    }
}

/// The doc comment among `attributes`; `None` if there is none or it is blank.
fn doc_comment(attributes: &[Attribute]) -> Option<Located<Doc>> {
    let docs = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => Some(&pair.value),
        _ => None,
    });
    let tokens = docs.clone().map(ToTokens::to_token_stream).collect();
    let texts = docs.map(|doc| match doc {
        // `/// text` arrives as " text"; the line of a block comment may hold several.
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => {
            let text = text.value();
            let lines: Vec<_> = text.lines().map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end()).collect();
            Ok(lines.join("\n"))
        }
        macro_call => Err(macro_call.to_token_stream()),
    });
    if let Ok(lines) = texts.clone().collect::<Result<Vec<_>, _>>() {
        let doc = lines.join("\n").trim().to_owned();
        return (!doc.is_empty()).then(|| Located::new(doc.into_token_stream(), tokens));
    }
    let parts = texts.map(|text| text.map_or_else(|call| call, ToTokens::into_token_stream));
    let text = quote_spanned! {Span::mixed_site()=> ::core::concat!(#(#parts, "\n"),*) };
    Some(Located::new(expanded(&text), tokens))
}

/// The versions between two ends. None if they make no sense, which is reported.
fn versions(since: Option<Located<String>>, until: Option<Located<String>>, errors: &Errors) -> RawVersions {
    let text = |end: &Option<Located<String>>| end.as_ref().map(|end| &*end.value.clone().leak());
    // Each end by itself, then both: what is wrong is reported where it is written.
    let ranges = [(&since, text(&since), None), (&until, text(&until), None), (&until, text(&since), text(&until))];
    let refused = |(end, since, until): (&'_ Option<Located<String>>, _, _)| {
        Some((end.as_ref()?.tokens.clone(), Versions::between(since, until).err()?))
    };
    let Some((tokens, why)) = ranges.into_iter().find_map(refused) else { return RawVersions { since, until } };
    errors.on(tokens, why);
    RawVersions::default()
}

/// The documentation that an expression expands to.
fn expanded(text: &TokenStream) -> Doc {
    let at_text = text.span().resolved_at(Span::mixed_site());
    quote_spanned! {at_text=>
        const {
            let text = ::core::primitive::str::trim_ascii(#text);
            ::core::assert!(!text.is_empty(), "the documentation is blank");
            text
        }
    }
}
