//! What an adapter config has beyond a section: its trait, its schema, and its place in the registry.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::spanned::Spanned;

use super::{enclosed, private_path, section::emit_table_and_section, site, static_ident};
use crate::model::{CheckedStruct, Role};

/// The items of `#[derive(L2AdapterConfig)]`.
pub(crate) fn emit_adapter(checked: &CheckedStruct) -> TokenStream {
    let private = private_path();
    let section = emit_table_and_section(checked, &private);
    let (ident, table) = (&checked.ident, static_ident("TABLE"));
    let name = ident.to_string();
    let trait_items = trait_items(checked, &private);
    let items = quote_spanned! {site()=>
        #section

        #[automatically_derived]
        impl #private::L2AdapterConfig for #ident {
            #trait_items
        }

        #[automatically_derived]
        impl ::core::str::FromStr for #ident {
            type Err = #private::ConfigError;

            // Inlined, so that a type whose text is never read does not pay for it.
            #[inline]
            fn from_str(text: &::core::primitive::str) -> ::core::result::Result<Self, Self::Err> {
                <Self as #private::L2AdapterConfig>::from_str(text)
            }
        }

        #[automatically_derived]
        impl #private::schemars::JsonSchema for #ident {
            fn schema_name() -> ::std::borrow::Cow<'static, ::core::primitive::str> {
                ::std::borrow::Cow::Borrowed(#name)
            }

            fn schema_id() -> ::std::borrow::Cow<'static, ::core::primitive::str> {
                ::std::borrow::Cow::Borrowed(::core::concat!(::core::module_path!(), "::", #name))
            }

            fn json_schema(_: &mut #private::schemars::SchemaGenerator) -> #private::schemars::Schema {
                #private::registered_schema_of(&#table)
            }
        }

        #private::inventory::submit! { #private::Registration::of::<#ident>() }
    };
    enclosed(items, checked.crate_path.as_ref())
}

fn trait_items(checked: &CheckedStruct, private: &TokenStream) -> TokenStream {
    let Role::Adapter { type_name, factory } = &checked.role else { return TokenStream::new() };
    let factory = factory.as_ref().map(|factory| {
        quote_spanned! {site()=>
            const FACTORY: #private::Option<#private::Factory<Self>> = #private::Some(#factory);
        }
    });
    let common = match (&checked.common, &checked.base) {
        (Some(common), _) => {
            let ident = &common.ident;
            quote_spanned! {site()=> &self.#ident }
        }
        (None, Some(base)) => {
            let (ident, ty) = (&base.ident, &base.ty);
            let span = ty.span().resolved_at(site());
            let base = quote_spanned! {span=> <#ty as #private::L2AdapterConfig>::common };
            quote_spanned! {site()=> #base(&self.#ident) }
        }
        // Checked before: an adapter config has one or the other.
        (None, None) => return TokenStream::new(),
    };
    quote_spanned! {site()=>
        const TYPE_NAME: &'static ::core::primitive::str = #type_name;
        #factory

        fn common(&self) -> &#private::CommonConfig {
            #common
        }
    }
}
