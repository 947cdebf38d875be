//! Structs: how their slots are numbered, read and written.
//!
//! For `struct Pd { role: Role, ports: Vec<u16>, shared: SharedConfig }` the output is, paths shortened,
//!
//! ```text
//! static TABLE: Table = Table { fields: &[...], shared: Some(<SharedConfig as Section>::table), ..Table::new(...) };
//!
//! impl Section for Pd {
//!     const SLOTS: usize = 2 + <SharedConfig as Section>::SLOTS;
//!     fn table() -> &'static Table { &TABLE }
//!     fn slot(key: &str) -> usize {
//!         match key {
//!             "role" => 0,
//!             "ports" => 1,
//!             _ => match <SharedConfig as Section>::slot(key) { NO_SLOT => NO_SLOT, slot => slot + 2 },
//!         }
//!     }
//!     fn read_map(map, path, tag, reader) -> Option<Self> {
//!         let mut slots = [None; <Self as Section>::SLOTS];
//!         let all_known = fill(map, &mut slots, <Self as Section>::slot, tag);
//!         let object = Object::new(&TABLE, map, &slots, path);
//!         let value = <Self as Section>::read_slots(&object, tag, reader);
//!         object.finish(all_known, <Self as Section>::slot, tag, reader);
//!         value
//!     }
//!     fn read_slots(object, tag, reader) -> Option<Self> {
//!         let role = object.field::<Role>(0, reader);
//!         let ports = object.field::<Vec<u16>>(1, reader);
//!         let shared = <SharedConfig as Section>::read_slots(&object.part(...), None, reader);
//!         Some(Self { role: role?, ports: ports?, shared: shared? })
//!     }
//!     fn write(&self, writer) { writer.field(&TABLE.fields[0], &self.role); ... }
//! }
//! ```
//!
//! Every field is read before the first `?`, so that every fault is found.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote_spanned};
use syn::{Type, spanned::Spanned};

use super::{assertions::emit_assertions, private_path, respanned, site, static_ident, table::TableEmitter};
use crate::model::{CheckedCrossRule, CheckedField, CheckedStruct, Conversion, Presence};

/// The items of `#[derive(ConfigSection)]`.
pub(crate) fn emit_section(checked: &CheckedStruct) -> TokenStream {
    let private = private_path(checked.crate_path.as_ref());
    let section = emit_table_and_section(checked, &private);
    let ident = &checked.ident;
    quote_spanned! {site()=>
        #section

        #[automatically_derived]
        #[diagnostic::do_not_recommend]
        impl #private::ConfigValue for #ident {
            const KIND: #private::Kind = #private::Kind::Section(<#ident as #private::Section>::table);

            fn read(
                value: &#private::serde_json::Value,
                place: &#private::Place<'_>,
                reader: &mut #private::Reader<'_>,
            ) -> ::core::option::Option<Self> {
                #private::read_section(value, place, reader)
            }

            fn to_json(&self, secrets: #private::Secrets) -> ::core::option::Option<#private::serde_json::Value> {
                ::core::option::Option::Some(#private::serde_json::Value::Object(
                    #private::section_json(self, ::core::option::Option::None, secrets),
                ))
            }
        }
    }
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
    quote_spanned! {site()=>
        #patterns
        static #table_ident: #private::Table = #table;
        #assertions
        #extends

        #[automatically_derived]
        #[allow(unused_variables)]
        #[diagnostic::do_not_recommend]
        impl #private::Section for #ident {
            const KEYS: #private::check::Keys = #keys;
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
                tag: ::core::option::Option<&'static ::core::primitive::str>,
                reader: &mut #private::Reader<'_>,
            ) -> ::core::option::Option<Self> {
                let mut slots = [::core::option::Option::None; <#ident as #private::Section>::SLOTS];
                let all_known = #private::fill(map, &mut slots, <#ident as #private::Section>::slot, tag);
                let object = #private::Object::new(&#table_ident, map, &slots, path);
                let value = <#ident as #private::Section>::read_slots(&object, tag, reader);
                object.finish(all_known, <#ident as #private::Section>::slot, tag, reader);
                value
            }

            fn read_slots(
                object: &#private::Object<'_>,
                tag: ::core::option::Option<&'static ::core::primitive::str>,
                reader: &mut #private::Reader<'_>,
            ) -> ::core::option::Option<Self> {
                #read_slots
            }

            fn write(&self, writer: &mut #private::Writer) {
                #write
            }
        }
    }
}

struct SectionEmitter<'a> {
    checked: &'a CheckedStruct,
    private: &'a TokenStream,
    table: Ident,
}

