//! Checks that only the compiler can make, as constants whose evaluation fails. Each has the span of its error.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote_spanned};
use syn::Path;

use super::{
    emit, emit_at, place,
    table::{literal, patterns, rule, slice},
};
use crate::model::{Assertion, AssertionKind, Purpose};

/// The assertions of a struct that has errors, without its table: also those that the code of a struct makes anyway.
pub(crate) fn emit_alone(assertions: &[Assertion]) -> TokenStream {
    let patterns = patterns(assertions.iter().map(|assertion| assertion.rules.as_slice()));
    let functions = assertions.iter().filter_map(emit_function);
    let assertions = emit_assertions(assertions);
    emit! { #patterns #assertions #(#functions)* }
}

/// A function that is never called and calls a user's function as the code of a struct does.
fn emit_function(Assertion { ty, kind, .. }: &Assertion) -> Option<TokenStream> {
    let (function, inputs, fallible) = match kind {
        AssertionKind::Factory(function) => return Some(emit! { const _: __l2_adapter::Factory<#ty> = #function; }),
        AssertionKind::Hook { function, inputs, fallible } => (function, inputs, *fallible),
        _ => return None,
    };
    let names = input_names(function, inputs.len());
    let call = emit_at! {function=> #function(#(#names),*) };
    let (output, call) = match fallible {
        true => (
            emit! { ::core::result::Result<#ty, __l2_adapter::RuleError> },
            emit_at! {function=> __l2_adapter::HookResult::outcome(#call) },
        ),
        false => (ty.to_token_stream(), call),
    };
    Some(emit! { const _: () = { fn _hook(#(#names: #inputs),*) -> #output { #call } }; })
}

/// The names of a function's inputs, with the place of the function: there the compiler reports one of another type.
pub(super) fn input_names(function: &Path, count: usize) -> Vec<Ident> {
    (0..count).map(|index| format_ident!("input_{index}", span = place(function))).collect()
}

/// The assertions of a struct.
pub(crate) fn emit_assertions(assertions: &[Assertion]) -> TokenStream {
    assertions.iter().map(emit_assertion).collect()
}

fn emit_assertion(Assertion { tokens, ty, rules, kind }: &Assertion) -> TokenStream {
    let span = place(tokens);
    let kind_of = quote_spanned! {span=> <#ty as __l2_adapter::ConfigValue>::KIND };
    // For a type that cannot be parsed, the function's result is shown.
    let known = |constant| {
        let constant = Ident::new(constant, span);
        quote_spanned! {span=> <__l2_adapter::ValueType<#ty>>::#constant }
    };
    let rules = slice(rules.iter().map(rule));
    let (function, arguments) = match kind {
        AssertionKind::Rules => ("rules", vec![kind_of, rules]),
        AssertionKind::Together => ("together", vec![kind_of, rules]),
        AssertionKind::Obvious(message) => {
            ("obvious", vec![known("KIND"), known("SECRET"), rules, message.to_token_stream()])
        }
        AssertionKind::Literal(purpose, value, versions) => {
            let value = literal(value);
            let value = quote_spanned! {span=> &#value };
            match purpose {
                Purpose::Condition => ("condition", vec![kind_of, rules, value]),
                _ => ("literal", vec![kind_of, rules, value, super::versions(versions)]),
            }
        }
        AssertionKind::Value => return quote_spanned! {span=> const _: __l2_adapter::Kind = #kind_of; },
        AssertionKind::FreeForm => ("free_form", vec![known("KIND")]),
        AssertionKind::Unit => ("unit", vec![known("KIND")]),
        AssertionKind::Defaults => ("own_defaults", vec![known("KIND"), known("KEYS")]),
        AssertionKind::Secret(is_marked) => ("secret", vec![is_marked.to_token_stream(), known("SECRET")]),
        // The code of the struct calls it.
        AssertionKind::Factory(_) | AssertionKind::Hook { .. } => return TokenStream::new(),
    };
    let function = Ident::new(function, span);
    quote_spanned! {span=> const _: () = __l2_adapter::compile_time::#function(#(#arguments),*); }
}
