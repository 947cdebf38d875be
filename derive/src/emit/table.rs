//! Tables: the constants that engine and renderers read.

use std::cell::RefCell;

use proc_macro2::{Literal as Token, TokenStream};
use quote::{ToTokens, format_ident, quote_spanned};
use syn::ext::IdentExt;

use super::{site, static_ident, versions};
use crate::model::{
    Alias, Bound, CheckedCondition, CheckedCrossRule, CheckedField, CheckedStruct, Constant, ForbiddenKey,
    ForeignNames, KnownKey, Literal, NestedSpec, OtherConfig, Presence, Role, Rule, Scalar,
};

/// Emits parts of a table, and gathers the patterns it meets: each is compiled once, in a static of its own.
pub(super) struct TableEmitter<'a> {
    private: &'a TokenStream,
    patterns: RefCell<Vec<String>>,
}

impl<'a> TableEmitter<'a> {
    pub(super) fn new(private: &'a TokenStream) -> Self {
        Self { private, patterns: RefCell::default() }
    }

    /// The statics of all patterns met so far.
    pub(super) fn patterns(&self) -> TokenStream {
        let private = self.private;
        let patterns = self.patterns.borrow();
        let statics = patterns.iter().enumerate().map(|(index, source)| {
            let name = static_ident(&format!("PATTERN_{index}"));
            quote_spanned! {site()=> static #name: #private::Pattern = #private::Pattern::new(#source); }
        });
        statics.collect()
    }

    /// The table of a struct.
    pub(super) fn table(&self, checked: &CheckedStruct) -> TokenStream {
        let private = self.private;
        let (name, doc) = (checked.ident.to_string(), &checked.doc);
        let fields = checked.fields.iter().map(|field| self.field(field, &checked.fields));
        let mut members = quote_spanned! {site()=> fields: &[#(#fields),*], };
        if let Role::Adapter { type_name, .. } = &checked.role {
            members.extend(quote_spanned! {site()=> adapter: #private::Some(#type_name), });
        }
        for (member, field) in [("base", &checked.base), ("common", &checked.common)] {
            if let Some(field) = field {
                let (member, ty) = (format_ident!("{member}"), &field.ty);
                members.extend(quote_spanned! {site()=>
                    #member: #private::Some(<#ty as #private::Section>::table),
                });
            }
        }
        members.extend(list("also_known_as", foreign_names(&checked.also_known_as, private)));
        members.extend(self.mistaken_for(checked));
        members.extend(self.common_rules(checked));
        members.extend(self.forbidden(checked));
        members.extend(self.rest(checked));
        members.extend(self.cross_rules("rules", &checked.rules));
        members.extend(self.cross_rules("machine_rules", &checked.machine_rules));
        members.extend(self.cross_rules("warnings", &checked.warnings));
        quote_spanned! {site()=>
            #private::Table {
                #members
                ..#private::Table::new(#name, #doc, #private::Source {
                    file: ::core::file!(),
                    line: ::core::line!(),
                })
            }
        }
    }

    fn common_rules(&self, checked: &CheckedStruct) -> Option<TokenStream> {
        let private = self.private;
        let rules = checked.common_rules.iter().map(|rule| {
            let (key, reason, versions) = (&rule.key, &rule.reason, versions(&rule.versions, private));
            let demand = match &rule.allowed {
                None => quote_spanned! {site()=> Forbidden },
                Some(values) => {
                    let values = self.literals(values);
                    quote_spanned! {site()=> Allowed(&[#values]) }
                }
            };
            quote_spanned! {site()=>
                #private::CommonKeyRule {
                    key: #key,
                    demand: #private::CommonKeyDemand::#demand,
                    reason: #reason,
                    versions: #versions,
                }
            }
        });
        list("common_rules", rules)
    }

    fn mistaken_for(&self, checked: &CheckedStruct) -> Option<TokenStream> {
        let private = self.private;
        let others = checked.mistaken_for.iter().map(|other| {
            let OtherConfig { what, keys, advice, rewritten } = other;
            quote_spanned! {site()=>
                #private::OtherConfig { what: #what, keys: &[#(#keys),*], advice: #advice, rewritten: #rewritten }
            }
        });
        list("mistaken_for", others)
    }

    fn nested_spec(&self, nested: &NestedSpec) -> TokenStream {
        let (private, config, outside) = (self.private, &nested.config, &nested.outside);
        let when = nested.when.iter().map(|(key, values)| quote_spanned! {site()=> (#key, &[#(#values),*]) });
        // In a block of its own it may call a function, and still live for ever.
        quote_spanned! {site()=>
            nested_spec: #private::Some(const {
                &#private::NestedSpec {
                    entry: #private::AdapterEntry::of::<#config>(),
                    when: &[#(#when),*],
                    outside: &[#(#outside),*],
                }
            }),
        }
    }

    fn forbidden(&self, checked: &CheckedStruct) -> Option<TokenStream> {
        let private = self.private;
        let keys = checked.forbidden.iter().map(|ForbiddenKey { key, reason }| {
            quote_spanned! {site()=> #private::ForbiddenKey { key: #key, reason: #reason } }
        });
        list("forbidden", keys)
    }

    fn rest(&self, checked: &CheckedStruct) -> Option<TokenStream> {
        let private = self.private;
        let rest = checked.rest.as_ref()?;
        let (name, item, doc, secret) = (rest.ident.unraw().to_string(), &rest.item, &rest.doc, rest.secret);
        let known = rest.known.iter().map(|KnownKey { key, also_known_as }| {
            let names = foreign_names(also_known_as, private);
            quote_spanned! {site()=> #private::KnownKey { key: #key, also_known_as: &[#(#names),*] } }
        });
        let rules = self.rules(&rest.rules);
        Some(quote_spanned! {site()=>
            rest: #private::Some(#private::Rest {
                name: #name,
                doc: #doc,
                kind: <#private::ValueType<#item>>::KIND,
                rules: &[#rules],
                secret: #secret,
                known: &[#(#known),*],
            }),
        })
    }

    fn cross_rules(&self, member: &str, rules: &[CheckedCrossRule]) -> Option<TokenStream> {
        let private = self.private;
        let rules = rules.iter().map(|rule| {
            let (name, doc, versions) = (&rule.name, &rule.doc, versions(&rule.versions, private));
            let reads = rule.reads.iter().map(|read| &read.key);
            quote_spanned! {site()=>
                #private::CrossRule { name: #name, doc: #doc, reads: &[#(#reads),*], versions: #versions }
            }
        });
        list(member, rules)
    }

    /// A field, with those members that differ from `Field::new`.
    fn field(&self, field: &CheckedField, fields: &[CheckedField]) -> TokenStream {
        let private = self.private;
        let (key, doc, ty) = (&field.key, &field.doc, &field.ty);
        let presence = self.presence(&field.presence, fields);
        let kind = if field.is_known {
            quote_spanned! {site()=> <#ty as #private::ConfigValue>::KIND }
        } else {
            quote_spanned! {site()=> <#private::ValueType<#ty>>::KIND }
        };
        let base = quote_spanned! {site()=> #private::Field::new(#key, #doc, #kind, #private::Presence::#presence) };
        let mut members = TokenStream::new();
        if !field.rules.is_empty() {
            let rules = self.rules(&field.rules);
            members.extend(quote_spanned! {site()=> rules: &[#rules], });
        }
        members.extend(list("aliases", field.aliases.iter().map(|alias| self.alias(alias))));
        members.extend(list("also_known_as", foreign_names(&field.also_known_as, private)));
        members.extend(field.nested_spec.as_ref().map(|nested| self.nested_spec(nested)));
        members.extend(list("conditions", field.conditions.iter().map(|condition| self.condition(condition))));
        for (member, text) in [("environment", &field.env), ("deprecated", &field.deprecated)] {
            if let Some(text) = text {
                let member = format_ident!("{member}");
                members.extend(quote_spanned! {site()=> #member: #private::Some(#text), });
            }
        }
        if let Some(unit) = field.unit {
            let unit = format_ident!("{}", unit.variant());
            members.extend(quote_spanned! {site()=> unit: #private::Some(#private::Unit::#unit), });
        }
        if field.secret {
            members.extend(quote_spanned! {site()=> secret: true, });
        }
        if !field.examples.is_empty() {
            let examples = self.literals(&field.examples);
            members.extend(quote_spanned! {site()=> examples: &[#examples], });
        }
        if field.conversion.is_some() {
            members.extend(quote_spanned! {site()=> parsed_by_function: true, });
        }
        if !field.versions.versions.are_all() {
            let versions = versions(&field.versions, private);
            members.extend(quote_spanned! {site()=> versions: #versions, });
        }
        if members.is_empty() {
            return base;
        }
        quote_spanned! {site()=> #private::Field { #members ..#base } }
    }

    fn presence(&self, presence: &Presence, fields: &[CheckedField]) -> TokenStream {
        match presence {
            Presence::Required => quote_spanned! {site()=> Required },
            Presence::Optional => quote_spanned! {site()=> Optional },
            Presence::Default(literal) => {
                let literal = self.literal(literal);
                quote_spanned! {site()=> Default(#literal) }
            }
            Presence::DefaultFrom { index, .. } => {
                let key = &fields[*index].key;
                quote_spanned! {site()=> DefaultFrom(#key) }
            }
            Presence::Computed { words, .. } => quote_spanned! {site()=> Computed(#words) },
        }
    }

    fn alias(&self, alias: &Alias) -> TokenStream {
        let (private, key, legacy) = (self.private, &alias.key, alias.legacy);
        let both = format_ident!("{}", alias.both.variant());
        quote_spanned! {site()=>
            #private::Alias { key: #key, both: #private::BothNames::#both, legacy: #legacy }
        }
    }

    fn condition(&self, condition: &CheckedCondition) -> TokenStream {
        let (private, other, reason) = (self.private, &condition.other, &condition.reason);
        let effect = format_ident!("{}", condition.effect.variant());
        let values = self.literals(&condition.values);
        quote_spanned! {site()=>
            #private::Condition {
                effect: #private::ConditionEffect::#effect,
                other: #other,
                values: &[#values],
                reason: #reason,
            }
        }
    }

    /// Rules, separated by commas.
    pub(super) fn rules(&self, rules: &[Rule]) -> TokenStream {
        let private = self.private;
        let rules = rules.iter().map(|rule| {
            let rule = self.rule(rule);
            quote_spanned! {site()=> #private::Rule::#rule, }
        });
        rules.collect()
    }

    fn rule(&self, rule: &Rule) -> TokenStream {
        let variant = format_ident!("{}", rule.word().variant);
        let argument = match rule {
            Rule::Allowed(values) => {
                let values = self.literals(values);
                quote_spanned! {site()=> &[#values] }
            }
            Rule::Min(bound) | Rule::Above(bound) | Rule::Max(bound) | Rule::Below(bound) => self.bound(bound),
            Rule::MultipleOf(factor) => Token::u64_unsuffixed(*factor).into_token_stream(),
            Rule::MinLength(size) | Rule::MaxLength(size) | Rule::MinItems(size) | Rule::MaxItems(size) => {
                Token::usize_unsuffixed(*size).into_token_stream()
            }
            Rule::Pattern(pattern) => {
                let pattern = self.pattern(pattern.source());
                quote_spanned! {site()=> &#pattern }
            }
            Rule::Prefix(text) | Rule::MustNotContain(text) => text.into_token_stream(),
            Rule::Exists(existing) => {
                let private = self.private;
                let existing = existing.iter().map(|existing| format_ident!("{}", existing.variant()));
                quote_spanned! {site()=> &[#(#private::PathKind::#existing),*] }
            }
            Rule::Host(leaves) | Rule::HostPort(leaves) | Rule::Url(leaves) => {
                let private = self.private;
                let leaves = leaves.iter().map(|leave| format_ident!("{}", leave.variant()));
                quote_spanned! {site()=> &[#(#private::Leave::#leaves),*] }
            }
            Rule::Access(access) => {
                let (private, access) = (self.private, format_ident!("{}", access.variant()));
                quote_spanned! {site()=> #private::Access::#access }
            }
            Rule::Each(rules) | Rule::Keys(rules) => {
                let rules = self.rules(rules);
                quote_spanned! {site()=> &[#rules] }
            }
            _ => return variant.into_token_stream(),
        };
        quote_spanned! {site()=> #variant(#argument) }
    }

    fn pattern(&self, source: &str) -> proc_macro2::Ident {
        let mut patterns = self.patterns.borrow_mut();
        let index = patterns.iter().position(|known| known == source).unwrap_or_else(|| {
            patterns.push(source.to_owned());
            patterns.len() - 1
        });
        static_ident(&format!("PATTERN_{index}"))
    }

    fn bound(&self, bound: &Bound) -> TokenStream {
        let private = self.private;
        match *bound {
            Bound::Integer(value) => {
                let value = integer(value);
                quote_spanned! {site()=> #private::Bound::Integer(#value) }
            }
            Bound::Float(value) => {
                let value = float(value);
                quote_spanned! {site()=> #private::Bound::Float(#value) }
            }
            Bound::Constant(constant) => {
                let literal = self.literal(&Literal::Constant(constant));
                quote_spanned! {site()=> #private::compile_time::bound(#literal) }
            }
        }
    }

    /// Literals, separated by commas.
    pub(super) fn literals(&self, literals: &[Literal]) -> TokenStream {
        let literals = literals.iter().map(|literal| self.literal(literal));
        quote_spanned! {site()=> #(#literals),* }
    }

    pub(super) fn literal(&self, literal: &Literal) -> TokenStream {
        let private = self.private;
        let variant = match literal {
            Literal::Null => quote_spanned! {site()=> Null },
            Literal::Bool(value) => quote_spanned! {site()=> Bool(#value) },
            Literal::Integer(value) => {
                let value = integer(*value);
                quote_spanned! {site()=> Integer(#value) }
            }
            Literal::Float(value) => {
                let value = float(*value);
                quote_spanned! {site()=> Float(#value) }
            }
            Literal::String(value) => quote_spanned! {site()=> String(#value) },
            Literal::List(items) => {
                let items = self.literals(items);
                quote_spanned! {site()=> List(&[#items]) }
            }
            Literal::Object(entries) => {
                let entries = entries.iter().map(|(key, value)| {
                    let value = self.literal(value);
                    quote_spanned! {site()=> (#key, #value) }
                });
                quote_spanned! {site()=> Object(&[#(#entries),*]) }
            }
            Literal::Constant(Constant { expression, scalar }) => {
                let scalar = scalar.map(|scalar| match scalar {
                    Scalar::Bool => quote_spanned! {site()=> ::<::core::primitive::bool> },
                    Scalar::String => quote_spanned! {site()=> ::<&'static ::core::primitive::str> },
                    Scalar::Number(name) => {
                        let name = format_ident!("{name}");
                        quote_spanned! {site()=> ::<::core::primitive::#name> }
                    }
                });
                // In a block of its own it may have branches, and still be a part of a list that lives for ever.
                return quote_spanned! {site()=> const { #private::LiteralOf #scalar::constant(#expression).literal() } };
            }
        };
        quote_spanned! {site()=> #private::Literal::#variant }
    }
}

/// Names in other systems.
pub(super) fn foreign_names<'a>(
    all: &'a [ForeignNames],
    private: &'a TokenStream,
) -> impl ExactSizeIterator<Item = TokenStream> + 'a {
    all.iter().map(move |ForeignNames { names, advice }| {
        quote_spanned! {site()=> #private::ForeignNames { names: &[#(#names),*], advice: #advice } }
    })
}

/// A member of a table that is a list, left out where the list is empty.
fn list(member: &str, items: impl ExactSizeIterator<Item = TokenStream>) -> Option<TokenStream> {
    if items.len() == 0 {
        return None;
    }
    let member = format_ident!("{member}");
    Some(quote_spanned! {site()=> #member: &[#(#items),*], })
}

/// An integer as tokens: a literal token has no sign.
fn integer(value: i128) -> TokenStream {
    let magnitude = Token::u128_unsuffixed(value.unsigned_abs());
    if value < 0 {
        quote_spanned! {site()=> -#magnitude }
    } else {
        magnitude.into_token_stream()
    }
}

fn float(value: f64) -> TokenStream {
    let magnitude = Token::f64_unsuffixed(value.abs());
    if value.is_sign_negative() {
        quote_spanned! {site()=> -#magnitude }
    } else {
        magnitude.into_token_stream()
    }
}
