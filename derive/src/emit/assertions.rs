//! Checks that only the compiler can make, as constants whose evaluation fails. Each has the span of its error.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote_spanned};

use super::{
    emit, place,
    table::{literal, patterns, rule},
};
use crate::model::{Assertion, AssertionKind, Hook, Purpose};

/// The assertions of a struct that has errors, without its table.
pub(crate) fn emit_alone(assertions: &[Assertion]) -> TokenStream {
    let rules = assertions.iter().map(|assertion| match &assertion.kind {
        AssertionKind::Rules { rules, .. }
        | AssertionKind::Together { rules, .. }
        | AssertionKind::Obvious { rules, .. }
        | AssertionKind::Literal { rules, .. } => rules.as_slice(),
        _ => &[],
    });
    let patterns = patterns(rules);
    let hooks = assertions.iter().filter_map(|assertion| match &assertion.kind {
        AssertionKind::Hook(hook) => Some(emit_hook(hook)),
        _ => None,
    });
    let assertions = assertions.iter().map(emit_assertion);
    emit! { #patterns #(#assertions)* #(#hooks)* }
}

/// A function that is never called and calls a user's function as the code of a struct does.
fn emit_hook(hook: &Hook) -> TokenStream {
    let (path, parameters, arguments, result) = match hook {
        Hook::Creates(factory, ident) => {
            return emit! { const _: __l2_adapter::Factory<#ident> = #factory; };
        }
        Hook::Computes(path, ty) => (path, Vec::new(), Vec::new(), emit! { #ty }),
        Hook::Parses(path, wire, ty) => {
            let result = emit! { ::core::result::Result<#ty, __l2_adapter::RuleError> };
            (path, vec![emit! { value: #wire }], vec![format_ident!("value")], result)
        }
        Hook::Writes(path, ty, wire) => {
            let parameter = emit! { value: &#ty };
            (path, vec![parameter], vec![format_ident!("value")], emit! { #wire })
        }
        Hook::Checks { check, machine, reads } => {
            let machine = machine.then(|| emit! { &dyn __l2_adapter::Machine });
            let types = machine.into_iter().chain(reads.iter().map(|ty| emit! { &#ty }));
            let (parameters, arguments) = types
                .enumerate()
                .map(|(index, ty)| {
                    let name = format_ident!("input_{index}", span = proc_macro2::Span::mixed_site());
                    (emit! { #name: #ty }, name)
                })
                .unzip();
            let result = emit! { ::core::result::Result<(), __l2_adapter::RuleError> };
            (check, parameters, arguments, result)
        }
    };
    let at_path = place(path);
    let arguments = arguments.iter().map(|argument| Ident::new(&argument.to_string(), at_path));
    let call = quote_spanned! {at_path=> #path(#(#arguments),*) };
    let call = match hook {
        Hook::Parses(..) | Hook::Checks { .. } => {
            quote_spanned! {at_path=> __l2_adapter::HookResult::outcome(#call) }
        }
        _ => call,
    };
    emit! { const _: () = { fn _hook(#(#parameters),*) -> #result { #call } }; }
}

/// One assertion.
pub(super) fn emit_assertion(assertion: &Assertion) -> TokenStream {
    let span = place(&assertion.tokens);
    match &assertion.kind {
        AssertionKind::Rules { ty, rules } => {
            let rules = rules.iter().map(rule);
            quote_spanned! {span=>
                const _: () = __l2_adapter::compile_time::rules(<#ty as __l2_adapter::ConfigValue>::KIND, &[#(#rules),*]);
            }
        }
        AssertionKind::Together { ty, rules } => {
            let rules = rules.iter().map(rule);
            quote_spanned! {span=>
                const _: () = __l2_adapter::compile_time::together(<#ty as __l2_adapter::ConfigValue>::KIND, &[#(#rules),*]);
            }
        }
        AssertionKind::Obvious { ty, rules, message } => {
            let rules = rules.iter().map(rule);
            quote_spanned! {span=>
                const _: () = __l2_adapter::compile_time::obvious(
                    <__l2_adapter::ValueType<#ty>>::KIND, <__l2_adapter::ValueType<#ty>>::SECRET, &[#(#rules),*], #message,
                );
            }
        }
        AssertionKind::Literal { purpose, ty, rules, literal: value, versions } => {
            let (rules, value) = (rules.iter().map(rule), literal(value));
            let check = match purpose {
                Purpose::Default => quote_spanned! {span=> default },
                Purpose::Example => quote_spanned! {span=> example },
                _ => quote_spanned! {span=> condition },
            };
            let versions = matches!(purpose, Purpose::Default | Purpose::Example).then(|| {
                let versions = super::versions(versions);
                quote_spanned! {span=> , #versions }
            });
            quote_spanned! {span=>
                const _: () = __l2_adapter::compile_time::#check(
                    <#ty as __l2_adapter::ConfigValue>::KIND, &[#(#rules),*], &#value #versions
                );
            }
        }
        AssertionKind::Value { ty } => {
            quote_spanned! {span=> const _: __l2_adapter::Kind = <#ty as __l2_adapter::ConfigValue>::KIND; }
        }
        AssertionKind::FreeForm { ty } => quote_spanned! {span=>
            const _: () = __l2_adapter::compile_time::free_form(<__l2_adapter::ValueType<#ty>>::KIND);
        },
        // The code of the struct calls it.
        AssertionKind::Hook(_) => TokenStream::new(),
        AssertionKind::Defaults { ty } => quote_spanned! {span=>
            const _: () = __l2_adapter::compile_time::own_defaults(
                <__l2_adapter::ValueType<#ty>>::KIND, <__l2_adapter::SectionType<#ty>>::KEYS,
            );
        },
        // For a type that cannot be parsed, the function's result is shown.
        AssertionKind::Secret { ty, hides: true } => quote_spanned! {span=>
            const _: () = __l2_adapter::compile_time::hides_its_value(<__l2_adapter::ValueType<#ty>>::SECRET);
        },
        AssertionKind::Secret { ty, hides: false } => quote_spanned! {span=>
            const _: () = __l2_adapter::compile_time::shows_its_value(<__l2_adapter::ValueType<#ty>>::SECRET);
        },
    }
}
