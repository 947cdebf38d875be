//! Each derive from tokens to tokens, as a plain function that tests can call.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::DeriveInput;

use crate::{
    check::{check_enum, check_struct},
    emit::{emit_adapter, emit_alone, emit_assertions, emit_choice, emit_section, emit_union, enclosed},
    errors::{Errors, Gathered},
    model::Derive,
    stub::stub,
    syntax::{crate_path, parse_enum, parse_struct},
};

/// Runs the stages; if there are errors, returns all of them and a stub.
pub(crate) fn run(derive: Derive, input: TokenStream) -> TokenStream {
    let named = |input: DeriveInput| {
        let mut found = false;
        let tokens = with_name(input.to_token_stream(), &input.ident, &mut found);
        if found { syn::parse2(tokens) } else { Ok(input) }
    };
    let input: DeriveInput = match syn::parse2(input).and_then(named) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let (output, Gathered { errors, assertions }) = Errors::of(|errors| stages(derive, &input, errors));
    let enclosed = |items| enclosed(items, crate_path(&input.attrs).as_ref());
    if errors.is_empty() {
        let Some(output) = output else {
            return syn::Error::new(input.ident.span(), "internal error in this derive: please report it")
                .to_compile_error();
        };
        return enclosed([emit_assertions(&assertions), output].into_iter().collect());
    }
    let mut items = stub(&input, derive);
    // Valid fields are checked all the same, so that their mistakes come in the same build. A constant knows no generic parameter.
    if input.generics.params.is_empty() {
        items.extend(emit_alone(&assertions));
    }
    errors.iter().map(syn::Error::to_compile_error).chain([enclosed(items)]).collect()
}

fn stages(derive: Derive, input: &DeriveInput, errors: &Errors) -> Option<TokenStream> {
    if !input.generics.params.is_empty() {
        let message = format!("`{derive}` cannot be derived for a generic type: its table has concrete types");
        errors.on(&input.generics.params, message);
    }
    if let Derive::Adapter | Derive::Section = derive {
        let raw = parse_struct(input, derive, errors)?;
        let checked = check_struct(&raw, errors)?;
        return Some(if derive == Derive::Adapter {
            emit_adapter(input, &checked)
        } else {
            emit_section(input, &checked)
        });
    }
    let raw = parse_enum(input, derive, errors)?;
    check_enum(&raw, errors);
    Some(if derive == Derive::Choice { emit_choice(input, &raw) } else { emit_union(input, &raw) })
}

/// Tokens with `Self` replaced by the name of the item, if it is found: statics and constants of the output have no `Self`.
fn with_name(tokens: TokenStream, name: &Ident, found: &mut bool) -> TokenStream {
    let replaced = tokens.into_iter().map(|token| match token {
        TokenTree::Group(group) => {
            let mut named = Group::new(group.delimiter(), with_name(group.stream(), name, found));
            named.set_span(group.span());
            TokenTree::Group(named)
        }
        TokenTree::Ident(ident) if ident == "Self" => {
            *found = true;
            let mut name = name.clone();
            name.set_span(ident.span());
            TokenTree::Ident(name)
        }
        other => other,
    });
    replaced.collect()
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn invalid_input_still_gets_stub_impls() {
        for (derive, input, owed) in [
            (Derive::Adapter, "struct A {}", "L2AdapterConfig for A"),
            (Derive::Section, "struct A {}", "Section for A"),
            (Derive::Choice, "enum A {}", "ConfigValue for A"),
            (Derive::Union, "enum A {}", "ConfigValue for A"),
        ] {
            let output = run(derive, input.parse().expect("tokens")).to_string();
            assert!(output.contains("compile_error") && output.contains(owed), "{output}");
        }
    }

    #[test]
    fn a_field_without_attributes_emits_few_tokens() {
        // The compile time of a struct depends on what is emitted for each field. The bound is today's number, rounded up.
        const FIELD_WORDS_MAX: usize = 70;
        let words = |fields: &[&str]| {
            let fields = fields.iter().map(|field| {
                let field = quote::format_ident!("{field}");
                quote!(#[doc = "A limit."] #[config(required)] #field: u16,)
            });
            let output = run(Derive::Section, quote!(#[doc = "Limits."] struct Limits { #(#fields)* })).to_string();
            assert!(!output.contains("compile_error"), "{output}");
            output.split_whitespace().count()
        };
        let added = words(&["a", "b", "c"]) - words(&["a", "b"]);
        assert!(added <= FIELD_WORDS_MAX, "{added} words");
    }
}
