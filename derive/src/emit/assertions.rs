//! Checks that only the compiler can make, as constants whose evaluation fails. Each has the span of its error.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote_spanned};
use syn::{Path, Type};

use super::{
    emit, emit_at, place,
    table::{literal, patterns, rule, slice},
};
use crate::model::{Assertion, AssertionKind, Hook, Purpose, Rule};

/// The assertions of a struct that has errors, without its table: also those that the code of a struct makes anyway.
pub(crate) fn emit_alone(assertions: &[Assertion]) -> TokenStream {
    let rules = assertions.iter().map(|assertion| match &assertion.kind {
        AssertionKind::Rules { rules, .. }
        | AssertionKind::Together { rules, .. }
        | AssertionKind::Obvious { rules, .. }
        | AssertionKind::Literal { rules, .. } => rules.as_slice(),
        _ => &[],
    });
    let patterns = patterns(rules);
    let functions = assertions.iter().filter_map(|assertion| match &assertion.kind {
        AssertionKind::Factory { function, config } => {
            Some(emit! { const _: __l2_adapter::Factory<#config> = #function; })
        }
        AssertionKind::Hook(hook) => Some(emit_hook(hook)),
        _ => None,
    });
    let assertions = emit_assertions(assertions);
    emit! { #patterns #assertions #(#functions)* }
}

/// A function that is never called and calls a user's function as the code of a struct does.
fn emit_hook(Hook { function, inputs, output, fallible }: &Hook) -> TokenStream {
    let names = input_names(function, inputs.len());
    let call = emit_at! {function=> #function(#(#names),*) };
    let (output, call) = match fallible {
        true => (
            emit! { ::core::result::Result<#output, __l2_adapter::RuleError> },
            emit_at! {function=> __l2_adapter::HookResult::outcome(#call) },
        ),
        false => (emit! { #output }, call),
    };
    emit! { const _: () = { fn _hook(#(#names: #inputs),*) -> #output { #call } }; }
}

/// The names of a function's inputs, with the place of the function: there the compiler reports one of another type.
pub(super) fn input_names(function: &Path, count: usize) -> Vec<Ident> {
    (0..count).map(|index| format_ident!("input_{index}", span = place(function))).collect()
}

/// The assertions of a struct.
pub(crate) fn emit_assertions(assertions: &[Assertion]) -> TokenStream {
    assertions.iter().map(emit_assertion).collect()
}

fn emit_assertion(Assertion { tokens, kind }: &Assertion) -> TokenStream {
    let span = place(tokens);
    let kind_of = |ty: &Type| quote_spanned! {span=> <#ty as __l2_adapter::ConfigValue>::KIND };
    // For a type that cannot be parsed, the function's result is shown.
    let known_of = |ty: &Type, constant: &str| {
        let constant = Ident::new(constant, span);
        quote_spanned! {span=> <__l2_adapter::ValueType<#ty>>::#constant }
    };
    let slice = |rules: &[Rule]| slice(rules.iter().map(rule));
    let (function, arguments) = match kind {
        AssertionKind::Rules { ty, rules } => ("rules", vec![kind_of(ty), slice(rules)]),
        AssertionKind::Together { ty, rules } => ("together", vec![kind_of(ty), slice(rules)]),
        AssertionKind::Obvious { ty, rules, message } => {
            let message = message.to_token_stream();
            ("obvious", vec![known_of(ty, "KIND"), known_of(ty, "SECRET"), slice(rules), message])
        }
        AssertionKind::Literal { purpose, ty, rules, literal: value, versions } => {
            let value = literal(value);
            let mut arguments = vec![kind_of(ty), slice(rules), quote_spanned! {span=> &#value }];
            if *purpose == Purpose::Condition {
                ("condition", arguments)
            } else {
                arguments.push(super::versions(versions));
                ("literal", arguments)
            }
        }
        AssertionKind::Value { ty } => {
            return quote_spanned! {span=> const _: __l2_adapter::Kind = <#ty as __l2_adapter::ConfigValue>::KIND; };
        }
        AssertionKind::FreeForm { ty } => ("free_form", vec![known_of(ty, "KIND")]),
        AssertionKind::Defaults { ty } => {
            let keys = quote_spanned! {span=> <__l2_adapter::ValueType<#ty>>::KEYS };
            ("own_defaults", vec![known_of(ty, "KIND"), keys])
        }
        AssertionKind::Secret { ty, hides: true } => ("hides_its_value", vec![known_of(ty, "SECRET")]),
        AssertionKind::Secret { ty, hides: false } => ("shows_its_value", vec![known_of(ty, "SECRET")]),
        // The code of the struct calls it.
        AssertionKind::Factory { .. } | AssertionKind::Hook(_) => return TokenStream::new(),
    };
    let function = Ident::new(function, span);
    quote_spanned! {span=> const _: () = __l2_adapter::compile_time::#function(#(#arguments),*); }
}
