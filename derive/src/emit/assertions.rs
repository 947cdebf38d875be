//! Checks that only the compiler can make, as constants whose evaluation fails. Each has the span of its error.

use proc_macro2::TokenStream;
use quote::{format_ident, quote_spanned};

use super::{
    emit, emit_at, place,
    table::{literal, patterns, rule},
};
use crate::model::{Assertion, AssertionKind, Hook, Purpose};

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
fn emit_hook(Hook { function, machine, inputs, output, fallible }: &Hook) -> TokenStream {
    let names: Vec<_> = (0..inputs.len()).map(|index| format_ident!("input_{index}", span = place(function))).collect();
    let (parameter, argument) = match machine {
        true => (emit! { machine: &dyn __l2_adapter::Machine, }, emit_at! {function=> machine, }),
        false => Default::default(),
    };
    let call = emit_at! {function=> #function(#argument #(#names),*) };
    let (output, call) = match fallible {
        true => (
            emit! { ::core::result::Result<#output, __l2_adapter::RuleError> },
            emit_at! {function=> __l2_adapter::HookResult::outcome(#call) },
        ),
        false => (emit! { #output }, call),
    };
    emit! { const _: () = { fn _hook(#parameter #(#names: #inputs),*) -> #output { #call } }; }
}

/// The assertions of a struct.
pub(crate) fn emit_assertions(assertions: &[Assertion]) -> TokenStream {
    assertions.iter().map(emit_assertion).collect()
}

fn emit_assertion(assertion: &Assertion) -> TokenStream {
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
                    <#ty as __l2_adapter::ConfigValue>::KIND, <__l2_adapter::ValueType<#ty>>::SECRET, &[#(#rules),*], #message,
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
            const _: () = __l2_adapter::compile_time::free_form(<#ty as __l2_adapter::ConfigValue>::KIND);
        },
        // The code of the struct calls it.
        AssertionKind::Factory { .. } | AssertionKind::Hook(_) => TokenStream::new(),
        AssertionKind::Defaults { ty } => quote_spanned! {span=>
            const _: () = __l2_adapter::compile_time::own_defaults(
                <#ty as __l2_adapter::ConfigValue>::KIND, <__l2_adapter::SectionType<#ty>>::KEYS,
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
