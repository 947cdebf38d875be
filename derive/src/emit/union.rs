//! Tagged unions.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::spanned::Spanned;

use super::{enclosed, private_path, respanned, site, stand_ins, static_ident, table::foreign_names, versions};
use crate::model::{CheckedUnion, CheckedVariant};

/// The items of `#[derive(ConfigUnion)]`.
pub(crate) fn emit_union(checked: &CheckedUnion) -> TokenStream {
    let private = private_path();
    let (ident, doc, tag) = (&checked.ident, &checked.doc, &checked.tag);
    let (table, type_name) = (static_ident("UNION"), ident.to_string());
    let variants = checked.variants.iter().map(|variant| emit_variant(variant, &private));
    let reads =
        checked.variants.iter().enumerate().map(|(index, variant)| emit_read(checked, index, variant, &private));
    let writes = checked.variants.iter().map(|variant| emit_write(checked, variant, &private));
    let assertions = checked.variants.iter().filter_map(|variant| emit_assertion(tag, variant, &private));
    let stand_ins = stand_ins(&private);
    let items = quote_spanned! {site()=>
        #stand_ins
        #(#assertions)*

        static #table: #private::UnionTable = #private::UnionTable {
            name: #type_name,
            doc: #doc,
            tag: #tag,
            variants: &[#(#variants),*],
        };

        #[automatically_derived]
        impl #private::ConfigValue for #ident {
            const KIND: #private::Kind = #private::Kind::Union(|| &#table);
            const SECRET: ::core::primitive::bool = false;

            fn read(
                value: &#private::serde_json::Value,
                place: &#private::Place<'_>,
                reader: &mut #private::Reader<'_>,
            ) -> ::core::option::Option<Self> {
                match #private::read_tag(|| &#table, value, place, reader) {
                    #(#reads)*
                    _ => ::core::option::Option::None,
                }
            }

            fn to_json(&self, secrets: #private::Secrets) -> ::core::option::Option<#private::serde_json::Value> {
                ::core::option::Option::Some(#private::serde_json::Value::Object(match self {
                    #(#writes)*
                }))
            }
        }
    };
    enclosed(items, checked.crate_path.as_ref())
}

/// The assertion that the tag is not a key of a variant.
fn emit_assertion(tag: &str, variant: &CheckedVariant, private: &TokenStream) -> Option<TokenStream> {
    let content = variant.content.as_ref()?;
    let span = content.span().resolved_at(site());
    let private = respanned(private, span);
    Some(quote_spanned! {span=>
        const _: () = #private::compile_time::tag(&<#content as #private::Section>::KEYS, #tag);
    })
}

fn emit_variant(variant: &CheckedVariant, private: &TokenStream) -> TokenStream {
    let (name, doc, versions) = (&variant.name, &variant.doc, versions(&variant.versions, private));
    let table = match &variant.content {
        Some(content) => {
            quote_spanned! {site()=> ::core::option::Option::Some(<#private::SectionType<#content>>::TABLE) }
        }
        None => quote_spanned! {site()=> ::core::option::Option::None },
    };
    let foreign = foreign_names(&variant.also_known_as, private);
    quote_spanned! {site()=>
        #private::UnionVariant {
            name: #name, doc: #doc, also_known_as: &[#(#foreign),*], table: #table, versions: #versions
        }
    }
}

fn emit_read(checked: &CheckedUnion, index: usize, variant: &CheckedVariant, private: &TokenStream) -> TokenStream {
    let (ident, tag, variant_ident) = (&checked.ident, &checked.tag, &variant.ident);
    let read = match &variant.content {
        Some(content) => quote_spanned! {site()=>
            <#private::SectionType<#content>>::read(map, #tag, value, place, reader).map(#ident::#variant_ident)
        },
        None => quote_spanned! {site()=>
            #private::read_unit_variant(map, #tag, value, place, reader).map(|()| #ident::#variant_ident)
        },
    };
    quote_spanned! {site()=> ::core::option::Option::Some((#index, map)) => #read, }
}

fn emit_write(checked: &CheckedUnion, variant: &CheckedVariant, private: &TokenStream) -> TokenStream {
    let (ident, tag) = (&checked.ident, &checked.tag);
    let (variant_ident, name) = (&variant.ident, &variant.name);
    match &variant.content {
        Some(content) => quote_spanned! {site()=>
            #ident::#variant_ident(section) => {
                <#private::SectionType<#content>>::json(section, ::core::option::Option::Some((#tag, #name)), secrets)
            }
        },
        None => quote_spanned! {site()=> #ident::#variant_ident => #private::unit_variant_json(#tag, #name), },
    }
}
