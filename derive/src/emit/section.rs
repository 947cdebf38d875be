//! Structs: how their slots are numbered, read and written.
//!
//! For `struct Pd { role: Role, ports: Vec<u16>, common: CommonConfig }` the output is, paths shortened,
//!
//! ```text
//! static TABLE: Table = Table { fields: &[...], common: Some(<CommonConfig as Section>::TABLE), ..Table::new(...) };
//!
//! impl Section for Pd {
//!     const TABLE: &'static Table = &TABLE;
//!     const SLOTS: usize = 2 + <CommonConfig as Section>::SLOTS;
//!     fn slot(key: &str) -> usize {
//!         match key {
//!             "role" => 0,
//!             "ports" => 1,
//!             _ => match <CommonConfig as Section>::slot(key) { NO_SLOT => NO_SLOT, slot => slot + 2 },
//!         }
//!     }
//!     fn read_slots(object, reader) -> Result<Self, ConfigError> {
//!         let mut role: Option<Role> = None;
//!         let mut ports: Option<Vec<u16>> = None;
//!         object.plain_fields(0, const { needs_visit(TABLE.fields, 0) }, &mut [&mut role, &mut ports], reader);
//!         let common = <CommonConfig as Section>::read_slots(&object.part(...), reader);
//!         if object.is_refused(reader) | role.is_none() | ports.is_none() | common.is_none() {
//!             return Err(object.error(reader));
//!         }
//!         Ok(Self { role: found(role), ports: found(ports), common: found(common) })
//!     }
//!     fn write(&self, writer) { writer.fields(&TABLE, &[&self.role, &self.ports]); ... }
//! }
//! ```
//!
//! Every field is read before the first way out, so that every fault is found.

use proc_macro2::TokenStream;
use syn::{DeriveInput, Type};

use super::{
    emit, emit_at, implement,
    table::{patterns, table},
    value_impl,
};
use crate::model::{CheckedField, CheckedStruct, Conversion, RawField};

