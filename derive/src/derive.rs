//! Each derive from tokens to tokens, as plain functions that tests can call.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::DeriveInput;

use crate::{
    check::{check_choice, check_struct, check_union},
    emit::{emit_adapter, emit_alone, emit_assertions, emit_choice, emit_section, emit_union, enclosed},
    errors::Errors,
    model::Derive,
    stub::stub,
    syntax::{crate_path, parse_enum, parse_struct},
};

pub(crate) fn adapter(input: TokenStream) -> TokenStream {
    run(input, Derive::Adapter, |input, errors| {
        let raw = parse_struct(input, Derive::Adapter.name(), errors)?;
        check_struct(&raw, Derive::Adapter, errors).map(|checked| emit_adapter(input, &checked))
    })
}

pub(crate) fn section(input: TokenStream) -> TokenStream {
    run(input, Derive::Section, |input, errors| {
        let raw = parse_struct(input, Derive::Section.name(), errors)?;
        check_struct(&raw, Derive::Section, errors).map(|checked| emit_section(input, &checked))
    })
}

pub(crate) fn choice(input: TokenStream) -> TokenStream {
    run(input, Derive::Choice, |input, errors| {
        let raw = parse_enum(input, Derive::Choice.name(), &["ignore_case", "crate", "doc"], errors)?;
        check_choice(&raw, errors);
        Some(emit_choice(input, &raw))
    })
}

pub(crate) fn union(input: TokenStream) -> TokenStream {
    run(input, Derive::Union, |input, errors| {
        let raw = parse_enum(input, Derive::Union.name(), &["tag", "crate", "doc"], errors)?;
        check_union(&raw, errors);
        Some(emit_union(input, &raw))
    })
}

/// Runs the stages; if there are errors, returns all of them and a stub.
fn run(
    input: TokenStream,
    derive: Derive,
    stages: impl FnOnce(&DeriveInput, &Errors) -> Option<TokenStream>,
) -> TokenStream {
    let named = |input: DeriveInput| match names_itself(input.to_token_stream()) {
        true => syn::parse2(with_name(input.to_token_stream(), &input.ident)),
        false => Ok(input),
    };
    let input: DeriveInput = match syn::parse2(input).and_then(named) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let errors = Errors::new();
    let output = stages(&input, &errors);
    let assertions = errors.take_assertions();
    let enclosed = |items| enclosed(items, crate_path(&input.attrs).as_ref());
    match (errors.finish(), output) {
        (Ok(()), Some(output)) => enclosed([emit_assertions(&assertions), output].into_iter().collect()),
        (Ok(()), None) => {
            let error = syn::Error::new(input.ident.span(), "internal error in this derive: please report it");
            error.to_compile_error()
        }
        (Err(errors), _) => {
            let mut items = stub(&input, derive);
            // Valid fields are checked all the same, so that their mistakes come in the same build. A constant knows no generic
            // parameter.
            if input.generics.params.is_empty() {
                items.extend(emit_alone(&assertions));
            }
            [errors, enclosed(items)].into_iter().collect()
        }
    }
}

/// Whether `Self` occurs in tokens.
fn names_itself(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => names_itself(group.stream()),
        TokenTree::Ident(ident) => ident == "Self",
        _ => false,
    })
}

/// Tokens with `Self` replaced by the name of the item: statics and constants of the output have no `Self`.
fn with_name(tokens: TokenStream, name: &Ident) -> TokenStream {
    tokens
        .into_iter()
        .map(|token| match token {
            TokenTree::Group(group) => {
                let mut named = Group::new(group.delimiter(), with_name(group.stream(), name));
                named.set_span(group.span());
                TokenTree::Group(named)
            }
            TokenTree::Ident(ident) if ident == "Self" => {
                let mut name = name.clone();
                name.set_span(ident.span());
                TokenTree::Ident(name)
            }
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    /// The messages in a derive's output.
    fn messages(output: &TokenStream) -> usize {
        output.to_string().matches("compile_error").count()
    }

    /// No stage, and no fault of a field, hides what a later one finds.
    #[test]
    fn every_fault_of_every_field_is_shown() {
        let output = section(quote! {
            /// Limits.
            #[config(colour = "red")]
            struct Limits {
                #[config(requird, min = 5, max = 4)]
                first: u16,
                /// Second.
                #[config(default = "many", not_blank)]
                second: u64,
                /// Third.
                third: u16,
            }
        });
        let shown = output.to_string();
        for part in ["`colour`", "`requird`", "document `first`", "no number", "the default", "`not_blank`", "`third`"]
        {
            assert!(shown.contains(part), "{part}: {shown}");
        }
        assert_eq!(messages(&output), 7, "{shown}");
    }

    #[test]
    fn invalid_input_still_gets_stub_impls() {
        let derives: [(fn(TokenStream) -> TokenStream, &str, &str); 4] = [
            (adapter, "struct A {}", "L2AdapterConfig for A"),
            (section, "struct A {}", "Section for A"),
            (choice, "enum A {}", "ConfigValue for A"),
            (union, "enum A {}", "ConfigValue for A"),
        ];
        for (derive, input, owed) in derives {
            let output = derive(input.parse().expect("tokens"));
            assert!(messages(&output) > 0 && output.to_string().contains(owed), "{output}");
        }
    }

    #[test]
    fn a_field_without_attributes_emits_few_tokens() {
        const FIELD_TOKENS_MAX: usize = 120;
        let tokens_of = |fields: TokenStream| {
            let output = section(quote! {
                /// Limits.
                struct Limits { #fields }
            });
            assert_eq!(messages(&output), 0, "{output}");
            fn count(tokens: TokenStream) -> usize {
                let nested = |token| match token {
                    proc_macro2::TokenTree::Group(group) => 1 + count(group.stream()),
                    _ => 1,
                };
                tokens.into_iter().map(nested).sum()
            }
            count(output)
        };
        let field = |name: &str| {
            let ident = quote::format_ident!("{name}");
            quote!(#[doc = "A limit."] #[config(required)] #ident: u16,)
        };
        let fields = |names: &[&str]| names.iter().map(|name| field(name)).collect();
        let two = tokens_of(fields(&["a", "b"]));
        let three = tokens_of(fields(&["a", "b", "c"]));
        // The compile time of a struct depends on the tokens emitted for each field. The bound is today's number, rounded up.
        assert!(three - two <= FIELD_TOKENS_MAX, "{} tokens", three - two);
    }
}
