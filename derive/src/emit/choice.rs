//! Enums of names.

use proc_macro2::TokenStream;
use syn::DeriveInput;

use super::{emit, implement, table::variant_members, value_impl};
use crate::{model::RawEnum, syntax::EnumAttributes};

/// The items of `#[derive(ConfigChoice)]`.
pub(crate) fn emit_choice(input: &DeriveInput, raw: &RawEnum) -> TokenStream {
    let EnumAttributes { doc, ignore_case, .. } = &raw.attributes;
    let (ignore_case, type_name) = (ignore_case.is_some(), input.ident.to_string());
    let variants = raw.variants.iter().map(|variant| {
        let members = variant_members(variant);
        emit! { __l2_adapter::Choice { #members } }
    });
    let (names, idents): (Vec<_>, Vec<_>) = raw.variants.iter().map(|variant| (&variant.name, &variant.ident)).unzip();
    // What is allowed in every version needs no look at the version that is checked for.
    let lasting = raw.variants.iter().filter(|variant| variant.versions.are_all());
    let (lasting_names, lasting_idents): (Vec<_>, Vec<_>) =
        lasting.map(|variant| (&variant.name, &variant.ident)).unzip();
    let (ident, indices) = (&input.ident, 0..idents.len());
    let read = emit! {
        named(__l2_adapter::serde_json::Value::as_str(value))
            .or_else(|| variant(__l2_adapter::read_choice(&__L2_ADAPTER_CHOICES, value, place, reader)))
    };
    let to_json = emit! {
        let name = ::std::borrow::ToOwned::to_owned(Self::as_str(self));
        __l2_adapter::Some(__l2_adapter::serde_json::Value::String(name))
    };
    let from_literal = emit! {
        fn from_literal(literal: &__l2_adapter::Literal) -> __l2_adapter::Option<Self> {
            named(__l2_adapter::Literal::as_text(literal))
                .or_else(|| variant(__l2_adapter::choice_of_literal(&__L2_ADAPTER_CHOICES, literal)))
        }
    };
    let kind = emit! { __l2_adapter::Kind::Choice(&__L2_ADAPTER_CHOICES) };
    let value = value_impl(input, kind, read, to_json, Some(from_literal));
    let names = name_impls(input, emit! { match self { #(#ident::#idents => #names,)* } });
    emit! {
        static __L2_ADAPTER_CHOICES: __l2_adapter::ChoiceTable = __l2_adapter::ChoiceTable {
            name: #type_name,
            doc: #doc,
            variants: &[#(#variants),*],
            ignore_case: #ignore_case,
        };

        fn variant(index: __l2_adapter::Option<::core::primitive::usize>) -> __l2_adapter::Option<#ident> {
            match index {
                #(__l2_adapter::Some(#indices) => __l2_adapter::Some(#ident::#idents),)*
                _ => __l2_adapter::None,
            }
        }

        fn named(name: __l2_adapter::Option<&::core::primitive::str>) -> __l2_adapter::Option<#ident> {
            match name {
                #(__l2_adapter::Some(#lasting_names) => __l2_adapter::Some(#ident::#lasting_idents),)*
                _ => __l2_adapter::None,
            }
        }

        #value
        #names
    }
}

/// The name of a variant, and comparisons with it.
pub(crate) fn name_impls(input: &DeriveInput, name: TokenStream) -> TokenStream {
    let visibility = &input.vis;
    let own = emit! {
        /// The name in JSON.
        #[must_use]
        #visibility const fn as_str(&self) -> &'static ::core::primitive::str {
            #name
        }
    };
    let shown = emit! {
        fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            formatter.pad(Self::as_str(self))
        }
    };
    let own = implement(input, TokenStream::new(), own);
    let shown = implement(input, emit! { ::core::fmt::Display for }, shown);
    let texts =
        [(emit! { ::core::primitive::str }, emit! { other }), (emit! { &::core::primitive::str }, emit! { *other })];
    let compared = texts.map(|(text, other)| {
        let equal = emit! {
            fn eq(&self, other: &#text) -> ::core::primitive::bool {
                ::core::cmp::PartialEq::eq(Self::as_str(self), #other)
            }
        };
        implement(input, emit! { ::core::cmp::PartialEq<#text> for }, equal)
    });
    emit! { #own #shown #(#compared)* }
}
