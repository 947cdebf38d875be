//! Fields that are keys.

use quote::ToTokens;
use syn::{Path, Type, parse_quote};

use super::{
    examples::{check_example, has_placeholder},
    foreign_names::check_nested_spec,
    literals::table_literal,
    presence::check_presence,
    references::find,
    rules::{check_rules, in_order, violates},
    structs::documentation,
    versions::check_key_versions,
};
use crate::{
    errors::Errors,
    foreign::instead_of_type,
    model::{
        Argument, Assertion, AssertionKind, CheckedCondition, CheckedField, CheckedVersions, Conversion, Doc, Hook,
        Literal, Purpose, RawCondition, RawField, RawRule, Rule, Shape, Value,
    },
    syntax::{last_segment, option_content, shape_of},
};

/// Checks all fields, and reports the errors of each.
pub(super) fn check_fields(
    fields: &[RawField],
    assertions: &mut Vec<Assertion>,
    errors: &Errors,
) -> Option<Vec<CheckedField>> {
    // The contents of each field come first, because a condition needs the rules of another field. Their errors are reported
    // with the field.
    let (values, value_errors): (Vec<_>, Vec<_>) = fields.iter().map(FieldValue::of).unzip();
    let mut checked = Vec::new();
    for (index, value_errors) in value_errors.into_iter().enumerate() {
        let (errors_before, assertions_before) = (errors.count(), assertions.len());
        let field = &fields[index];
        let doc = documentation(&field.ident, field.attributes.doc.as_ref(), field.doc.as_ref(), errors);
        value_errors.take().into_iter().for_each(|error| errors.add(error));
        checked.push(check_field(index, doc, fields, &values, assertions, errors));
        if field.attributes.is_damaged || errors.count() > errors_before {
            // The compiler would report the same mistake again.
            assertions.truncate(assertions_before);
        } else {
            check_example(field, &values[index], assertions, errors);
        }
    }
    checked.into_iter().collect()
}

fn check_field(
    index: usize,
    doc: Option<Doc>,
    fields: &[RawField],
    values: &[FieldValue],
    assertions: &mut Vec<Assertion>,
    errors: &Errors,
) -> Option<CheckedField> {
    let (field, value) = (&fields[index], &values[index]);
    let FieldValue { ty, shape, conversion, .. } = value;
    let attributes = &field.attributes;
    if !shape.is_known()
        && let Some(why) = instead_of_type(ty)
    {
        errors.on(ty, why);
    }
    if !shape.is_known() {
        assertions.push(Assertion { tokens: ty.to_token_stream(), kind: AssertionKind::Value { ty: ty.clone() } });
    }
    check_environment(field, errors);
    check_secret(field, assertions, errors);
    check_unit(field, shape, errors);
    value.assert(&attributes.rules, assertions);
    let versions = check_key_versions(field, is_optional(field, shape), errors);
    let mut literals = Literals { value, versions, assertions, errors };
    let presence = check_presence(field, fields, &mut literals);
    let examples: Vec<_> = attributes.examples.iter().map(|value| literals.check(value, Purpose::Example)).collect();
    for (index, example) in examples.iter().enumerate() {
        let is_same =
            |other: &Option<Literal>| matches!((other, example), (Some(left), Some(right)) if left.is_same(right));
        if examples[..index].iter().any(is_same) {
            errors.on(&attributes.examples[index].tokens, "this example is given twice");
        }
    }
    assert_functions(field, ty, conversion.as_ref(), assertions);
    let nested_spec = check_nested_spec(field, fields, errors);
    if nested_spec.is_some() {
        assertions.push(Assertion { tokens: ty.to_token_stream(), kind: AssertionKind::FreeForm { ty: ty.clone() } });
    }
    let conditions: Vec<_> = attributes
        .conditions
        .iter()
        .map(|condition| check_condition(condition, fields, values, assertions, errors))
        .collect();
    Some(CheckedField {
        ident: field.ident.clone(),
        is_known: shape.is_known(),
        ty: ty.clone(),
        key: field.key(),
        doc: doc?,
        presence: presence?,
        rules: value.rules.clone(),
        aliases: attributes.aliases.clone(),
        also_known_as: attributes.also_known_as.clone(),
        nested_spec,
        env: attributes.env.as_ref().map(|name| name.value.clone()),
        conditions: conditions.into_iter().collect::<Option<_>>()?,
        unit: attributes.unit.as_ref().map(|unit| unit.value),
        secret: attributes.secret.is_some(),
        deprecated: attributes.deprecated.as_ref().map(|reason| reason.value.clone()),
        examples: examples.into_iter().collect::<Option<_>>()?,
        conversion: conversion.clone(),
        versions,
    })
}

