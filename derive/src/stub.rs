//! The output of a derive that found errors: impls that are never called, so that the errors shown are those of the attributes
//! and not the dozens that a missing impl would add.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::{DeriveInput, Path};

use crate::{
    emit::{enclosed, private_path, site},
    model::Derive,
};

/// Impls without content.
pub(crate) fn stub(input: &DeriveInput, derive: Derive, crate_path: Option<&Path>) -> TokenStream {
    let private = private_path();
    let impls = match derive {
        // An adapter config must be Send, Sync and Debug, and the type parameters have no such bounds.
        Derive::Adapter if !input.generics.params.is_empty() => section(input, &private),
        Derive::Adapter => [section(input, &private), adapter(input, &private)].into_iter().collect(),
        Derive::Section => [section(input, &private), value(input, &private)].into_iter().collect(),
        Derive::Choice => [value(input, &private), names(input)].into_iter().collect(),
        Derive::Union => value(input, &private),
    };
    enclosed(impls, crate_path)
}

/// An impl for the type of the input, `of` a trait or its own.
fn implement(input: &DeriveInput, of: TokenStream, items: TokenStream) -> TokenStream {
    let ident = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    quote_spanned! {site()=> #[automatically_derived] impl #generics #of #ident #arguments #bounds { #items } }
}

fn section(input: &DeriveInput, private: &TokenStream) -> TokenStream {
    let items = quote_spanned! {site()=>
        const SLOTS: ::core::primitive::usize = 0;
        fn table() -> &'static #private::Table { ::core::unimplemented!() }
        fn slot(_: &::core::primitive::str) -> ::core::primitive::usize { #private::NO_SLOT }
        fn read_map(
            _: &#private::serde_json::Map<::std::string::String, #private::serde_json::Value>,
            _: &#private::Path<'_>,
            _: ::core::option::Option<&'static ::core::primitive::str>,
            _: &mut #private::Reader<'_>,
        ) -> ::core::result::Result<Self, #private::ConfigError> { ::core::unimplemented!() }
        fn read_slots(
            _: &#private::Object<'_>,
            _: &mut #private::Reader<'_>,
        ) -> ::core::result::Result<Self, #private::ConfigError> { ::core::unimplemented!() }
        fn write(&self, _: &mut #private::Writer) {}
    };
    implement(input, quote_spanned! {site()=> #private::Section for }, items)
}

fn adapter(input: &DeriveInput, private: &TokenStream) -> TokenStream {
    let items = quote_spanned! {site()=>
        const TYPE_NAME: &'static ::core::primitive::str = "";
        fn common(&self) -> &#private::CommonConfig { ::core::unimplemented!() }
    };
    let from_text = quote_spanned! {site()=>
        type Err = #private::ConfigError;
        fn from_str(_: &::core::primitive::str) -> ::core::result::Result<Self, Self::Err> { ::core::unimplemented!() }
    };
    [
        implement(input, quote_spanned! {site()=> #private::L2AdapterConfig for }, items),
        implement(input, quote_spanned! {site()=> ::core::str::FromStr for }, from_text),
    ]
    .into_iter()
    .collect()
}

fn value(input: &DeriveInput, private: &TokenStream) -> TokenStream {
    let items = quote_spanned! {site()=>
        const KIND: #private::Kind = #private::Kind::Anything;
        const SECRET: ::core::primitive::bool = false;
        fn read(
            _: &#private::serde_json::Value,
            _: &#private::Place<'_>,
            _: &mut #private::Reader<'_>,
        ) -> ::core::option::Option<Self> { ::core::option::Option::None }
        fn to_json(&self, _: #private::Secrets) -> ::core::option::Option<#private::serde_json::Value> {
            ::core::option::Option::None
        }
    };
    implement(input, quote_spanned! {site()=> #private::ConfigValue for }, items)
}

fn names(input: &DeriveInput) -> TokenStream {
    let visibility = &input.vis;
    let own = quote_spanned! {site()=>
        /// The name in JSON.
        #[allow(dead_code)]
        #visibility const fn as_str(&self) -> &'static ::core::primitive::str { "" }
    };
    let display = quote_spanned! {site()=>
        fn fmt(&self, _: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result { ::core::result::Result::Ok(()) }
    };
    let compared =
        [quote_spanned! {site()=> ::core::primitive::str }, quote_spanned! {site()=> &::core::primitive::str }];
    let comparisons = compared.map(|text| {
        let items = quote_spanned! {site()=> fn eq(&self, _: &#text) -> ::core::primitive::bool { false } };
        implement(input, quote_spanned! {site()=> ::core::cmp::PartialEq<#text> for }, items)
    });
    let shown = implement(input, quote_spanned! {site()=> ::core::fmt::Display for }, display);
    [implement(input, TokenStream::new(), own), shown].into_iter().chain(comparisons).collect()
}
