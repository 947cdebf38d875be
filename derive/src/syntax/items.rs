//! The items of one attribute, whatever they mean: `name`, `name = value`, `name(items)`.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::{
    Expr, Path, Token, Type,
    ext::IdentExt,
    parse::{ParseStream, Parser},
    token,
};

use crate::{
    errors::{Errors, unknown_name},
    model::{Doc, Located, Value, ValueKind},
    syntax::values,
};

/// One item of an attribute.
pub(super) struct Item {
    pub(super) name: Ident,
    pub(super) body: Body,
}

/// What follows an item's name.
pub(super) enum Body {
    Nothing,
    Value(Value),
    Type(Type),
    /// The items in parentheses, and the errors of those that could not be parsed: if the name is unknown, they are not
    /// mistakes of their own.
    Items(Vec<Item>, Vec<syn::Error>),
}

/// Splits an attribute into items. What cannot be read is reported and left out.
pub(super) fn parse(tokens: TokenStream, errors: &Errors) -> Vec<Item> {
    let parser = |input: ParseStream<'_>| Ok(parse_items(input, errors));
    parser.parse2(tokens).unwrap_or_else(|error| {
        errors.add(error);
        Vec::new()
    })
}

fn parse_items(input: ParseStream<'_>, errors: &Errors) -> Vec<Item> {
    let mut items = Vec::new();
    while !input.is_empty() {
        match parse_item(input) {
            Ok(item) if input.is_empty() || input.peek(Token![,]) => items.push(item),
            // What follows may have been meant as a part of the item.
            Ok(_) if input.peek(Token![:]) => errors.add(input.error("write `=` before a value")),
            Ok(_) => errors.add(input.error("expected a comma: items are separated by commas")),
            Err(error) => errors.add(error),
        }
        skip_past_comma(input);
    }
    items
}

fn parse_item(input: ParseStream<'_>) -> syn::Result<Item> {
    let Ok(name) = input.call(Ident::parse_any) else {
        return Err(input.error("expected a name: an item is `name`, `name = value` or `name(...)`"));
    };
    let name = name.unraw();
    if input.peek(token::Paren) {
        let content;
        syn::parenthesized!(content in input);
        let (items, unread) = Errors::of(|errors| parse_items(&content, errors));
        return Ok(Item { name, body: Body::Items(items, unread.errors) });
    }
    if !input.peek(Token![=]) {
        return Ok(Item { name, body: Body::Nothing });
    }
    let equals = input.parse::<Token![=]>()?;
    if input.is_empty() || input.peek(Token![,]) {
        return Err(syn::Error::new_spanned(equals, format!("write a value after `{name} =`")));
    }
    // A type is not an expression: `Vec<String>` would be parsed as a comparison.
    let body = if name == "wire" { Body::Type(input.parse()?) } else { Body::Value(values::parse(input)?) };
    Ok(Item { name, body })
}

fn skip_past_comma(input: ParseStream<'_>) {
    while !input.is_empty() {
        if input.parse::<Token![,]>().is_ok() {
            return;
        }
        // Any token tree can be read where there is one.
        let _ = input.parse::<proc_macro2::TokenTree>();
    }
}

impl Item {
    /// The item as a single word.
    pub(super) fn word(self, errors: &Errors) -> Option<Ident> {
        if let Body::Nothing = self.body {
            return Some(self.name);
        }
        errors.refuse(&self.name, format!("`{0}` takes no value: write only `{0}`", self.name))
    }

    /// The value of the item.
    pub(super) fn value(self, errors: &Errors) -> Option<Value> {
        match self.body {
            Body::Value(value) => Some(value),
            _ => errors.refuse(&self.name, format!("`{0}` needs a value: write `{0} = ...`", self.name)),
        }
    }

    /// The value of the item, a string that is not blank.
    pub(super) fn text(self, errors: &Errors) -> Option<Located<String>> {
        let name = self.name.clone();
        let text = self.characters(errors)?;
        if text.value.trim().is_empty() {
            return errors.refuse(&text.tokens, format!("`{name}` must not be blank"));
        }
        Some(text)
    }

