//! Enums of names.

use proc_macro2::TokenStream;
use quote::quote_spanned;

use super::{enclosed, private_path, site, static_ident, table::foreign_names, versions};
use crate::model::CheckedChoice;

/// The items of `#[derive(ConfigChoice)]`.
pub(crate) fn emit_choice(checked: &CheckedChoice) -> TokenStream {
    let private = private_path();
    let (ident, doc, ignore_case) = (&checked.ident, &checked.doc, checked.ignore_case);
    let (table, type_name) = (static_ident("CHOICES"), ident.to_string());
    let names: Vec<_> = checked.variants.iter().map(|variant| &variant.name).collect();
    let docs = checked.variants.iter().map(|variant| &variant.doc);
    let in_versions = checked.variants.iter().map(|variant| versions(&variant.versions, &private));
    // What is allowed in every version needs no look at the version that is checked for.
    let lasting = checked.variants.iter().filter(|variant| variant.versions.versions.are_all());
    let (lasting_names, lasting_idents): (Vec<_>, Vec<_>) =
        lasting.map(|variant| (&variant.name, &variant.ident)).unzip();
    let foreign = checked.variants.iter().map(|variant| {
        let names = foreign_names(&variant.also_known_as, &private);
        quote_spanned! {site()=> &[#(#names),*] }
    });
    let idents: Vec<_> = checked.variants.iter().map(|variant| &variant.ident).collect();
    let indices = 0..idents.len();
    let comparisons = emit_comparisons(checked);
    let items = quote_spanned! {site()=>
        static #table: #private::ChoiceTable = #private::ChoiceTable {
            name: #type_name,
            doc: #doc,
            variants: &[#(#private::Choice {
                name: #names, doc: #docs, also_known_as: #foreign, versions: #in_versions
            }),*],
            ignore_case: #ignore_case,
        };

        fn variant(
            index: ::core::option::Option<::core::primitive::usize>,
        ) -> ::core::option::Option<#ident> {
            match index {
                #(::core::option::Option::Some(#indices) => ::core::option::Option::Some(#ident::#idents),)*
                _ => ::core::option::Option::None,
            }
        }

        fn named(
            name: ::core::option::Option<&::core::primitive::str>,
        ) -> ::core::option::Option<#ident> {
            match name {
                #(::core::option::Option::Some(#lasting_names) => ::core::option::Option::Some(#ident::#lasting_idents),)*
                _ => ::core::option::Option::None,
            }
        }

        #[automatically_derived]
        impl #private::ConfigValue for #ident {
            const KIND: #private::Kind = #private::Kind::Choice(&#table);
            const SECRET: ::core::primitive::bool = false;

            fn read(
                value: &#private::serde_json::Value,
                place: &#private::Place<'_>,
                reader: &mut #private::Reader<'_>,
            ) -> ::core::option::Option<Self> {
                named(#private::serde_json::Value::as_str(value))
                    .or_else(|| variant(#private::read_choice(&#table, value, place, reader)))
            }

            fn from_literal(literal: &#private::Literal) -> ::core::option::Option<Self> {
                named(#private::Literal::as_text(literal))
                    .or_else(|| variant(#private::choice_of_literal(&#table, literal)))
            }

            fn to_json(&self, _: #private::Secrets) -> ::core::option::Option<#private::serde_json::Value> {
                let name = ::std::borrow::ToOwned::to_owned(#ident::as_str(self));
                ::core::option::Option::Some(#private::serde_json::Value::String(name))
            }
        }

        #comparisons
    };
    enclosed(items, checked.crate_path.as_ref())
}

/// The name of a variant, and comparisons with it.
fn emit_comparisons(checked: &CheckedChoice) -> TokenStream {
    let (ident, visibility) = (&checked.ident, &checked.visibility);
    let names = checked.variants.iter().map(|variant| &variant.name);
    let idents = checked.variants.iter().map(|variant| &variant.ident);
    quote_spanned! {site()=>
        #[automatically_derived]
        #[allow(dead_code)]
        impl #ident {
            /// The name in JSON.
            #[must_use]
            #visibility const fn as_str(&self) -> &'static ::core::primitive::str {
                match self {
                    #(#ident::#idents => #names,)*
                }
            }
        }

        #[automatically_derived]
        impl ::core::fmt::Display for #ident {
            fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                formatter.pad(#ident::as_str(self))
            }
        }

        #[automatically_derived]
        impl ::core::cmp::PartialEq<::core::primitive::str> for #ident {
            fn eq(&self, other: &::core::primitive::str) -> ::core::primitive::bool {
                ::core::cmp::PartialEq::eq(#ident::as_str(self), other)
            }
        }

        #[automatically_derived]
        impl ::core::cmp::PartialEq<&::core::primitive::str> for #ident {
            fn eq(&self, other: &&::core::primitive::str) -> ::core::primitive::bool {
                ::core::cmp::PartialEq::eq(#ident::as_str(self), *other)
            }
        }
    }
}
