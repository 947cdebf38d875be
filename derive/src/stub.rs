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
    let private = private_path(crate_path);
    let impls = match derive {
        // An adapter config must be Send, Sync and Debug, and the type parameters have no such bounds.
        Derive::Adapter if !input.generics.params.is_empty() => section(input, &private),
        Derive::Adapter => [section(input, &private), adapter(input, &private)].into_iter().collect(),
        Derive::Section => [section(input, &private), value(input, &private)].into_iter().collect(),
        Derive::Choice => [value(input, &private), names(input)].into_iter().collect(),
        Derive::Union => value(input, &private),
    };
    enclosed(impls)
}

fn section(input: &DeriveInput, private: &TokenStream) -> TokenStream {
    let ident = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    quote_spanned! {site()=>
        #[automatically_derived]
        impl #generics #private::Section for #ident #arguments #bounds {
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
        }
    }
}

fn adapter(input: &DeriveInput, private: &TokenStream) -> TokenStream {
    let ident = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    quote_spanned! {site()=>
        #[automatically_derived]
        impl #generics #private::L2AdapterConfig for #ident #arguments #bounds {
            const TYPE_NAME: &'static ::core::primitive::str = "";
            fn common(&self) -> &#private::CommonConfig { ::core::unimplemented!() }
        }
        #[automatically_derived]
        impl #generics ::core::str::FromStr for #ident #arguments #bounds {
            type Err = #private::ConfigError;
            fn from_str(_: &::core::primitive::str) -> ::core::result::Result<Self, Self::Err> { ::core::unimplemented!() }
        }
    }
}

fn value(input: &DeriveInput, private: &TokenStream) -> TokenStream {
    let ident = &input.ident;
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    quote_spanned! {site()=>
        #[automatically_derived]
        impl #generics #private::ConfigValue for #ident #arguments #bounds {
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
        }
    }
}

fn names(input: &DeriveInput) -> TokenStream {
    let (ident, visibility) = (&input.ident, &input.vis);
    let (generics, arguments, bounds) = input.generics.split_for_impl();
    quote_spanned! {site()=>
        #[automatically_derived]
        #[allow(dead_code)]
        impl #generics #ident #arguments #bounds {
            /// The name in JSON.
            #visibility const fn as_str(&self) -> &'static ::core::primitive::str { "" }
        }
        #[automatically_derived]
        impl #generics ::core::fmt::Display for #ident #arguments #bounds {
            fn fmt(&self, _: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::result::Result::Ok(())
            }
        }
        #[automatically_derived]
        impl #generics ::core::cmp::PartialEq<::core::primitive::str> for #ident #arguments #bounds {
            fn eq(&self, _: &::core::primitive::str) -> ::core::primitive::bool { false }
        }
        #[automatically_derived]
        impl #generics ::core::cmp::PartialEq<&::core::primitive::str> for #ident #arguments #bounds {
            fn eq(&self, _: &&::core::primitive::str) -> ::core::primitive::bool { false }
        }
    }
}
