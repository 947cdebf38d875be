//! The numbering of a struct's keys: its own, then those of the tables that it includes.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::{Type, spanned::Spanned};

use super::{respanned, section::SectionEmitter, site};

impl SectionEmitter<'_> {
    /// The names of the table's own slots, in the order `Object` numbers them.
    fn own_keys(&self) -> Vec<&str> {
        let fields = self.checked.fields.iter().map(|field| field.key.as_str());
        let aliases = self.checked.fields.iter().flat_map(|field| &field.aliases).map(|alias| alias.key.value.as_str());
        let forbidden = self.checked.forbidden.iter().map(|forbidden| forbidden.key.value.as_str());
        fields.chain(aliases).chain(forbidden).collect()
    }

    /// The keys as constants can see them.
    pub(super) fn keys(&self) -> TokenStream {
        let private = self.private;
        let (own, parts, rest) = (self.own_keys(), self.parts(), self.checked.rest.is_some());
        let required = self.checked.required;
        quote_spanned! {site()=>
            #private::compile_time::Keys {
                own: &[#(#own),*],
                rest: #rest,
                required: #required,
                parts: &[#(&<#parts as #private::Section>::KEYS),*],
            }
        }
    }

    /// The assertion that the keys of the extended struct are others.
    pub(super) fn extends(&self) -> Option<TokenStream> {
        let base = &self.checked.base.as_ref()?.ty;
        let (ident, span) = (&self.checked.ident, base.span().resolved_at(site()));
        let private = respanned(self.private, span);
        let foreign = self.checked.fields.iter().flat_map(|field| &field.also_known_as).flat_map(|all| &all.names);
        Some(quote_spanned! {span=>
            const _: () = #private::compile_time::foreign_names(
                &[#(#foreign),*], &<#base as #private::Section>::KEYS,
            );
            const _: () = #private::compile_time::extends(
                &<#ident as #private::Section>::KEYS, &<#base as #private::Section>::KEYS,
            );
        })
    }

    /// The tables whose slots follow the own ones.
    fn parts(&self) -> impl Iterator<Item = &Type> {
        self.checked.base.iter().chain(&self.checked.common).map(|member| &member.ty)
    }

    /// Where the slots of a part begin.
    pub(super) fn first_slot(&self, part: &Type) -> TokenStream {
        let private = self.private;
        let own = self.own_keys().len();
        let before = self.parts().take_while(|other| !std::ptr::eq(*other, part));
        quote_spanned! {site()=> #own #(+ <#before as #private::Section>::SLOTS)* }
    }

    pub(super) fn slots(&self) -> TokenStream {
        let private = self.private;
        let (own, parts) = (self.own_keys().len(), self.parts());
        quote_spanned! {site()=> #own #(+ <#parts as #private::Section>::SLOTS)* }
    }

    pub(super) fn slot(&self) -> TokenStream {
        let private = self.private;
        let parts: Vec<_> = self.parts().collect();
        let elsewhere = parts.iter().rev().fold(quote_spanned! {site()=> #private::NO_SLOT }, |next, part| {
            let first = self.first_slot(part);
            quote_spanned! {site()=>
                match <#part as #private::Section>::slot(key) {
                    #private::NO_SLOT => #next,
                    slot => slot + #first,
                }
            }
        });
        let keys = self.own_keys();
        let indices = 0..keys.len();
        quote_spanned! {site()=>
            match key {
                #(#keys => #indices,)*
                _ => #elsewhere,
            }
        }
    }
}
