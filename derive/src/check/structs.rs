//! Whole structs: which fields are keys and which contain the keys of another table.

use l2_adapter_rules::ConditionEffect;
use proc_macro2::Ident;
use quote::ToTokens;
use syn::Type;

use super::{cross_rules, fields, foreign_names, keys, names, references};
use crate::{
    errors::Errors,
    model::{
        Argument, Assertion, AssertionKind, CheckedCondition, CheckedField, CheckedRest, CheckedStruct, Derive, Doc,
        Hook, Located, Member, Presence, RawArgument, RawField, RawRule, RawStruct, Role, ValueKind,
    },
    syntax::{last_segment, map_value, shape_of},
};

/// A struct's fields by their purpose.
#[derive(Default)]
struct Sorted {
    base: Option<RawField>,
    common: Option<RawField>,
    rest: Option<RawField>,
    keys: Vec<RawField>,
    /// Whether the common keys seem to be meant by a field of another type.
    common_in_disguise: bool,
}

/// Checks a struct. The result is complete only if no error was added.
///
/// Checks that only the compiler can make are added to `assertions`, so that valid fields are checked where others have errors.
pub(crate) fn check_struct(
    raw: RawStruct,
    derive: Derive,
    assertions: &mut Vec<Assertion>,
    errors: &Errors,
) -> Option<CheckedStruct> {
    let role = role(&raw, derive, errors);
    if let Some(Role::Adapter { factory: Some(factory), .. }) = &role {
        let kind = AssertionKind::Hook(Box::new(Hook::Creates(factory.clone(), raw.ident.clone())));
        assertions.push(Assertion { tokens: factory.to_token_stream(), kind });
    }
    let doc = documentation(&raw.ident, raw.attributes.doc.as_ref(), raw.doc.as_ref(), errors);
    let known_fields: Vec<_> = raw.fields.iter().map(|field| (field.ident.clone(), field.ty.clone())).collect();
    let sorted = sort(raw.fields, derive, errors);
    if derive == Derive::Adapter && sorted.common.is_none() && sorted.base.is_none() && !sorted.common_in_disguise {
        let message = "declare the keys that every adapter shares: add a field `common: CommonConfig`";
        errors.on(&raw.ident, message);
    }
    keys::check_keys(&sorted.keys, &raw.attributes, derive, errors);
    foreign_names::check_names(&sorted.keys, sorted.rest.as_ref(), &raw.attributes, derive, errors);
    references::check_conditions(&sorted.keys, errors);
    let common_rules = cross_rules::check_common_rules(&raw.attributes.common_keys, derive, errors);
    let [rules, machine_rules, warnings] =
        cross_rules::check_cross_rules(&raw.attributes, &sorted.keys, &known_fields, assertions, errors);

    let min_rest = |rule: &RawRule| rule.name == "min_items";
    let rest_is_required = sorted.rest.as_ref().is_some_and(|field| field.attributes.rules.iter().any(min_rest));
    let rest = sorted.rest.and_then(|field| check_rest(&field, assertions, errors));
    let fields = fields::check_fields(&sorted.keys, assertions, errors);
    Some(CheckedStruct {
        doc: doc?,
        required: rest_is_required
            || fields.as_ref().is_some_and(|fields| fields.iter().any(|field| may_lack(field, fields))),
        default: raw.attributes.default.clone(),
        role: role?,
        also_known_as: raw.attributes.also_known_as,
        mistaken_for: raw.attributes.mistaken_for,
        base: sorted.base.map(member),
        fields: fields?,
        rest,
        common: sorted.common.map(member),
        forbidden: raw.attributes.forbidden,
        common_rules,
        rules,
        machine_rules,
        warnings,
        assertions: assertions.clone(),
    })
}

/// Whether an object without keys may lack this one.
fn may_lack(field: &CheckedField, fields: &[CheckedField]) -> bool {
    let may_be_met = |condition: &&CheckedCondition| {
        let other = fields.iter().find(|other| other.key == condition.other);
        match other.map(|other| &other.presence) {
            _ if condition.values.is_empty() => true,
            Some(Presence::Default(default)) => {
                !default.is_known() || condition.values.iter().any(|value| !value.is_known() || value.is_same(default))
            }
            _ => false,
        }
    };
    let mut conditions = field.conditions.iter().filter(|condition| condition.effect == ConditionEffect::RequiredIf);
    matches!(field.presence, Presence::Required) || conditions.any(|condition| may_be_met(&condition))
}

fn member(field: RawField) -> Member {
    Member { ident: field.ident, ty: field.ty }
}

/// The text of the `doc` attribute, else that of the doc comment; reports if there is none.
pub(super) fn documentation(
    ident: &Ident,
    attribute: Option<&Located<Doc>>,
    comment: Option<&Located<Doc>>,
    errors: &Errors,
) -> Option<Doc> {
    let doc = attribute.or(comment).map(|doc| doc.value.clone());
    if doc.is_none() {
        let message = format!("document `{ident}`: write a doc comment above it, or #[config(doc = \"...\")]");
        errors.on(&ident, message);
    }
    doc
}

