//! Structs: how their slots are numbered, read and written.
//!
//! For `struct Pd { role: Role, ports: Vec<u16>, common: CommonConfig }` the output is, paths shortened,
//!
//! ```text
//! static TABLE: Table = Table { fields: &[...], common: Some(<CommonConfig as Section>::table), ..Table::new(...) };
//!
//! impl Section for Pd {
//!     const KEYS: Keys = Keys { own: &["role", "ports"], rest: false, parts: &[&<CommonConfig as Section>::KEYS] };
//!     const SLOTS: usize = 2 + <CommonConfig as Section>::SLOTS;
//!     fn table() -> &'static Table { &TABLE }
//!     fn slot(key: &str) -> usize {
//!         match key {
//!             "role" => 0,
//!             "ports" => 1,
//!             _ => match <CommonConfig as Section>::slot(key) { NO_SLOT => NO_SLOT, slot => slot + 2 },
//!         }
//!     }
//!     fn read_map(map, path, tag, reader) -> Result<Self, ConfigError> {
//!         let mut slots = [None; <Self as Section>::SLOTS];
//!         let object = Object::new(&TABLE, map, &mut slots, <Self as Section>::slot, tag, path);
//!         <Self as Section>::read_slots(&object, reader)
//!     }
//!     fn read_slots(object, reader) -> Result<Self, ConfigError> {
//!         let mut role: Option<Role> = None;
//!         let mut ports: Option<Vec<u16>> = None;
//!         object.plain_fields(0, const { needs_visit(TABLE.fields, 0) }, &mut [&mut role, &mut ports], reader);
//!         let common = <CommonConfig as Section>::read_slots(&object.part(...), reader);
//!         if object.is_refused(reader) || role.is_none() || ports.is_none() || common.is_none() {
//!             return Err(object.error(reader));
//!         }
//!         Ok(Self { role: found(role), ports: found(ports), common: found(common) })
//!     }
//!     fn write(&self, writer) { writer.fields(&TABLE, 0, &[&self.role, &self.ports]); ... }
//! }
//! ```
//!
//! Every field is read before the first way out, so that every fault is found.

use proc_macro2::{Ident, TokenStream};
use quote::quote_spanned;

use super::{assertions::emit_assertions, enclosed, private_path, site, stand_ins, static_ident, table::TableEmitter};
use crate::model::CheckedStruct;

/// The items of `#[derive(ConfigSection)]`.
pub(crate) fn emit_section(checked: &CheckedStruct) -> TokenStream {
    let private = private_path();
    let section = emit_table_and_section(checked, &private);
    let ident = &checked.ident;
    let items = quote_spanned! {site()=>
        #section

        #[automatically_derived]
        impl #private::ConfigValue for #ident {
            const KIND: #private::Kind = #private::Kind::Section(<#ident as #private::Section>::table);
            const SECRET: ::core::primitive::bool = false;

            fn read(
                value: &#private::serde_json::Value,
                place: &#private::Place<'_>,
                reader: &mut #private::Reader<'_>,
            ) -> #private::Option<Self> {
                #private::read_section(value, place, reader)
            }

            fn to_json(&self, secrets: #private::Secrets) -> #private::Option<#private::serde_json::Value> {
                #private::Some(#private::serde_json::Value::Object(
                    #private::section_json(self, #private::None, secrets),
                ))
            }
        }
    };
    enclosed(items, checked.crate_path.as_ref())
}

/// The table of a struct, and the code that reads and writes by it.
pub(super) fn emit_table_and_section(checked: &CheckedStruct, private: &TokenStream) -> TokenStream {
    let tables = TableEmitter::new(private);
    let table = tables.table(checked);
    let assertions = emit_assertions(&checked.assertions, private, &tables);
    let patterns = tables.patterns();
    let emitter = SectionEmitter { checked, private, table: static_ident("TABLE") };
    let (ident, table_ident) = (&checked.ident, &emitter.table);
    let (keys, extends) = (emitter.keys(), emitter.extends());
    let (slots, slot) = (emitter.slots(), emitter.slot());
    let (read_slots, write) = (emitter.read_slots(), emitter.write());
    let default = emit_default(checked, private);
    let stand_ins = stand_ins(private);
    quote_spanned! {site()=>
        #stand_ins
        #patterns
        #default
        static #table_ident: #private::Table = #table;
        #assertions
        #extends

        #[automatically_derived]
        #[allow(unused_variables)]
        impl #private::Section for #ident {
            const KEYS: #private::compile_time::Keys = #keys;
            const SLOTS: ::core::primitive::usize = #slots;

            fn table() -> &'static #private::Table {
                &#table_ident
            }

            fn slot(key: &::core::primitive::str) -> ::core::primitive::usize {
                #slot
            }

            fn read_map(
                map: &#private::serde_json::Map<::std::string::String, #private::serde_json::Value>,
                path: &#private::Path<'_>,
                tag: #private::Option<&'static ::core::primitive::str>,
                reader: &mut #private::Reader<'_>,
            ) -> ::core::result::Result<Self, #private::ConfigError> {
                let mut slots = [#private::None; <#ident as #private::Section>::SLOTS];
                let object = #private::Object::new(
                    &#table_ident, map, &mut slots, <#ident as #private::Section>::slot, tag, path,
                );
                <#ident as #private::Section>::read_slots(&object, reader)
            }

            fn read_slots(
                object: &#private::Object<'_>,
                reader: &mut #private::Reader<'_>,
            ) -> ::core::result::Result<Self, #private::ConfigError> {
                #read_slots
            }

            fn write(&self, writer: &mut #private::Writer) {
                #write
            }
        }
    }
}

/// `Default`, if it is requested: the value of an object without keys.
fn emit_default(checked: &CheckedStruct, private: &TokenStream) -> Option<TokenStream> {
    let word = checked.default.as_ref()?;
    let (ident, span) = (&checked.ident, word.span().resolved_at(site()));
    let private = super::respanned(private, span);
    Some(quote_spanned! {span=>
        const _: () = #private::compile_time::defaults(&<#ident as #private::Section>::KEYS);

        #[automatically_derived]
        impl ::core::default::Default for #ident {
            fn default() -> Self {
                #private::ConfigDefaults::defaults()
            }
        }
    })
}

/// Emits the parts of one struct's section; the sides of it have a file each.
pub(super) struct SectionEmitter<'a> {
    pub(super) checked: &'a CheckedStruct,
    pub(super) private: &'a TokenStream,
    pub(super) table: Ident,
}