/// Whether the value of an absent key is none.
fn is_optional(field: &RawField, shape: &Shape) -> bool {
    let attributes = &field.attributes;
    matches!(shape, Shape::Optional(_)) && attributes.default_with.is_none() && attributes.default_from.is_none()
}

/// The functions between a field and the value that is read for it; reports functions that do not match.
fn check_conversion(field: &RawField, errors: &Errors) -> Option<Conversion> {
    let attributes = &field.attributes;
    let (parse, write) = match (&attributes.parse_with, &attributes.write_with) {
        (Some(parse), Some(write)) => (parse.clone(), write.clone()),
        (Some(parse), None) if !attributes.is_damaged => {
            return errors.refuse(parse, "add `write_with = function`: what is read must be written back");
        }
        (None, Some(write)) if !attributes.is_damaged => {
            return errors.refuse(write, "add `parse_with = function`: `write_with` undoes it");
        }
        (Some(_), None) | (None, Some(_)) => return None,
        (None, None) => {
            if let Some(wire) = &attributes.wire {
                errors.on(wire, "`wire` is the type that `parse_with` takes: add both functions or drop it");
            }
            return None;
        }
    };
    if last_segment(&field.ty).is_some_and(|name| name == "Given") {
        return errors.refuse(&field.ty, "a function converts a present value: write `Option` instead of `Given`");
    }
    let wire = attributes.wire.clone().unwrap_or_else(|| parse_quote!(::std::string::String));
    if matches!(shape_of(&wire), Shape::Optional(_)) {
        return errors.refuse(&wire, "`wire` is the type of a present value: make the field an `Option` instead");
    }
    Some(Conversion { parse, write, wire, optional: option_content(&field.ty).is_some() })
}

/// The type that is read for a field.
fn read_type(field: &RawField, conversion: Option<&Conversion>) -> Type {
    match conversion {
        None => field.ty.clone(),
        Some(Conversion { wire, optional: false, .. }) => wire.clone(),
        Some(Conversion { wire, optional: true, .. }) => parse_quote!(::core::option::Option<#wire>),
    }
}

/// Checks that a field is marked secret exactly if its type hides its value.
pub(super) fn check_secret(field: &RawField, assertions: &mut Vec<Assertion>, errors: &Errors) {
    let RawField { ty, shape, .. } = field;
    match &field.attributes.secret {
        Some(word) if shape.is_known() && !shape.is_secret() => {
            let message = format!(
                "the type of a secret must hide it: write `Secret<{}>`",
                ty.to_token_stream().to_string().replace(' ', "")
            );
            errors.on(&word, message);
        }
        Some(word) if !shape.is_secret() => {
            let kind = AssertionKind::Secret { ty: ty.clone(), hides: true };
            assertions.push(Assertion { tokens: word.to_token_stream(), kind });
        }
        Some(_) => {}
        None if shape.is_secret() => errors.on(ty, "mark the field #[config(secret)]: its type hides its value"),
        None if shape.is_known() || field.attributes.parse_with.is_some() => {}
        None => {
            let kind = AssertionKind::Secret { ty: ty.clone(), hides: false };
            assertions.push(Assertion { tokens: ty.to_token_stream(), kind });
        }
    }
}

/// Leaves to the compiler whether the functions of a field have the right signatures. `ty` is the type that is read.
fn assert_functions(field: &RawField, ty: &Type, conversion: Option<&Conversion>, assertions: &mut Vec<Assertion>) {
    let mut assert = |path: &Path, hook| {
        assertions.push(Assertion { tokens: path.to_token_stream(), kind: AssertionKind::Hook(Box::new(hook)) });
    };
    if let Some(function) = &field.attributes.default_with {
        assert(function, Hook::Computes(function.clone(), ty.clone()));
    }
    if let Some(Conversion { parse, write, wire, optional }) = conversion {
        let value = option_content(&field.ty).filter(|_| *optional).unwrap_or_else(|| field.ty.clone());
        assert(parse, Hook::Parses(parse.clone(), wire.clone(), value.clone()));
        assert(write, Hook::Writes(write.clone(), value, wire.clone()));
    }
}

/// Checks that a variable of this name can be set.
fn check_environment(field: &RawField, errors: &Errors) {
    let Some(name) = &field.attributes.env else { return };
    if name.value.contains(['=', '\0']) || name.value.trim() != name.value {
        errors.on(
            &name.tokens,
            "this cannot be the name of an environment variable: remove `=`, and blanks at either end",
        );
    }
}

fn check_unit(field: &RawField, shape: &Shape, errors: &Errors) {
    let Some(unit) = &field.attributes.unit else { return };
    let mut content = shape.content();
    while let Shape::List(item) | Shape::Map(item) = content {
        content = item.content();
    }
    if !matches!(content, Shape::Integer { .. } | Shape::Float { .. } | Shape::Unknown) {
        errors.on(&unit.tokens, format!("`unit` is the unit of a number, and this is {}", content.noun()));
    }
}

/// The value that is read for a field.
pub(super) struct FieldValue {
    pub(super) ty: Type,
    pub(super) shape: Shape,
    /// The functions between the field and the value that is read.
    conversion: Option<Conversion>,
    /// The rules as they are written; `None` for one that is wrong.
    written: Vec<Option<Rule>>,
    pub(super) rules: Vec<Rule>,
    /// Whether it is a secret that no placeholder can stand for, and that needs an example for it.
    lacks_placeholder: bool,
}

impl FieldValue {
    /// The value that is read for a field, with its errors.
    pub(super) fn of(field: &RawField) -> (Self, Errors) {
        let errors = Errors::new();
        let conversion = check_conversion(field, &errors);
        let ty = read_type(field, conversion.as_ref());
        let shape = shape_of(&ty).hidden_if(field.attributes.secret.is_some());
        let written = check_rules(&field.attributes.rules, &shape, &errors);
        let rules = in_order(&written);
        let lacks_placeholder = shape.is_secret() && !has_placeholder(&field.key(), &rules);
        (Self { ty, shape, conversion, written, rules, lacks_placeholder }, errors)
    }

    fn are_known(&self) -> bool {
        self.shape.is_known() && self.rules.iter().all(Rule::is_known)
    }

    /// Adds assertions that rules apply to a type and can be satisfied together, if only the compiler can decide: one assertion
    /// for each rule, so that its failure points there, and one for all of them.
    pub(super) fn assert(&self, raw: &[RawRule], assertions: &mut Vec<Assertion>) {
        if self.are_known() {
            return;
        }
        for (rule, checked) in raw.iter().zip(&self.written) {
            let kind = AssertionKind::Rules { ty: self.ty.clone(), rules: checked.iter().copied().collect() };
            assertions.push(Assertion { tokens: rule.name.to_token_stream(), kind });
        }
        let ends: Vec<_> = raw.iter().filter(|rule| matches!(rule.word.argument, Argument::Bound(_))).collect();
        let last = match ends.as_slice() {
            [_, last] => Some(*last),
            _ => raw.last(),
        };
        if let Some(last) = last {
            let kind = AssertionKind::Together { ty: self.ty.clone(), rules: self.rules.clone() };
            assertions.push(Assertion { tokens: last.name.to_token_stream(), kind });
        }
    }
}

/// Checks literals that must be values of one field.
pub(super) struct Literals<'a> {
    pub(super) value: &'a FieldValue,
    /// The versions of the peer in which they must be allowed.
    versions: CheckedVersions,
    pub(super) assertions: &'a mut Vec<Assertion>,
    pub(super) errors: &'a Errors,
}

