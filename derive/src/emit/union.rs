//! Tagged unions.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::DeriveInput;

use super::{emit, emit_at, optional, table::variant_members, value_impl};
use crate::model::{RawEnum, RawVariant};

/// The items of `#[derive(ConfigUnion)]`.
pub(crate) fn emit_union(input: &DeriveInput, raw: &RawEnum) -> TokenStream {
    let (doc, tag, type_name) = (&raw.attributes.doc, raw.attributes.tag.to_token_stream(), input.ident.to_string());
    let variants = raw.variants.iter().map(emit_variant);
    let reads = raw.variants.iter().enumerate().map(|(index, variant)| emit_read(&tag, index, variant));
    let writes = raw.variants.iter().map(|variant| emit_write(&tag, variant));
    // The tag is not a key of a variant.
    let assertions = raw.variants.iter().filter_map(|variant| variant.content.as_ref()).map(|content| {
        emit_at! {content=>
            const _: () = __l2_adapter::compile_time::tag(<#content as __l2_adapter::Section>::TABLE, #tag);
        }
    });
    let kind = emit! { __l2_adapter::Kind::Union(|| &__L2_ADAPTER_UNION) };
    let read = emit! {
        match __l2_adapter::read_tag(|| &__L2_ADAPTER_UNION, value, place, reader) {
            #(#reads)*
            _ => __l2_adapter::None,
        }
    };
    let to_json = emit! {
        __l2_adapter::Some(__l2_adapter::serde_json::Value::Object(match self {
            #(#writes)*
        }))
    };
    let value = value_impl(input, kind, read, to_json, None);
    emit! {
        #(#assertions)*

        static __L2_ADAPTER_UNION: __l2_adapter::UnionTable = __l2_adapter::UnionTable {
            name: #type_name,
            doc: #doc,
            tag: #tag,
            variants: &[#(#variants),*],
        };

        #value
    }
}

fn emit_variant(variant: &RawVariant) -> TokenStream {
    let (members, content) = (variant_members(variant), variant.content.as_ref());
    let table = optional(content.map(|content| emit! { <__l2_adapter::ValueType<#content>>::TABLE }));
    emit! { __l2_adapter::UnionVariant { table: #table, #members } }
}

fn emit_read(tag: &TokenStream, index: usize, variant: &RawVariant) -> TokenStream {
    let ident = &variant.ident;
    let read = match &variant.content {
        Some(content) => emit! {
            <__l2_adapter::ValueType<#content>>::read(map, #tag, value, place, reader).map(Self::#ident)
        },
        None => emit! {
            __l2_adapter::read_unit_variant(map, #tag, value, place, reader).map(|()| Self::#ident)
        },
    };
    emit! { __l2_adapter::Some((#index, map)) => #read, }
}

fn emit_write(tag: &TokenStream, variant: &RawVariant) -> TokenStream {
    let (ident, name) = (&variant.ident, &variant.name);
    match &variant.content {
        Some(content) => emit! {
            Self::#ident(section) => {
                <__l2_adapter::ValueType<#content>>::json(
                    section, __l2_adapter::Some((#tag, #name)), secrets,
                )
            }
        },
        None => emit! { Self::#ident => __l2_adapter::unit_variant_json(#tag, #name), },
    }
}
