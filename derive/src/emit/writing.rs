//! How a struct is written out.

use proc_macro2::TokenStream;
use quote::quote_spanned;
use syn::spanned::Spanned;

use super::{section::SectionEmitter, site};
use crate::model::{CheckedField, Conversion, Member};

impl SectionEmitter<'_> {
    pub(super) fn write(&self) -> TokenStream {
        let (private, table) = (self.private, &self.table);
        let part = |member: &Member| {
            let (ident, ty) = (&member.ident, &member.ty);
            quote_spanned! {site()=> <#ty as #private::Section>::write(&self.#ident, writer); }
        };
        let mut body = TokenStream::new();
        body.extend(self.checked.base.iter().map(part));
        let mut first = 0_usize;
        for run in self.checked.fields.chunk_by(|left, right| left.is_plain() && right.is_plain()) {
            body.extend(match run {
                [field] if field.is_known => {
                    let (ty, value) = (&field.ty, self.written(field));
                    quote_spanned! {site()=> writer.field::<#ty>(&#table.fields[#first], #value); }
                }
                _ => {
                    let values = run.iter().map(|field| self.forgotten(field));
                    quote_spanned! {site()=> writer.fields(&#table, #first, &[#(#values),*]); }
                }
            });
            first += run.len();
        }
        if let Some(rest) = &self.checked.rest {
            let (ident, item) = (&rest.ident, &rest.item);
            body.extend(quote_spanned! {site()=> <#private::ValueType<#item>>::write_rest(writer, &self.#ident); });
        }
        body.extend(self.checked.common.iter().map(part));
        body
    }

    /// A field's value for writing, with its type erased.
    fn forgotten(&self, field: &CheckedField) -> TokenStream {
        let (private, ty, value) = (self.private, &field.ty, self.written(field));
        if field.is_known {
            return value;
        }
        quote_spanned! {site()=> <#private::ValueType<#ty>>::written(#value) }
    }

    fn written(&self, field: &CheckedField) -> TokenStream {
        let ident = &field.ident;
        match &field.conversion {
            None => quote_spanned! {site()=> &self.#ident },
            Some(Conversion { write, optional: false, .. }) => {
                let at_write = write.span().resolved_at(site());
                quote_spanned! {at_write=> &#write(&self.#ident) }
            }
            Some(Conversion { write, optional: true, .. }) => {
                let at_write = write.span().resolved_at(site());
                let some = quote_spanned! {at_write=> ::core::option::Option::Some(#write(value)) };
                quote_spanned! {site()=>
                    &match &self.#ident {
                        ::core::option::Option::Some(value) => #some,
                        ::core::option::Option::None => ::core::option::Option::None,
                    }
                }
            }
        }
    }
}
