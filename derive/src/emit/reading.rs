//! How a struct is read from its slots.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::spanned::Spanned;

use super::{respanned, section::SectionEmitter, site};
use crate::model::{CheckedCrossRule, CheckedField, Conversion, Literal, Presence};

/// How many fields the engine reads in one call: it has a bit for each.
const RUN_MAX: usize = 64;

impl SectionEmitter<'_> {
    /// The variable that holds what was read for a field of the struct.
    fn variable(&self, field: &Ident) -> Ident {
        // As an argument, not in the braces: so a raw identifier loses its `r#`.
        format_ident!("field_{}", field, span = site())
    }

    pub(super) fn read_slots(&self) -> TokenStream {
        let private = self.private;
        let checked = self.checked;
        let mut body = TokenStream::new();
        let mut members: Vec<&Ident> = Vec::new();
        if let Some(base) = &checked.base {
            let (private, variable, ty, first) =
                (self.private, self.variable(&base.ident), &base.ty, self.first_slot(&base.ty));
            members.push(&base.ident);
            body.extend(quote_spanned! {site()=>
                let #variable = <#ty as #private::Section>::read_slots(
                    &object.part(<#ty as #private::Section>::table(), #first), reader,
                ).ok();
                // Declared fields come first, the base's and the own ones; then common keys and rules.
                let held = reader.take_trailing();
            });
        }
        members.extend(checked.fields.iter().map(|field| &field.ident));
        let mut first = 0;
        let runs = checked.fields.chunk_by(|left, right| left.is_plain() && right.is_plain());
        for run in runs.flat_map(|run| run.chunks(RUN_MAX)) {
            body.extend(self.read_run(first, run));
            first += run.len();
        }
        if let Some(rest) = &checked.rest {
            let (variable, item) = (self.variable(&rest.ident), &rest.item);
            members.push(&rest.ident);
            body.extend(quote_spanned! {site()=> let #variable = <#private::ValueType<#item>>::rest(object, reader); });
        }
        if let Some(common) = &checked.common {
            let (private, variable, first) = (self.private, self.variable(&common.ident), self.first_slot(&common.ty));
            members.push(&common.ident);
            body.extend(quote_spanned! {site()=> let #variable = #private::read_common(object, #first, reader); });
        } else {
            // `read_common` does so too.
            body.extend(quote_spanned! {site()=> reader.mark_declared_end(reader.fault_count()); });
        }
        if checked.base.is_some() {
            body.extend(quote_spanned! {site()=> reader.append(held); });
        }
        if !checked.common_rules.is_empty() {
            let ident = &checked.ident;
            body.extend(quote_spanned! {site()=>
                object.check_common_rules(<#ident as #private::Section>::slot, reader);
            });
        }
        let rules = |method, rules: &[CheckedCrossRule]| -> TokenStream {
            rules.iter().enumerate().map(|(index, rule)| self.cross_rule(method, None, index, rule)).collect()
        };
        let (rules, warnings) = (rules("rule", &checked.rules), rules("warning", &checked.warnings));
        if warnings.is_empty() {
            body.extend(rules);
            body.extend(self.machine_rules());
        } else {
            let machine_rules = self.machine_rules();
            // A warning may rely on the rules, so it runs only if none is violated.
            body.extend(quote_spanned! {site()=>
                let before_rules = reader.fault_count();
                #rules
                let satisfies_rules = reader.fault_count() == before_rules;
                #machine_rules
                if satisfies_rules { #warnings }
            });
        }
        let variables: Vec<_> = members.iter().map(|member| self.variable(member)).collect();
        quote_spanned! {site()=>
            #body
            // One way out, not one for each field: less code to compile. Without branches, which cost more than the checks.
            if object.is_refused(reader) #(| #variables.is_none())* {
                return ::core::result::Result::Err(object.error(reader));
            }
            ::core::result::Result::Ok(Self { #(#members: #private::found(#variables)),* })
        }
    }

    /// Reads a sequence of fields. One call of the engine reads all plain ones: with one call for each, a hundred structs take
    /// a third longer to compile in release (`benches/README.md`).
    fn read_run(&self, first: usize, run: &[CheckedField]) -> TokenStream {
        if let [field] = run
            && !field.is_plain()
        {
            return self.read_field(first, field);
        }
        let variables: Vec<_> = run.iter().map(|field| self.variable(&field.ident)).collect();
        let declarations = run
            .iter()
            .zip(&variables)
            .enumerate()
            .map(|(index, (field, variable))| self.declaration(first + index, variable, field));
        let borrows = run.iter().zip(&variables).map(|(field, variable)| self.borrowed(variable, field));
        let (private, table) = (self.private, &self.table);
        quote_spanned! {site()=>
            #(#declarations)*
            object.plain_fields(
                #first, const { #private::needs_visit(#table.fields, #first) }, &mut [#(#borrows),*], reader,
            );
        }
    }

    /// Reads a field that depends on more than its key.
    fn read_field(&self, index: usize, field: &CheckedField) -> TokenStream {
        let variable = self.variable(&field.ident);
        let declaration = self.declaration(index, &variable, field);
        let borrowed = self.borrowed(&variable, field);
        let read = quote_spanned! {site()=> object.field(#index, #borrowed, reader) };
        let read = match &field.presence {
            Presence::Computed { function, .. } => {
                let at_function = function.span().resolved_at(site());
                let computed = quote_spanned! {at_function=> ::core::option::Option::Some(#function()) };
                let checked = self.checked_default(index, field);
                quote_spanned! {site()=>
                    if #read {
                        #variable = #computed;
                        if let ::core::option::Option::Some(default) = #variable { #variable = #checked; }
                    }
                }
            }
            Presence::DefaultFrom { index: source, word } => {
                let at_word = word.span().resolved_at(site());
                let mut source = self.variable(&self.checked.fields[*source].ident);
                source.set_span(at_word);
                let (private, ty) = (super::respanned(self.private, at_word), &field.ty);
                let copied = quote_spanned! {at_word=> #private::default_from::<_, #ty>(&#source) };
                let checked = self.checked_default(index, field);
                quote_spanned! {site()=>
                    if #read {
                        #variable = #copied;
                        if let ::core::option::Option::Some(default) = #variable { #variable = #checked; }
                    }
                }
            }
            _ => quote_spanned! {site()=> #read; },
        };
        let converted = field.conversion.as_ref().map(|conversion| self.converted(index, &variable, conversion));
        quote_spanned! {site()=> #declaration #read #converted }
    }

    /// The conversion of a read value by the struct's own function.
    fn converted(&self, index: usize, variable: &Ident, conversion: &Conversion) -> TokenStream {
        let parse = &conversion.parse;
        let at_parse = parse.span().resolved_at(site());
        let outcome = outcome(self.private, at_parse, quote_spanned! {at_parse=> #parse(wire) });
        let parsed = quote_spanned! {site()=> object.parsed(#index, #outcome, reader) };
        let parsed = if conversion.optional {
            quote_spanned! {site()=>
                ::core::option::Option::Some(::core::option::Option::Some(wire)) => {
                    #parsed.map(::core::option::Option::Some)
                }
                ::core::option::Option::Some(::core::option::Option::None) => {
                    ::core::option::Option::Some(::core::option::Option::None)
                }
            }
        } else {
            quote_spanned! {site()=> ::core::option::Option::Some(wire) => #parsed, }
        };
        quote_spanned! {site()=>
            let #variable = match #variable {
                #parsed
                ::core::option::Option::None => ::core::option::Option::None,
            };
        }
    }

    /// The rules that also get the machine; without a machine they are satisfied.
    fn machine_rules(&self) -> Option<TokenStream> {
        let rules = &self.checked.machine_rules;
        if rules.is_empty() {
            return None;
        }
        let machine = format_ident!("machine", span = site());
        let rules =
            rules.iter().enumerate().map(|(index, rule)| self.cross_rule("machine_rule", Some(&machine), index, rule));
        Some(quote_spanned! {site()=>
            if let ::core::option::Option::Some(#machine) = reader.context().machine() { #(#rules)* }
        })
    }

    /// A rule runs if all the fields that it reads are valid. `machine` is the first argument of its function.
    fn cross_rule(&self, method: &str, machine: Option<&Ident>, index: usize, rule: &CheckedCrossRule) -> TokenStream {
        let (method, check) = (format_ident!("{method}", span = site()), &rule.check);
        let variables: Vec<_> = rule.reads.iter().map(|read| self.variable(&read.ident)).collect();
        let inputs: Vec<_> = (0..variables.len()).map(|input| format_ident!("input_{input}", span = site())).collect();
        let at_check = check.span().resolved_at(site());
        let arguments = machine.into_iter().chain(&inputs).map(|input| Ident::new(&input.to_string(), at_check));
        let outcome = outcome(self.private, at_check, quote_spanned! {at_check=> #check(#(#arguments),*) });
        quote_spanned! {site()=>
            if let (#(::core::option::Option::Some(#inputs),)*) = (#(&#variables,)*) {
                object.#method(#index, #outcome, reader);
            }
        }
    }

    /// The variable of a field. It starts with the value of an absent key if that is free to construct, so that the engine has
    /// nothing to do then.
    fn declaration(&self, index: usize, variable: &Ident, field: &CheckedField) -> TokenStream {
        let (private, table, ty) = (self.private, &self.table, &field.ty);
        let at_type = ty.span().resolved_at(site());
        let start = match field.presence {
            Presence::Optional if field.is_known => {
                quote_spanned! {at_type=> <#ty as #private::ConfigValue>::absent() }
            }
            Presence::Optional => quote_spanned! {at_type=> <#private::ValueType<#ty>>::absent() },
            Presence::Default(Literal::List(_) | Literal::Object(_)) => {
                quote_spanned! {site()=> #private::None }
            }
            Presence::Default(_) if field.is_known => {
                quote_spanned! {at_type=> #private::initial::<#ty>(&#table, #index) }
            }
            Presence::Default(_) => {
                quote_spanned! {at_type=> <#private::ValueType<#ty>>::initial(&#table, #index) }
            }
            _ => quote_spanned! {site()=> #private::None },
        };
        quote_spanned! {at_type=> let mut #variable: #private::Option<#ty> = #start; }
    }

    /// A variable in the engine's form.
    fn borrowed(&self, variable: &Ident, field: &CheckedField) -> TokenStream {
        let (private, ty) = (self.private, &field.ty);
        if field.is_known {
            return quote_spanned! {site()=> &mut #variable };
        }
        quote_spanned! {site()=> <#private::ValueType<#ty>>::variable(&mut #variable) }
    }

    /// A default that code made, once it is checked.
    fn checked_default(&self, index: usize, field: &CheckedField) -> TokenStream {
        let (private, ty) = (self.private, &field.ty);
        if field.is_known {
            return quote_spanned! {site()=> object.computed(#index, default, reader) };
        }
        quote_spanned! {site()=> <#private::ValueType<#ty>>::computed(object, #index, default, reader) }
    }
}

/// The result of a call of a user's function. Its type is checked at the function's name.
pub(super) fn outcome(private: &TokenStream, at_function: Span, call: TokenStream) -> TokenStream {
    let private = respanned(private, at_function);
    quote_spanned! {at_function=> #private::HookResult::outcome(#call) }
}
