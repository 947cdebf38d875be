//! What only the compiler can check, as constants that fail to evaluate. Each stands where its fault stands.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::spanned::Spanned;

use super::{respanned, site, table::TableEmitter};
use crate::model::{Assertion, AssertionKind, LiteralUse};

/// The assertions of a struct that has errors, without its table.
pub(crate) fn emit_alone(assertions: &[Assertion]) -> TokenStream {
    let private = super::private_path(None);
    let tables = TableEmitter::new(&private);
    let assertions = emit_assertions(assertions, &private, &tables);
    let patterns = tables.patterns();
    quote_spanned! {site()=> #patterns #assertions }
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
                const _: () = #private::check::rules(<#ty as #private::ConfigValue>::KIND, &[#rules]);
            }
        }
        AssertionKind::Literal { what, ty, rules, literal } => {
            let (rules, literal) = (tables.rules(rules), tables.literal(literal));
            let check = match what {
                LiteralUse::Default => quote_spanned! {span=> default },
                LiteralUse::Example => quote_spanned! {span=> example },
                LiteralUse::Condition => quote_spanned! {span=> condition },
            };
            quote_spanned! {span=>
                const _: () = #private::check::#check(<#ty as #private::ConfigValue>::KIND, &[#rules], &#literal);
            }
        }
        AssertionKind::Defaults { ty } => quote_spanned! {span=>
            const _: () = #private::check::defaults(&<#ty as #private::Section>::KEYS);
        },
        AssertionKind::Secret { ty, hides } => {
            let check = if *hides {
                quote_spanned! {span=> hides_its_value }
            } else {
                quote_spanned! {span=> shows_its_value }
            };
            quote_spanned! {span=> const _: () = #private::check::#check(<#ty as #private::ConfigValue>::SECRET); }
        }
    }
}
