//! Tables: the constants that engine and renderers read.

use std::collections::BTreeSet;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident};
use syn::ext::IdentExt;

use super::{emit, versions};
use crate::model::{
    Alias, CheckedField, CheckedRest, CheckedStruct, Constant, ForbiddenKey, ForeignNames, KnownKey, Literal,
    OtherConfig, Presence, RawCondition, RawCrossRule, RawField, RawNestedSpec, RawSharedKeyRule, RawVariant, Rule,
};

/// The statics of the patterns among rules, each of which is compiled once.
pub(super) fn patterns<'r>(rules: impl Iterator<Item = &'r [Rule]>) -> TokenStream {
    let sources: BTreeSet<_> = rules.flat_map(sources).collect();
    let statics = sources.into_iter().map(|source| {
        let name = pattern(source);
        emit! { static #name: __l2_adapter::Pattern = __l2_adapter::Pattern::new(#source); }
    });
    statics.collect()
}

fn sources(rules: &[Rule]) -> Vec<&'static str> {
    let sources = rules.iter().map(|rule| match rule {
        Rule::Pattern(pattern) => vec![pattern.source()],
        rule => sources(rule.inner()),
    });
    sources.flatten().collect()
}

/// The static of a pattern, which is named after its text: statics of the output have no hygiene.
fn pattern(source: &str) -> Ident {
    let bytes: String = source.bytes().map(|byte| format!("{byte:02X}")).collect();
    format_ident!("__L2_ADAPTER_PATTERN_{bytes}")
}

/// The table of a struct.
pub(super) fn table(checked: &CheckedStruct<'_>) -> TokenStream {
    let (attributes, doc, name) = (&checked.raw.attributes, &checked.raw.attributes.doc, checked.raw.ident.to_string());
    let table_of = |RawField { ty, .. }: &RawField| emit! { <#ty as __l2_adapter::Section>::TABLE };
    let cross_rule = |rule: &RawCrossRule| cross_rule(rule, checked);
    let members = [
        list("fields", &checked.fields, |checked_field| field(checked_field, checked)),
        some("adapter", attributes.type_name.as_ref()),
        some("base", checked.base.map(table_of)),
        some("common", checked.common.map(table_of)),
        list("also_known_as", &attributes.also_known_as, foreign_names),
        list("mistaken_for", &attributes.mistaken_for, other_config),
        list("common_rules", &checked.common_rules, |(rule, allowed)| common_rule(rule, allowed.as_deref())),
        list("forbidden", &attributes.forbidden, forbidden_key),
        some("rest", checked.rest.as_ref().map(rest)),
        list("rules", &attributes.rules, cross_rule),
    ];
    let members = members.into_iter().flatten();
    emit! {
        __l2_adapter::Table {
            #(#members)*
            ..__l2_adapter::Table::new(#name, #doc, __l2_adapter::Source {
                file: ::core::file!(),
                line: ::core::line!(),
            })
        }
    }
}