    /// The value of the item, documentation: a string, or an expression that is one.
    pub(super) fn documentation(self, errors: &Errors) -> Option<Located<Doc>> {
        if let Body::Value(Value { value: ValueKind::Constant(expression), tokens }) = &self.body {
            return Some(Located::new(super::expanded(&expression.to_token_stream()), tokens.clone()));
        }
        let name = self.name.to_token_stream();
        // What was wrong with it is reported, and nothing is emitted: that it is missing would be a second error.
        let text = self.text(errors).unwrap_or_else(|| Located::new(String::new(), name));
        Some(Located::new(text.value.into_token_stream(), text.tokens))
    }

    /// The value of the item, a string; blanks mean something in it.
    pub(super) fn characters(self, errors: &Errors) -> Option<Located<String>> {
        let name = self.name.clone();
        let value = self.value(errors)?;
        match value.value {
            ValueKind::String(text) if text.is_empty() => {
                errors.refuse(&value.tokens, format!("`{name}` must not be empty"))
            }
            ValueKind::String(text) => Some(Located::new(text, value.tokens)),
            _ => errors.refuse(&value.tokens, format!("`{name}` must be a string: write `{name} = \"...\"`")),
        }
    }

    /// The value of the item, a path to a function or module.
    pub(super) fn path(self, errors: &Errors) -> Option<Path> {
        let name = self.name.clone();
        let value = self.value(errors)?;
        match value.value {
            ValueKind::Constant(Expr::Path(path)) if path.qself.is_none() => Some(path.path),
            _ => errors.refuse(&value.tokens, format!("`{name}` must be a path: write `{name} = some::path`")),
        }
    }

    /// The value of the item, an identifier.
    pub(super) fn ident(self, errors: &Errors) -> Option<Ident> {
        let name = self.name.clone();
        let path = self.path(errors)?;
        if let Some(ident) = path.get_ident() {
            return Some(ident.clone());
        }
        errors.refuse(&path, format!("`{name}` must be a single name"))
    }

    /// The value of the item, a type.
    pub(super) fn ty(self, errors: &Errors) -> Option<Type> {
        match self.body {
            Body::Type(ty) => Some(ty),
            _ => errors.refuse(&self.name, format!("`{0}` needs a type: write `{0} = String`", self.name)),
        }
    }

    /// The items in the item's parentheses.
    pub(super) fn items(self, errors: &Errors) -> Option<Vec<Item>> {
        match self.body {
            Body::Items(items, unread) if !items.is_empty() || !unread.is_empty() => {
                let is_empty = items.is_empty();
                unread.into_iter().for_each(|error| errors.add(error));
                (!is_empty).then_some(items)
            }
            _ => errors.refuse(&self.name, format!("`{0}` needs items in parentheses: write `{0}(...)`", self.name)),
        }
    }
}

/// Reads the parts of a compound item, `word(part, part)`, each into a variable of its name, an `Option`. A part with an example is
/// required: its absence is reported. The function that uses this returns `None` if a part cannot be read.
macro_rules! read_parts {
    ($item:ident, $errors:ident, { $($part:ident: $read:expr $(, $example:literal)?;)* }) => {
        let (outer, errors_before) = ($item.name.clone(), $errors.count());
        $(let mut $part = None;)*
        for part in $item.items($errors)? {
            let name = part.name.clone();
            match name.to_string().as_str() {
                $(stringify!($part) => {
                    $crate::syntax::items::Slot::fill(&mut $part, $read(part, $errors), &name, $errors);
                })*
                other => {
                    let what = format!("item in `{outer}(...)`:");
                    $errors.on(&name, $crate::errors::unknown_name(&what, other, &[$(stringify!($part)),*]));
                }
            }
        }
        if $errors.count() > errors_before {
            return None;
        }
        $($(let $part = $crate::syntax::items::need($part, &outer, $example, $errors);)?)*
    };
}
pub(super) use read_parts;

