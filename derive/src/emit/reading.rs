//! How a struct is read from its slots.

use l2_adapter_rules::CrossRuleKind;
use proc_macro2::{Ident, Span, TokenStream};
use quote::format_ident;

use super::{assertions::input_names, emit, emit_at, place};
use crate::model::{CheckedField, CheckedStruct, Conversion, Literal, Presence, RawCrossRule};

/// How many fields the engine reads in one call: it has a bit for each.
const RUN_MAX: usize = 64;

impl CheckedStruct<'_> {
    pub(super) fn read_slots(&self) -> TokenStream {
        let mut body = TokenStream::new();
        if let Some(base) = &self.base {
            let (variable, ty, first) = (variable(&base.ident), &base.ty, self.slots_before(Some(&base.ty)));
            body.extend(emit! {
                let #variable = <#ty as __l2_adapter::Section>::read_slots(
                    &object.part(<#ty as __l2_adapter::Section>::TABLE, #first), reader,
                ).ok();
                // Declared fields come first, the base's and the own ones; then common keys and rules.
                let held = reader.take_trailing();
            });
        }
        let mut first = 0;
        let runs = self.fields.chunk_by(|left, right| left.is_plain() && right.is_plain());
        for run in runs.flat_map(|run| run.chunks(RUN_MAX)) {
            body.extend(match run {
                [field] if !field.is_plain() => self.read_field(first, field),
                run => read_run(first, run),
            });
            first += run.len();
        }
        if let Some(rest) = &self.rest {
            let (variable, item) = (variable(&rest.raw.ident), &rest.item);
            body.extend(emit! { let #variable = <__l2_adapter::ValueType<#item>>::rest(object, reader); });
        }
        body.extend(match &self.common {
            Some(common) => {
                let (variable, first) = (variable(&common.ident), self.slots_before(Some(&common.ty)));
                emit! { let #variable = __l2_adapter::read_common(object, #first, reader); }
            }
            // `read_common` does so too.
            None => emit! { reader.mark_declared_end(reader.fault_count()); },
        });
        if self.base.is_some() {
            body.extend(emit! { reader.append(held); });
        }
        if !self.common_rules.is_empty() {
            body.extend(emit! { object.check_common_rules(<Self as __l2_adapter::Section>::slot, reader); });
        }
        let rules = self.cross_rules();
        let members = self.raw.fields.iter().map(|field| &field.ident);
        let variables: Vec<_> = members.clone().map(variable).collect();
        emit! {
            #body
            #rules
            // One way out, not one for each field: less code to compile. Without branches, which cost more than the checks.
            if object.is_refused(reader) #(| #variables.is_none())* {
                return ::core::result::Result::Err(object.error(reader));
            }
            ::core::result::Result::Ok(Self { #(#members: __l2_adapter::found(#variables)),* })
        }
    }

    /// Reads a field that depends on more than its key.
    fn read_field(&self, index: usize, field: &CheckedField<'_>) -> TokenStream {
        let (ty, variable) = (&field.value.ty, variable(&field.raw.ident));
        let (declaration, borrowed) = (declaration(index, field), borrowed(field));
        let read = emit! { object.field(#index, #borrowed, reader) };
        let default = match &field.presence {
            Presence::Computed { function, .. } => Some(emit_at! {function=> __l2_adapter::Some(#function()) }),
            Presence::DefaultFrom(word) => {
                let mut source = self::variable(word);
                source.set_span(place(word));
                Some(emit_at! {word=> __l2_adapter::default_from::<_, #ty>(&#source) })
            }
            _ => None,
        };
        let read = match default {
            None => emit! { #read; },
            Some(default) => emit! {
                if #read {
                    #variable = #default;
                    if let __l2_adapter::Some(default) = #variable {
                        #variable = <__l2_adapter::ValueType<#ty>>::computed(object, #index, default, reader);
                    }
                }
            },
        };
        let converted = field.value.conversion.as_ref().map(|conversion| converted(index, &variable, conversion));
        emit! { #declaration #read #converted }
    }

    /// The rules over several fields. A warning may rely on the rules, so it runs only if none is violated.
    fn cross_rules(&self) -> TokenStream {
        let of = |kind| {
            let rules = self.raw.attributes.rules.iter().enumerate().filter(|(_, rule)| rule.kind == kind);
            rules.map(|(index, rule)| cross_rule(index, rule)).collect::<TokenStream>()
        };
        let (rules, machine_rules, warnings) =
            (of(CrossRuleKind::Rule), of(CrossRuleKind::MachineRule), of(CrossRuleKind::Warning));
        if warnings.is_empty() {
            return emit! { #rules #machine_rules };
        }
        emit! {
            let before_rules = reader.fault_count();
            #rules
            let satisfies_rules = reader.fault_count() == before_rules;
            #machine_rules
            if satisfies_rules { #warnings }
        }
    }
}

/// The variable that holds what was read for a field of the struct.
fn variable(field: &Ident) -> Ident {
    // As an argument, not in the braces: so a raw identifier loses its `r#`.
    format_ident!("field_{}", field, span = Span::mixed_site())
}

/// Reads a sequence of fields. One call of the engine reads all plain ones: with one call for each, a hundred structs take
/// a third longer to compile in release (`benches/README.md`).
fn read_run(first: usize, run: &[CheckedField<'_>]) -> TokenStream {
    let declarations = run.iter().enumerate().map(|(index, field)| declaration(first + index, field));
    let borrows = run.iter().map(borrowed);
    emit! {
        #(#declarations)*
        object.plain_fields(
            #first,
            const { __l2_adapter::needs_visit(__L2_ADAPTER_TABLE.fields, #first) },
            &mut [#(#borrows),*],
            reader,
        );
    }
}

/// The conversion of a read value by the struct's own function.
fn converted(index: usize, variable: &Ident, Conversion { parse, optional, .. }: &Conversion) -> TokenStream {
    let outcome = emit_at! {parse=> __l2_adapter::HookResult::outcome(#parse(wire)) };
    let parsed = emit! { object.parsed(#index, #outcome, reader) };
    let parsed = match optional {
        false => emit! { __l2_adapter::Some(wire) => #parsed, },
        true => emit! {
            __l2_adapter::Some(__l2_adapter::Some(wire)) => #parsed.map(__l2_adapter::Some),
            __l2_adapter::Some(__l2_adapter::None) => __l2_adapter::Some(__l2_adapter::None),
        },
    };
    emit! {
        let #variable = match #variable {
            #parsed
            __l2_adapter::None => __l2_adapter::None,
        };
    }
}

/// A rule that runs if all the fields that it reads are valid. One about the machine takes it first, and is satisfied without one.
fn cross_rule(index: usize, RawCrossRule { kind, check, reads, .. }: &RawCrossRule) -> TokenStream {
    let machine = (*kind == CrossRuleKind::MachineRule).then(|| emit! { reader.context().machine(), });
    let variables = reads.iter().map(variable);
    let inputs = input_names(check, reads.len() + usize::from(machine.is_some()));
    let outcome = emit_at! {check=> __l2_adapter::HookResult::outcome(#check(#(#inputs),*)) };
    emit! {
        if let (#(__l2_adapter::Some(#inputs),)*) = (#machine #(&#variables,)*) {
            object.rule(#index, #outcome, reader);
        }
    }
}

/// The variable of a field. It starts with the value of an absent key if that is free to construct, so that the engine has
/// nothing to do then.
fn declaration(index: usize, field: &CheckedField<'_>) -> TokenStream {
    let (ty, variable) = (&field.value.ty, variable(&field.raw.ident));
    let start = match field.presence {
        Presence::Optional if field.is_known() => emit_at! {ty=> <#ty as __l2_adapter::ConfigValue>::absent() },
        Presence::Optional => emit_at! {ty=> <__l2_adapter::ValueType<#ty>>::absent() },
        Presence::Default(Literal::List(_) | Literal::Object(_)) => emit! { __l2_adapter::None },
        Presence::Default(_) if field.is_known() => {
            emit_at! {ty=> __l2_adapter::initial::<#ty>(&__L2_ADAPTER_TABLE, #index) }
        }
        Presence::Default(_) => {
            emit_at! {ty=> <__l2_adapter::ValueType<#ty>>::initial(&__L2_ADAPTER_TABLE, #index) }
        }
        _ => emit! { __l2_adapter::None },
    };
    emit_at! {ty=> let mut #variable: __l2_adapter::Option<#ty> = #start; }
}

/// A variable in the engine's form.
fn borrowed(field: &CheckedField<'_>) -> TokenStream {
    let (ty, variable) = (&field.value.ty, variable(&field.raw.ident));
    match field.is_known() {
        true => emit! { &mut #variable },
        false => emit! { <__l2_adapter::ValueType<#ty>>::variable(&mut #variable) },
    }
}
