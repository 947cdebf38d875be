//! Checks that only the compiler can make, as constants whose evaluation fails. Each has the span of its error.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::spanned::Spanned;

use super::{reading::outcome, respanned, site, stand_ins, table::TableEmitter};
use crate::model::{Assertion, AssertionKind, Hook, Purpose};

/// The assertions of a struct that has errors, without its table.
pub(crate) fn emit_alone(assertions: &[Assertion]) -> TokenStream {
    let private = super::private_path();
    let tables = TableEmitter::new(&private);
    let hooks: TokenStream = assertions
        .iter()
        .filter_map(|assertion| match &assertion.kind {
            AssertionKind::Hook(hook) => Some(emit_hook(hook, &private)),
            _ => None,
        })
        .collect();
    let assertions = emit_assertions(assertions, &private, &tables);
    let patterns = tables.patterns();
    let stand_ins = stand_ins(&private);
    quote_spanned! {site()=> #stand_ins #patterns #assertions #hooks }
}

/// A function that is never called and calls a user's function as the code of a struct does.
fn emit_hook(hook: &Hook, private: &TokenStream) -> TokenStream {
    let (path, parameters, arguments, result) = match hook {
        Hook::Creates(factory, ident) => {
            return quote_spanned! {site()=> const _: #private::Factory<#ident> = #factory; };
        }
        Hook::Computes(path, ty) => (path, Vec::new(), Vec::new(), quote_spanned! {site()=> #ty }),
        Hook::Parses(path, wire, ty) => {
            let result = quote_spanned! {site()=> ::core::result::Result<#ty, #private::RuleError> };
            (path, vec![quote_spanned! {site()=> value: #wire }], vec![format_ident!("value", span = site())], result)
        }
        Hook::Writes(path, ty, wire) => {
            let parameter = quote_spanned! {site()=> value: &#ty };
            (path, vec![parameter], vec![format_ident!("value", span = site())], quote_spanned! {site()=> #wire })
        }
        Hook::Checks { check, machine, reads } => {
            let machine = machine.then(|| quote_spanned! {site()=> &dyn #private::Machine });
            let types = machine.into_iter().chain(reads.iter().map(|ty| quote_spanned! {site()=> &#ty }));
            let (parameters, arguments) = types
                .enumerate()
                .map(|(index, ty)| {
                    let name = format_ident!("input_{index}", span = site());
                    (quote_spanned! {site()=> #name: #ty }, name)
                })
                .unzip();
            let result = quote_spanned! {site()=> ::core::result::Result<(), #private::RuleError> };
            (check, parameters, arguments, result)
        }
    };
    let at_path = path.span().resolved_at(site());
    let arguments = arguments.iter().map(|argument| Ident::new(&argument.to_string(), at_path));
    let call = quote_spanned! {at_path=> #path(#(#arguments),*) };
    let call = match hook {
        Hook::Parses(..) | Hook::Checks { .. } => outcome(private, at_path, call),
        _ => call,
    };
    quote_spanned! {site()=> const _: () = { fn _hook(#(#parameters),*) -> #result { #call } }; }
}

/// The assertions of a struct.
pub(super) fn emit_assertions(
    assertions: &[Assertion],
    private: &TokenStream,
    tables: &TableEmitter<'_>,
) -> TokenStream {
    assertions.iter().map(|assertion| emit_assertion(assertion, private, tables)).collect()
}

fn emit_assertion(assertion: &Assertion, private: &TokenStream, tables: &TableEmitter<'_>) -> TokenStream {
    let span = assertion.tokens.span().resolved_at(site());
    let private = &respanned(private, span);
    match &assertion.kind {
        AssertionKind::Rules { ty, rules } => {
            let rules = tables.rules(rules);
            quote_spanned! {span=>
                const _: () = #private::compile_time::rules(<#ty as #private::ConfigValue>::KIND, &[#rules]);
            }
        }
        AssertionKind::Together { ty, rules } => {
            let rules = tables.rules(rules);
            quote_spanned! {span=>
                const _: () = #private::compile_time::together(<#ty as #private::ConfigValue>::KIND, &[#rules]);
            }
        }
        AssertionKind::Obvious { ty, rules, message } => {
            let rules = tables.rules(rules);
            quote_spanned! {span=>
                const _: () = #private::compile_time::obvious(
                    <#private::ValueType<#ty>>::KIND, <#private::ValueType<#ty>>::SECRET, &[#rules], #message,
                );
            }
        }
        AssertionKind::Literal { purpose, ty, rules, literal, versions } => {
            let (rules, literal) = (tables.rules(rules), tables.literal(literal));
            let check = match purpose {
                Purpose::Default => quote_spanned! {span=> default },
                Purpose::Example => quote_spanned! {span=> example },
                _ => quote_spanned! {span=> condition },
            };
            let versions = matches!(purpose, Purpose::Default | Purpose::Example).then(|| {
                let versions = super::versions(versions, private);
                quote_spanned! {span=> , #versions }
            });
            quote_spanned! {span=>
                const _: () = #private::compile_time::#check(<#ty as #private::ConfigValue>::KIND, &[#rules], &#literal #versions);
            }
        }
        AssertionKind::Value { ty } => {
            quote_spanned! {span=> const _: #private::Kind = <#ty as #private::ConfigValue>::KIND; }
        }
        AssertionKind::FreeForm { ty } => quote_spanned! {span=>
            const _: () = #private::compile_time::free_form(<#private::ValueType<#ty>>::KIND);
        },
        // The code of the struct calls it.
        AssertionKind::Hook(_) => TokenStream::new(),
        AssertionKind::Defaults { ty } => quote_spanned! {span=>
            const _: () = #private::compile_time::own_defaults(
                <#private::ValueType<#ty>>::KIND, <#private::SectionType<#ty>>::KEYS,
            );
        },
        // For a type that cannot be parsed, the function's result is shown.
        AssertionKind::Secret { ty, hides: true } => quote_spanned! {span=>
            const _: () = #private::compile_time::hides_its_value(<#private::ValueType<#ty>>::SECRET);
        },
        AssertionKind::Secret { ty, hides: false } => quote_spanned! {span=>
            const _: () = #private::compile_time::shows_its_value(<#private::ValueType<#ty>>::SECRET);
        },
    }
}