impl Literals<'_> {
    pub(super) fn check(&mut self, value: &Value, purpose: Purpose) -> Option<Literal> {
        let noun = purpose.noun();
        let shown = (purpose == Purpose::Example && self.value.lacks_placeholder).then(|| self.value.shape.shown());
        let literal = table_literal(value, shown.as_ref().unwrap_or(&self.value.shape), purpose, self.errors)?;
        let FieldValue { ty, rules, .. } = self.value;
        let versions = self.versions;
        if !literal.is_known() && rules.iter().any(Rule::has_pattern) {
            let message = format!("write {noun} out: whether a constant matches a pattern cannot be checked");
            self.errors.on(&value.tokens, message);
        }
        for rule in rules.iter().filter(|rule| violates(&literal, rule)) {
            let message = format!("{noun} {literal} violates `{rule}`");
            self.errors.on(&value.tokens, message);
        }
        if !self.value.are_known() || !literal.is_known() {
            let kind = AssertionKind::Literal { purpose, ty: ty.clone(), rules: rules.clone(), literal, versions };
            self.assertions.push(Assertion { tokens: value.tokens.clone(), kind });
        }
        Some(literal)
    }
}

/// Checks that the values of a condition can be values of the other field.
fn check_condition(
    condition: &RawCondition,
    fields: &[RawField],
    values: &[FieldValue],
    assertions: &mut Vec<Assertion>,
    errors: &Errors,
) -> Option<CheckedCondition> {
    let other = find(fields, &condition.other)?;
    if fields[other].attributes.secret.is_some() {
        // Refused as a condition already.
        return None;
    }
    // What the other key may be in some version may be asked about.
    let versions = CheckedVersions::ALL;
    let mut literals = Literals { value: &values[other], versions, assertions, errors };
    let values: Vec<_> = condition.values.iter().map(|value| literals.check(value, Purpose::Condition)).collect();
    Some(CheckedCondition {
        effect: condition.effect,
        other: fields[other].key(),
        values: values.into_iter().collect::<Option<_>>()?,
        reason: condition.reason.as_ref().map(|reason| reason.value.clone()).unwrap_or_default(),
    })
}