/// A member that is a list, left out where the list is empty.
fn list<T>(member: &str, items: &[T], emitted: impl FnMut(&T) -> TokenStream) -> Option<TokenStream> {
    let member = (!items.is_empty()).then(|| format_ident!("{member}"))?;
    let items = slice(items.iter().map(emitted));
    Some(emit! { #member: #items, })
}

/// Items as a list that lives for ever.
pub(super) fn slice(items: impl Iterator<Item = TokenStream>) -> TokenStream {
    emit! { &[#(#items),*] }
}

/// A variant of an enum of the hidden module.
fn variant_of(name: &str, variant: &str) -> TokenStream {
    let (name, variant) = (format_ident!("{name}"), format_ident!("{variant}"));
    emit! { __l2_adapter::#name::#variant }
}

/// A member that is an `Option`, left out where it is none.
fn some(member: &str, value: Option<impl ToTokens>) -> Option<TokenStream> {
    let (member, value) = (format_ident!("{member}"), value?);
    Some(emit! { #member: __l2_adapter::Some(#value), })
}

fn common_rule(rule: &RawSharedKeyRule, allowed: Option<&[Literal]>) -> TokenStream {
    let (key, reason, versions) = (&rule.name, &rule.reason, versions(&rule.versions));
    let demand = match allowed {
        None => emit! { Forbidden },
        Some(values) => {
            let values = slice(values.iter().map(literal));
            emit! { Allowed(#values) }
        }
    };
    emit! {
        __l2_adapter::CommonKeyRule {
            key: #key,
            demand: __l2_adapter::CommonKeyDemand::#demand,
            reason: #reason,
            versions: #versions,
        }
    }
}

fn other_config(OtherConfig { what, keys, advice, rewritten }: &OtherConfig) -> TokenStream {
    emit! {
        __l2_adapter::OtherConfig { what: #what, keys: &[#(#keys),*], advice: #advice, rewritten: #rewritten }
    }
}

fn nested_spec(RawNestedSpec { config, when, outside, .. }: &RawNestedSpec, of: &CheckedStruct<'_>) -> TokenStream {
    let when = when.iter().map(|(field, values)| {
        let key = of.key(field);
        emit! { (#key, &[#(#values),*]) }
    });
    // In a block of its own it may call a function, and still live for ever.
    emit! {
        const {
            &__l2_adapter::NestedSpec {
                entry: __l2_adapter::AdapterEntry::of::<#config>(),
                when: &[#(#when),*],
                outside: &[#(#outside),*],
            }
        }
    }
}

fn forbidden_key(ForbiddenKey { key, reason }: &ForbiddenKey) -> TokenStream {
    emit! { __l2_adapter::ForbiddenKey { key: #key, reason: #reason } }
}

fn rest(rest: &CheckedRest<'_>) -> TokenStream {
    let (RawField { ident, attributes, .. }, item) = (rest.raw, &rest.item);
    let (name, doc, secret) = (ident.unraw().to_string(), &attributes.doc, attributes.secret.is_some());
    let known = attributes.known.iter().map(|KnownKey { key, also_known_as }| {
        let names = also_known_as.iter().map(foreign_names);
        emit! { __l2_adapter::KnownKey { key: #key, also_known_as: &[#(#names),*] } }
    });
    let rules = rest.rules.iter().map(rule);
    emit! {
        __l2_adapter::Rest {
            name: #name,
            doc: #doc,
            kind: <__l2_adapter::ValueType<#item>>::KIND,
            rules: &[#(#rules),*],
            secret: #secret,
            known: &[#(#known),*],
        }
    }
}

fn cross_rule(rule: &RawCrossRule, of: &CheckedStruct<'_>) -> TokenStream {
    let (name, doc, versions) = (&rule.name, &rule.doc, versions(&rule.versions));
    let kind = variant_of("CrossRuleKind", rule.kind.variant());
    let reads = rule.reads.iter().map(|field| of.key(field));
    emit! {
        __l2_adapter::CrossRule {
            kind: #kind,
            name: #name,
            doc: #doc,
            reads: &[#(#reads),*],
            versions: #versions,
        }
    }
}

/// A field, with those members that differ from `Field::new`.
fn field(field: &CheckedField<'_>, of: &CheckedStruct<'_>) -> TokenStream {
    let (RawField { key, attributes, .. }, ty) = (field.raw, &field.value.ty);
    let presence = presence(&field.presence, of);
    let kind = match field.is_known() {
        true => emit! { <#ty as __l2_adapter::ConfigValue>::KIND },
        false => emit! { <__l2_adapter::ValueType<#ty>>::KIND },
    };
    let doc = &attributes.doc;
    let base = emit! { __l2_adapter::Field::new(#key, #doc, #kind, __l2_adapter::Presence::#presence) };
    let unit = attributes.unit.as_ref().map(|unit| variant_of("Unit", unit.value.variant()));
    let members = [
        list("rules", &field.value.rules, rule),
        list("aliases", &attributes.aliases, alias),
        list("also_known_as", &attributes.also_known_as, foreign_names),
        some("nested_spec", attributes.spec_of.as_ref().map(|spec| nested_spec(spec, of))),
        list("conditions", &field.conditions, |(raw, values)| condition(raw, values, of)),
        some("environment", attributes.env.as_ref()),
        some("deprecated", attributes.deprecated.as_ref()),
        some("unit", unit),
        attributes.secret.is_some().then(|| emit! { secret: true, }),
        list("examples", &field.examples, literal),
        field.value.conversion.is_some().then(|| emit! { parsed_by_function: true, }),
        (!field.raw.versions.are_all()).then(|| {
            let versions = versions(&field.raw.versions);
            emit! { versions: #versions, }
        }),
    ];
    let members: TokenStream = members.into_iter().flatten().collect();
    if members.is_empty() {
        return base;
    }
    emit! { __l2_adapter::Field { #members ..#base } }
}

fn presence(presence: &Presence<'_>, of: &CheckedStruct<'_>) -> TokenStream {
    match presence {
        Presence::Required => emit! { Required },
        Presence::Optional => emit! { Optional },
        Presence::Default(default) => {
            let default = literal(default);
            emit! { Default(#default) }
        }
        Presence::DefaultFrom(field) => {
            let key = of.key(field);
            emit! { DefaultFrom(#key) }
        }
        Presence::Computed { words, .. } => emit! { Computed(#words) },
    }
}

fn alias(Alias { key, both, legacy }: &Alias) -> TokenStream {
    let both = variant_of("BothNames", both.variant());
    emit! { __l2_adapter::Alias { key: #key, both: #both, legacy: #legacy } }
}

fn condition(raw: &RawCondition, values: &[Literal], of: &CheckedStruct<'_>) -> TokenStream {
    let effect = variant_of("ConditionEffect", raw.effect.variant());
    let (other, values) = (of.key(&raw.other), slice(values.iter().map(literal)));
    let reason = raw.reason.as_ref().map_or("", |reason| &reason.value);
    emit! { __l2_adapter::Condition { effect: #effect, other: #other, values: #values, reason: #reason } }
}

pub(super) fn rule(rule: &Rule) -> TokenStream {
    let variant = format_ident!("{}", rule.word().variant);
    let argument = match rule {
        Rule::Allowed(values) => slice(values.iter().map(literal)),
        Rule::Min(bound) | Rule::Above(bound) | Rule::Max(bound) | Rule::Below(bound) => {
            let of_number = literal(bound);
            if bound.is_known() {
                of_number
            } else {
                emit! { __l2_adapter::compile_time::bound(#of_number) }
            }
        }
        Rule::MultipleOf(factor) => factor.into_token_stream(),
        Rule::MinLength(size) | Rule::MaxLength(size) | Rule::MinItems(size) | Rule::MaxItems(size) => {
            size.into_token_stream()
        }
        Rule::Pattern(rule) => {
            let pattern = pattern(rule.source());
            emit! { &#pattern }
        }
        Rule::Prefix(text) | Rule::MustNotContain(text) => text.into_token_stream(),
        Rule::Exists(kinds) => slice(kinds.iter().map(|kind| variant_of("PathKind", kind.variant()))),
        Rule::Host(leaves) | Rule::HostPort(leaves) | Rule::Url(leaves) => {
            slice(leaves.iter().map(|leave| variant_of("Leave", leave.variant())))
        }
        Rule::Access(access) => variant_of("Access", access.variant()),
        Rule::Each(rules) | Rule::Keys(rules) => slice(rules.iter().map(self::rule)),
        _ => return emit! { __l2_adapter::Rule::#variant },
    };
    emit! { __l2_adapter::Rule::#variant(#argument) }
}

pub(super) fn literal(literal: &Literal) -> TokenStream {
    let variant = match literal {
        Literal::Null => emit! { Null },
        Literal::Bool(value) => emit! { Bool(#value) },
        Literal::Integer(value) => emit! { Integer(#value) },
        Literal::Float(value) => emit! { Float(#value) },
        Literal::String(value) => emit! { String(#value) },
        Literal::List(items) => {
            let items = slice(items.iter().map(self::literal));
            emit! { List(#items) }
        }
        Literal::Object(entries) => {
            let keys = entries.iter().map(|(key, _)| key);
            let values = entries.iter().map(|(_, value)| self::literal(value));
            emit! { Object(&[#((#keys, #values)),*]) }
        }
        Literal::Constant(Constant { expression, scalar }) => {
            let scalar = scalar.map(|scalar| {
                let reference = (scalar == "str").then(|| emit! { &'static });
                let scalar = format_ident!("{scalar}");
                emit! { ::<#reference ::core::primitive::#scalar> }
            });
            // In a block of its own it may have branches, and still be a part of a list that lives for ever.
            return emit! { const { __l2_adapter::LiteralOf #scalar::constant(#expression).literal() } };
        }
    };
    emit! { __l2_adapter::Literal::#variant }
}

/// The members that the variants of a choice and of a union have.
pub(super) fn variant_members(variant: &RawVariant) -> TokenStream {
    let (name, doc, versions) = (&variant.name, &variant.attributes.doc, versions(&variant.versions));
    let foreign = slice(variant.attributes.also_known_as.iter().map(foreign_names));
    emit! { name: #name, doc: #doc, also_known_as: #foreign, versions: #versions }
}

/// Names in other systems.
fn foreign_names(ForeignNames { names, advice }: &ForeignNames) -> TokenStream {
    emit! { __l2_adapter::ForeignNames { names: &[#(#names),*], advice: #advice } }
}