fn role(raw: &RawStruct, derive: Derive, errors: &Errors) -> Option<Role> {
    match (derive, &raw.attributes.type_name) {
        (Derive::Adapter, Some(name)) => {
            names::check_type_name(name, errors);
            Some(Role::Adapter { type_name: name.value.clone(), factory: raw.attributes.factory.clone() })
        }
        (Derive::Adapter, None) if raw.attributes.is_damaged => None,
        (Derive::Adapter, None) => {
            errors.refuse(&raw.ident, "declare the adapter type that this configures: #[config(type = \"...\")]")
        }
        (_, type_name) => {
            if let Some(name) = type_name {
                errors.on(&name.tokens, "`type` is for adapter configs: a nested section has none");
            }
            if let Some(factory) = &raw.attributes.factory {
                errors.on(factory, "`factory` is for adapter configs: a nested section creates nothing");
            }
            Some(Role::Section)
        }
    }
}

fn sort(fields: Vec<RawField>, derive: Derive, errors: &Errors) -> Sorted {
    let no_key = |field: &RawField| format!("`{}` is not a key, and its type declares everything", field.ident);
    let mut sorted = Sorted::default();
    for (index, field) in fields.into_iter().enumerate() {
        if let Some(word) = &field.attributes.extends {
            if index > 0 && sorted.base.is_none() {
                errors.on(&word, "the field that `extends` must be the first: its keys come first");
            }
            alone(&field, &["extends"], &no_key(&field), errors);
            place(&mut sorted.base, field, "extends", errors);
        } else if field.attributes.rest.is_some() {
            place(&mut sorted.rest, field, "rest", errors);
        } else if is_common_config(&field.ty) {
            if derive == Derive::Section {
                let message = "a nested section has no common keys: declare `CommonConfig` in the adapter config only";
                errors.on(&field.ty, message);
            }
            alone(&field, &[], &no_key(&field), errors);
            place(&mut sorted.common, field, "CommonConfig", errors);
        } else if derive == Derive::Adapter && field.ident == "common" && field.attributes.names.is_empty() {
            // As a key it would have attributes, and no key can have this name.
            errors
                .on(&field.ty, "write `CommonConfig`: the derive recognizes the field of the common keys by its type");
            sorted.common_in_disguise = true;
        } else {
            sorted.keys.push(field);
        }
    }
    sorted
}

fn place(slot: &mut Option<RawField>, field: RawField, what: &str, errors: &Errors) {
    if let Some(first) = slot {
        let message = match what {
            "CommonConfig" => {
                format!("`{}` already has the common keys: a struct has one `CommonConfig`", first.ident)
            }
            _ => format!("`{}` is marked `{what}`, and a struct has one such field", first.ident),
        };
        errors.on(&field.ident, message);
        return;
    }
    *slot = Some(field);
}

fn is_common_config(ty: &Type) -> bool {
    last_segment(ty).is_some_and(|name| name == "CommonConfig")
}

/// Reports attributes on a field that accepts only those in `allowed`, and why.
fn alone(field: &RawField, allowed: &[&str], why: &str, errors: &Errors) {
    for name in field.attributes.names.iter().filter(|name| !allowed.contains(&name.to_string().as_str())) {
        errors.on(&name, format!("drop `{name}`: {why}"));
    }
}

fn check_rest(field: &RawField, assertions: &mut Vec<Assertion>, errors: &Errors) -> Option<CheckedRest> {
    const ALLOWED: &[&str] = &["rest", "doc", "each", "keys", "min_items", "max_items", "secret", "known"];
    let why = "a field marked `rest` takes only each, keys, min_items, max_items, known, doc and secret";
    alone(field, ALLOWED, why, errors);
    for rule in &field.attributes.rules {
        // The counts of a schema are of all keys, declared ones and the tag included.
        let (Argument::Size(_), RawArgument::Value(count)) = (rule.word.argument, &rule.argument) else { continue };
        if rule.name != "min_items" || !matches!(count.value, ValueKind::Integer(0 | 1)) {
            let message =
                "a schema can require only that there is an undeclared key: `rest` accepts no count but min_items = 1";
            errors.on(&rule.name, message);
        }
    }
    let doc = documentation(&field.ident, field.attributes.doc.as_ref(), field.doc.as_ref(), errors);
    let Some(item) = map_value(&field.ty) else {
        return errors.refuse(&field.ty, "the field marked `rest` must be a `BTreeMap<String, T>`");
    };
    if !shape_of(&item).is_known() {
        let kind = AssertionKind::Value { ty: item.clone() };
        assertions.push(Assertion { tokens: item.to_token_stream(), kind });
    }
    let (value, value_errors) = fields::FieldValue::of(field);
    value_errors.take().into_iter().for_each(|error| errors.add(error));
    value.assert(&field.attributes.rules, assertions);
    fields::check_secret(field, assertions, errors);
    Some(CheckedRest {
        ident: field.ident.clone(),
        item,
        doc: doc?,
        rules: value.rules,
        secret: field.attributes.secret.is_some(),
        known: field.attributes.known.clone(),
    })
}
