//! What an adapter config has beyond a section: its trait, its schema, and its place in the registry.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{DeriveInput, Path};

use super::{emit, emit_at, implement, section::emit_table_and_section};
use crate::model::{CheckedStruct, RawField};

/// The items of `#[derive(L2AdapterConfig)]`.
pub(crate) fn emit_adapter(input: &DeriveInput, checked: &CheckedStruct<'_>) -> TokenStream {
    let attributes = &checked.raw.attributes;
    let common = checked.common.map(|RawField { ident, .. }| emit! { &self.#ident });
    let of_base = checked.base.map(|RawField { ident, ty, .. }| {
        let common = emit_at! {ty=> <#ty as __l2_adapter::L2AdapterConfig>::common };
        emit! { #common(&self.#ident) }
    });
    // Checked before: an adapter config has one or the other.
    let common = common.or(of_base).unwrap_or_default();
    let section = emit_table_and_section(input, checked);
    let adapter = adapter_impls(input, &attributes.type_name, attributes.factory.as_ref(), common);
    let (ident, name) = (&input.ident, input.ident.to_string());
    emit! {
        #section
        #adapter

        #[automatically_derived]
        impl __l2_adapter::schemars::JsonSchema for #ident {
            fn schema_name() -> ::std::borrow::Cow<'static, ::core::primitive::str> {
                ::std::borrow::Cow::Borrowed(#name)
            }

            fn schema_id() -> ::std::borrow::Cow<'static, ::core::primitive::str> {
                ::std::borrow::Cow::Borrowed(::core::concat!(::core::module_path!(), "::", #name))
            }

            fn json_schema(_: &mut __l2_adapter::schemars::SchemaGenerator) -> __l2_adapter::schemars::Schema {
                __l2_adapter::registered_schema_of(&__L2_ADAPTER_TABLE)
            }
        }

        __l2_adapter::inventory::submit! { __l2_adapter::Registration::of::<#ident>() }
    }
}

/// `L2AdapterConfig`, and `FromStr` by it.
pub(crate) fn adapter_impls(
    input: &DeriveInput,
    type_name: &impl ToTokens,
    factory: Option<&Path>,
    common: TokenStream,
) -> TokenStream {
    let factory = factory.map(|factory| {
        emit! { const FACTORY: __l2_adapter::Option<__l2_adapter::Factory<Self>> = __l2_adapter::Some(#factory); }
    });
    let items = emit! {
        const TYPE_NAME: &'static ::core::primitive::str = #type_name;
        #factory

        fn common(&self) -> &__l2_adapter::CommonConfig {
            #common
        }
    };
    let from_text = emit! {
        type Err = __l2_adapter::ConfigError;

        // Inlined, so that a type whose text is never read does not pay for it.
        #[inline]
        fn from_str(text: &::core::primitive::str) -> ::core::result::Result<Self, Self::Err> {
            <Self as __l2_adapter::L2AdapterConfig>::from_str(text)
        }
    };
    let adapter = implement(input, emit! { __l2_adapter::L2AdapterConfig for }, items);
    let from_text = implement(input, emit! { ::core::str::FromStr for }, from_text);
    emit! { #adapter #from_text }
}