/// The items of `#[derive(ConfigSection)]`.
pub(crate) fn emit_section(input: &DeriveInput, checked: &CheckedStruct<'_>) -> TokenStream {
    let section = emit_table_and_section(input, checked);
    let kind = emit! { __l2_adapter::Kind::Section(<Self as __l2_adapter::Section>::table) };
    let read = emit! { __l2_adapter::read_section(value, place, reader) };
    let to_json = emit! {
        __l2_adapter::Some(__l2_adapter::serde_json::Value::Object(
            __l2_adapter::section_json(self, __l2_adapter::None, secrets),
        ))
    };
    let value = value_impl(input, kind, read, to_json, None);
    emit! { #section #value }
}

/// The table of a struct, and the code that reads and writes by it.
pub(super) fn emit_table_and_section(input: &DeriveInput, checked: &CheckedStruct<'_>) -> TokenStream {
    let rules = checked.fields.iter().map(|field| field.value.rules.as_slice());
    let patterns = patterns(rules.chain(checked.rest.iter().map(|rest| rest.rules.as_slice())));
    let table = table(checked);
    let ident = &input.ident;
    let extends = checked.base.map(|RawField { ty, .. }| {
        emit_at! {ty=> const _: () = __l2_adapter::compile_time::extends(<#ident as __l2_adapter::Section>::TABLE); }
    });
    let (slots, slot) = (checked.slots_before(None), checked.slot());
    let (read_slots, write) = (checked.read_slots(), checked.write());
    let items = emit! {
        const TABLE: &'static __l2_adapter::Table = &__L2_ADAPTER_TABLE;
        const SLOTS: ::core::primitive::usize = #slots;

        fn slot(key: &::core::primitive::str) -> ::core::primitive::usize {
            #slot
        }

        fn read_map(
            map: &__l2_adapter::serde_json::Map<::std::string::String, __l2_adapter::serde_json::Value>,
            path: &__l2_adapter::Path<'_>,
            tag: __l2_adapter::Option<&'static ::core::primitive::str>,
            reader: &mut __l2_adapter::Reader<'_>,
        ) -> ::core::result::Result<Self, __l2_adapter::ConfigError> {
            let mut slots = [__l2_adapter::None; <Self as __l2_adapter::Section>::SLOTS];
            let object = __l2_adapter::Object::new(
                &__L2_ADAPTER_TABLE, map, &mut slots, <Self as __l2_adapter::Section>::slot, tag, path,
            );
            <Self as __l2_adapter::Section>::read_slots(&object, reader)
        }

        fn read_slots(
            object: &__l2_adapter::Object<'_>,
            reader: &mut __l2_adapter::Reader<'_>,
        ) -> ::core::result::Result<Self, __l2_adapter::ConfigError> {
            #read_slots
        }

        fn write(&self, writer: &mut __l2_adapter::Writer) {
            #write
        }
    };
    let section = implement(input, emit! { __l2_adapter::Section for }, items);
    let default = emit_default(input, checked);
    emit! {
        #patterns
        #default
        static __L2_ADAPTER_TABLE: __l2_adapter::Table = #table;
        #extends
        #section
    }
}

/// `Default`, if it is requested: the value of an object without keys.
fn emit_default(input: &DeriveInput, checked: &CheckedStruct<'_>) -> Option<TokenStream> {
    let (word, ident) = (checked.raw.attributes.default.as_ref()?, &input.ident);
    Some(emit_at! {word=>
        const _: () = __l2_adapter::compile_time::defaults(<#ident as __l2_adapter::Section>::TABLE);

        #[automatically_derived]
        impl ::core::default::Default for #ident {
            fn default() -> Self {
                __l2_adapter::ConfigDefaults::defaults()
            }
        }
    })
}

/// The numbering of a struct's keys: its own, then those of the tables that it includes; and how it is written.
impl CheckedStruct<'_> {
    /// The names of the table's own slots, in the order `Object` numbers them.
    fn own_keys(&self) -> Vec<&str> {
        let fields = self.fields.iter().map(|field| field.raw.key.value.as_str());
        let aliases = self.fields.iter().flat_map(|field| &field.raw.attributes.aliases);
        let aliases = aliases.map(|alias| alias.key.value.as_str());
        let forbidden = self.raw.attributes.forbidden.iter().map(|forbidden| forbidden.key.value.as_str());
        fields.chain(aliases).chain(forbidden).collect()
    }

    /// The tables whose slots follow the own ones.
    fn parts(&self) -> impl DoubleEndedIterator<Item = &Type> {
        self.base.into_iter().chain(self.common).map(|part| &part.ty)
    }

    /// The number of slots before those of a part, or of all.
    pub(super) fn slots_before(&self, part: Option<&Type>) -> TokenStream {
        let own = self.own_keys().len();
        let before = self.parts().take_while(|other| part.is_none_or(|part| !std::ptr::eq(*other, part)));
        emit! { #own #(+ <#before as __l2_adapter::Section>::SLOTS)* }
    }

    fn slot(&self) -> TokenStream {
        let elsewhere = self.parts().rev().fold(emit! { __l2_adapter::NO_SLOT }, |next, part| {
            let first = self.slots_before(Some(part));
            emit! {
                match <#part as __l2_adapter::Section>::slot(key) {
                    __l2_adapter::NO_SLOT => #next,
                    slot => slot + #first,
                }
            }
        });
        let keys = self.own_keys();
        let indices = 0..keys.len();
        emit! {
            match key {
                #(#keys => #indices,)*
                _ => #elsewhere,
            }
        }
    }

    fn write(&self) -> TokenStream {
        let part = |RawField { ident, ty, .. }: &RawField| {
            emit! { <#ty as __l2_adapter::Section>::write(&self.#ident, writer); }
        };
        let mut body: TokenStream = self.base.into_iter().map(part).collect();
        let values = self.fields.iter().map(forgotten);
        body.extend(emit! { writer.fields(&__L2_ADAPTER_TABLE, &[#(#values),*]); });
        if let Some(rest) = &self.rest {
            let (ident, item) = (&rest.raw.ident, &rest.item);
            let map = emit! { ::std::collections::BTreeMap<::std::string::String, #item> };
            body.extend(emit! { writer.rest(<__l2_adapter::ValueType<#map>>::written(&self.#ident)); });
        }
        body.extend(self.common.map(part));
        body
    }
}

/// A field's value for writing, with its type erased.
fn forgotten(field: &CheckedField<'_>) -> TokenStream {
    let (ty, ident) = (&field.value.ty, &field.raw.ident);
    let value = match &field.value.conversion {
        None if field.is_known() => return emit! { &self.#ident },
        None => emit! { &self.#ident },
        Some(Conversion { write, optional: false, .. }) => emit_at! {write=> &#write(&self.#ident) },
        Some(Conversion { write, optional: true, .. }) => {
            emit_at! {write=> &__l2_adapter::Option::as_ref(&self.#ident).map(|value| #write(value)) }
        }
    };
    emit! { <__l2_adapter::ValueType<#ty>>::written(#value) }
}