/// Declares the items of an attribute, each in one line: its words, the slot that it fills, and the function that reads it. The slot
/// of `_` is for words that are not listed here.
macro_rules! items {
    ($(#[$doc:meta])* $name:ident {
        $($(#[$slot_doc:meta])* $($word:literal)|+ $slot:ident: $content:ty = $read:expr;)*
        $(_ $more:ident: $more_content:ty = $read_more:expr;)?
    }) => {
        $(#[$doc])*
        #[derive(Default)]
        pub(crate) struct $name {
            $($(#[$slot_doc])* pub(crate) $slot: $content,)*
            $(pub(crate) $more: $more_content,)?
            /// Every item's name.
            pub(crate) names: Vec<Ident>,
            /// Whether something could not be parsed, which may have been the missing item.
            pub(crate) is_damaged: bool,
        }

        impl $name {
            const WORDS: &'static [&'static str] = &[$($($word),+),*];

            /// Reads the items among `attributes`, and the doc comment in place of `doc`. Only words in `known` are accepted.
            fn read(attributes: &[syn::Attribute], known: &[&str], errors: &Errors) -> Self {
                let errors_before = errors.count();
                let mut read = Self::default();
                for item in $crate::syntax::config_items(attributes, errors) {
                    let name = item.name.clone();
                    read.names.push(name.clone());
                    match name.to_string().as_str() {
                        other if !known.contains(&other) => {
                            errors.on(&name, $crate::foreign::unknown_attribute("attribute", other, known));
                        }
                        $($($word)|+ => Slot::fill(&mut read.$slot, $read(item, errors), &name, errors),)*
                        _ => { $(Slot::fill(&mut read.$more, $read_more(item, errors), &name, errors))? }
                    }
                }
                read.doc = read.doc.or_else(|| $crate::syntax::doc_comment(attributes));
                read.is_damaged |= errors.count() > errors_before;
                read
            }
        }
    };
}
pub(super) use items;

/// What items fill.
pub(super) trait Slot<T> {
    /// Takes what was read of an item.
    fn fill(&mut self, values: impl IntoIterator<Item = T>, name: &Ident, errors: &Errors);
}

/// A slot that an item may fill once.
impl<T> Slot<T> for Option<T> {
    fn fill(&mut self, values: impl IntoIterator<Item = T>, name: &Ident, errors: &Errors) {
        if self.is_some() {
            errors.on(name, format!("`{name}` is given twice"));
        }
        *self = values.into_iter().next().or(self.take());
    }
}

impl<T> Slot<T> for Vec<T> {
    fn fill(&mut self, values: impl IntoIterator<Item = T>, _: &Ident, _: &Errors) {
        self.extend(values);
    }
}

/// A closed list of values, and the word for each.
pub(super) type Words<T> = (&'static [T], fn(T) -> &'static str);

/// The value of a closed list that a word means.
pub(super) fn meant<T: Copy>(word: &Ident, (values, name): Words<T>) -> Option<T> {
    values.iter().copied().find(|value| word == name(*value))
}

/// [`meant`], and an error for another word.
pub(super) fn named<T: Copy>(word: &Ident, what: &str, (values, name): Words<T>, errors: &Errors) -> Option<T> {
    let value = meant(word, (values, name));
    if value.is_none() {
        let known: Vec<_> = values.iter().map(|value| name(*value)).collect();
        errors.on(word, unknown_name(what, &word.to_string(), &known));
    }
    value
}

/// The part of a compound item that must be there.
pub(super) fn need<T>(part: Option<T>, of: &Ident, example: &str, errors: &Errors) -> Option<T> {
    if part.is_none() {
        errors.on(of, format!("`{of}` needs `{example}`"));
    }
    part
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn a_type_may_contain_commas() {
        let (items, gathered) = Errors::of(|errors| parse(quote!(wire = BTreeMap<String, u8>, required), errors));
        assert!(matches!(items[0].body, Body::Type(_)) && items.len() == 2 && gathered.errors.is_empty());
    }

    #[test]
    fn errors_in_parentheses_are_those_of_the_item() {
        let (mut items, gathered) = Errors::of(|errors| parse(quote!(each(min =), range(1..5), required), errors));
        assert!(gathered.errors.is_empty(), "items are read when they are asked for");
        let (each, gathered) = Errors::of(|errors| items.remove(0).items(errors));
        assert!(each.is_none() && gathered.errors.len() == 1);
    }
}