impl SectionEmitter<'_> {
    /// The names of the table's own slots, in the order `Object` numbers them.
    fn own_keys(&self) -> Vec<&str> {
        let fields = self.checked.fields.iter().map(|field| field.key.as_str());
        let aliases = self.checked.fields.iter().flat_map(|field| &field.aliases).map(|alias| alias.key.as_str());
        let forbidden = self.checked.forbidden.iter().map(|(key, _)| key.as_str());
        fields.chain(aliases).chain(forbidden).collect()
    }

    /// The keys as constants can see them.
    fn keys(&self) -> TokenStream {
        let private = self.private;
        let (own, parts, rest) = (self.own_keys(), self.parts(), self.checked.rest.is_some());
        quote_spanned! {site()=>
            #private::check::Keys {
                own: &[#(#own),*],
                rest: #rest,
                parts: &[#(&<#parts as #private::Section>::KEYS),*],
            }
        }
    }

    /// The assertion that the keys of the extended struct are others.
    fn extends(&self) -> Option<TokenStream> {
        let base = &self.checked.base.as_ref()?.ty;
        let (ident, span) = (&self.checked.ident, base.span().resolved_at(site()));
        let private = respanned(self.private, span);
        Some(quote_spanned! {span=>
            const _: () = #private::check::extends(
                &<#ident as #private::Section>::KEYS, &<#base as #private::Section>::KEYS,
            );
        })
    }

    /// The tables whose slots follow the own ones.
    fn parts(&self) -> impl Iterator<Item = &Type> {
        self.checked.base.iter().chain(&self.checked.shared).map(|member| &member.ty)
    }

    /// Where the slots of a part begin.
    fn first_slot(&self, part: &Type) -> TokenStream {
        let private = self.private;
        let own = self.own_keys().len();
        let before = self.parts().take_while(|other| !std::ptr::eq(*other, part));
        quote_spanned! {site()=> #own #(+ <#before as #private::Section>::SLOTS)* }
    }

    fn slots(&self) -> TokenStream {
        let private = self.private;
        let (own, parts) = (self.own_keys().len(), self.parts());
        quote_spanned! {site()=> #own #(+ <#parts as #private::Section>::SLOTS)* }
    }

    fn slot(&self) -> TokenStream {
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

    /// The variable that holds what was read for a field of the struct.
    fn variable(&self, field: &Ident) -> Ident {
        // As an argument, not in the braces: so a raw identifier loses its `r#`.
        format_ident!("field_{}", field, span = site())
    }

    fn read_slots(&self) -> TokenStream {
        let private = self.private;
        let checked = self.checked;
        let mut body = TokenStream::new();
        let mut members: Vec<&Ident> = Vec::new();
        if let Some(base) = &checked.base {
            let (variable, ty, first) = (self.variable(&base.ident), &base.ty, self.first_slot(&base.ty));
            let ident = &checked.ident;
            members.push(&base.ident);
            body.extend(quote_spanned! {site()=>
                let #variable = <#ty as #private::Section>::read_slots(
                    &object.base(<#ty as #private::Section>::table(), #first, <#ident as #private::Section>::slot),
                    tag,
                    reader,
                );
            });
        }
        members.extend(checked.fields.iter().map(|field| &field.ident));
        let mut first = 0;
        for run in checked.fields.chunk_by(|left, right| left.is_simple() && right.is_simple()) {
            body.extend(self.read_run(first, run));
            first += run.len();
        }
        if let Some(rest) = &checked.rest {
            let (variable, item, ident) = (self.variable(&rest.ident), &rest.item, &checked.ident);
            members.push(&rest.ident);
            body.extend(quote_spanned! {site()=>
                let #variable = object.rest::<#item>(<#ident as #private::Section>::slot, tag, reader);
            });
        }
        if let Some(shared) = &checked.shared {
            let (variable, ty, first) = (self.variable(&shared.ident), &shared.ty, self.first_slot(&shared.ty));
            members.push(&shared.ident);
            body.extend(quote_spanned! {site()=>
                let #variable = <#ty as #private::Section>::read_slots(
                    &object.part(<#ty as #private::Section>::table(), #first), ::core::option::Option::None, reader,
                );
            });
        }
        if !checked.shared_rules.is_empty() {
            let ident = &checked.ident;
            body.extend(quote_spanned! {site()=>
                object.check_shared_rules(<#ident as #private::Section>::slot, reader);
            });
        }
        let rules = |method, rules: &[CheckedCrossRule]| -> TokenStream {
            rules.iter().enumerate().map(|(index, rule)| self.cross_rule(method, index, rule)).collect()
        };
        body.extend(rules("rule", &checked.rules));
        if !checked.warnings.is_empty() {
            // A warning may rely on what the rules ask for; of a faulty document nobody sees one.
            let warnings = rules("warning", &checked.warnings);
            body.extend(quote_spanned! {site()=> if reader.is_content() { #warnings } });
        }
        let variables: Vec<_> = members.iter().map(|member| self.variable(member)).collect();
        quote_spanned! {site()=>
            #body
            // One way out where something is missing: a `?` for each field takes twice as long to compile.
            let (#(::core::option::Option::Some(#variables),)*) = (#(#variables,)*) else {
                return ::core::option::Option::None;
            };
            ::core::option::Option::Some(Self { #(#members: #variables),* })
        }
    }

    /// Reads fields that stand one after the other. Simple ones are read by one call of the engine: a call for each would
    /// take a third longer to compile.
    fn read_run(&self, first: usize, run: &[CheckedField]) -> TokenStream {
        if let [field] = run {
            let (variable, read) = (self.variable(&field.ident), self.read_field(first, field));
            return quote_spanned! {site()=> let #variable = #read; };
        }
        let variables: Vec<_> = run.iter().map(|field| self.variable(&field.ident)).collect();
        let declarations = run.iter().zip(&variables).map(|(field, variable)| {
            let ty = &field.ty;
            let at_type = ty.span().resolved_at(site());
            quote_spanned! {at_type=>
                let mut #variable: ::core::option::Option<#ty> = ::core::option::Option::None;
            }
        });
        quote_spanned! {site()=>
            #(#declarations)*
            object.plain_fields(#first, &mut [#(&mut #variables),*], reader);
        }
    }

    fn read_field(&self, index: usize, field: &CheckedField) -> TokenStream {
        let ty = &field.ty;
        // A type that cannot be read is reported where it stands in the struct.
        let at_type = ty.span().resolved_at(site());
        let read = match &field.presence {
            Presence::Computed { function, .. } => {
                let at_function = function.span().resolved_at(site());
                let computed = quote_spanned! {at_function=> ::core::option::Option::Some(#function()) };
                quote_spanned! {at_type=> object.field_or_else::<#ty>(#index, reader, |_, _| #computed) }
            }
            Presence::DefaultFrom { index: source, word } => {
                let at_word = word.span().resolved_at(site());
                let mut source = self.variable(&self.checked.fields[*source].ident);
                source.set_span(at_word);
                quote_spanned! {at_word=>
                    object.field_or_else::<#ty>(#index, reader, |_, _| ::core::clone::Clone::clone(&#source))
                }
            }
            _ if field.is_plain() => quote_spanned! {at_type=> object.plain_field::<#ty>(#index, reader) },
            _ => quote_spanned! {at_type=> object.field::<#ty>(#index, reader) },
        };
        match &field.conversion {
            None => read,
            Some(conversion) => self.converted(index, &read, conversion),
        }
    }

    fn converted(&self, index: usize, read: &TokenStream, conversion: &Conversion) -> TokenStream {
        let parse = &conversion.parse;
        let at_parse = parse.span().resolved_at(site());
        let outcome = quote_spanned! {at_parse=> #parse(wire).map_err(::core::convert::Into::into) };
        let parsed = quote_spanned! {site()=> object.parsed(#index, #outcome, reader) };
        if conversion.optional {
            return quote_spanned! {site()=>
                match #read {
                    ::core::option::Option::Some(::core::option::Option::Some(wire)) => {
                        #parsed.map(::core::option::Option::Some)
                    }
                    ::core::option::Option::Some(::core::option::Option::None) => {
                        ::core::option::Option::Some(::core::option::Option::None)
                    }
                    ::core::option::Option::None => ::core::option::Option::None,
                }
            };
        }
        quote_spanned! {site()=>
            match #read {
                ::core::option::Option::Some(wire) => #parsed,
                ::core::option::Option::None => ::core::option::Option::None,
            }
        }
    }

    /// A rule runs if all that it reads is sound.
    fn cross_rule(&self, method: &str, index: usize, rule: &CheckedCrossRule) -> TokenStream {
        let (method, check) = (format_ident!("{method}", span = site()), &rule.check);
        let variables: Vec<_> = rule.reads.iter().map(|read| self.variable(&read.ident)).collect();
        let inputs: Vec<_> = (0..variables.len()).map(|input| format_ident!("input_{input}", span = site())).collect();
        let at_check = check.span().resolved_at(site());
        let arguments = inputs.iter().map(|input| Ident::new(&input.to_string(), at_check));
        let outcome = quote_spanned! {at_check=> #check(#(#arguments),*).map_err(::core::convert::Into::into) };
        quote_spanned! {site()=>
            if let (#(::core::option::Option::Some(#inputs),)*) = (#(&#variables,)*) {
                object.#method(#index, #outcome, reader);
            }
        }
    }

    fn write(&self) -> TokenStream {
        let (private, table) = (self.private, &self.table);
        let part = |ident: &Ident| quote_spanned! {site()=> #private::Section::write(&self.#ident, writer); };
        let mut body = TokenStream::new();
        body.extend(self.checked.base.iter().map(|base| part(&base.ident)));
        let mut first = 0;
        for run in self.checked.fields.chunk_by(|left, right| left.is_simple() && right.is_simple()) {
            let end = first + run.len();
            body.extend(match run {
                [field] => {
                    let (ty, value) = (&field.ty, self.written(field));
                    quote_spanned! {site()=> writer.field::<#ty>(&#table.fields[#first], #value); }
                }
                _ => {
                    let idents = run.iter().map(|field| &field.ident);
                    quote_spanned! {site()=> writer.fields(&#table.fields[#first..#end], &[#(&self.#idents),*]); }
                }
            });
            first = end;
        }
        if let Some(rest) = &self.checked.rest {
            let ident = &rest.ident;
            body.extend(quote_spanned! {site()=> writer.rest(&self.#ident); });
        }
        body.extend(self.checked.shared.iter().map(|shared| part(&shared.ident)));
        body
    }

    fn written(&self, field: &CheckedField) -> TokenStream {
        let ident = field.ident.to_token_stream();
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
