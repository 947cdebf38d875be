//! Fields that are keys.

use std::rc::Rc;

use quote::ToTokens;
use syn::{Path, Type, parse_quote};

use super::{
    examples::{check_example, has_placeholder},
    literals::table_literal,
    names::check_nested_spec,
    presence::{check_key_versions, check_presence},
    references::position,
    rules::{check_rules, distinct, in_order, violates},
    structs::documentation,
};
use crate::{
    errors::Errors,
    foreign::instead_of_type,
    model::{
        AssertionKind, CheckedField, Conversion, FieldValue, Literal, Purpose, RawCondition, RawField, RawRule,
        RawVersions, Rule, Shape, Value,
    },
    syntax::{hides, last_segment, option_content, shape_of},
};

/// Checks all fields, and reports the errors of each.
pub(super) fn check_fields<'a>(fields: &[&'a RawField], errors: &Errors) -> Option<Vec<CheckedField<'a>>> {
    // The contents of each field come first, because a condition needs the rules of another field. Their errors are reported
    // with the field.
    let value = |field: &&RawField| Errors::of(|errors| Rc::new(FieldValue::of(field, errors)));
    let (values, of_values): (Vec<_>, Vec<_>) = fields.iter().map(value).unzip();
    let checked = of_values.into_iter().enumerate().map(|(index, of_value)| {
        let (field, mut gathered) = Errors::of(|errors| {
            documentation(&fields[index].ident, fields[index].attributes.doc.as_ref(), errors);
            errors.append(of_value);
            check_field(index, fields, &values, errors)
        });
        let is_damaged = fields[index].attributes.is_damaged || !gathered.errors.is_empty();
        if is_damaged {
            // The compiler would report the same mistake again.
            gathered.assertions.clear();
        }
        errors.append(gathered);
        if !is_damaged {
            check_example(fields[index], &values[index], errors);
        }
        field
    });
    // Every field is checked before the first invalid one ends this.
    checked.collect::<Vec<_>>().into_iter().collect()
}

fn check_field<'a>(
    index: usize,
    fields: &[&'a RawField],
    values: &[Rc<FieldValue>],
    errors: &Errors,
) -> Option<CheckedField<'a>> {
    let (field, value) = (fields[index], &values[index]);
    let (FieldValue { ty, shape, conversion, .. }, attributes) = (&**value, &field.attributes);
    if !shape.is_known() {
        if let Some(why) = instead_of_type(ty) {
            errors.on(ty, why);
        }
        errors.assert(ty, ty, &[], AssertionKind::Value);
    }
    check_environment(field, errors);
    check_secret(field, errors);
    check_unit(field, value, errors);
    check_key_versions(field, shape, errors);
    let presence = check_presence(field, fields, value, errors);
    let versions = &field.versions;
    let examples = attributes.examples.iter().map(|example| value.literal(example, Purpose::Example, versions, errors));
    let examples = distinct(&attributes.examples, examples.collect(), errors);
    assert_functions(field, ty, conversion.as_ref(), errors);
    if let Some(spec) = &attributes.spec_of {
        check_nested_spec(field, spec, fields, errors);
        errors.assert(ty, ty, &[], AssertionKind::FreeForm);
    }
    let conditions = attributes.conditions.iter();
    let conditions: Vec<_> =
        conditions.map(|condition| Some((condition, compared(condition, fields, values, errors)?))).collect();
    Some(CheckedField {
        raw: field,
        value: value.clone(),
        presence: presence?,
        conditions: conditions.into_iter().collect::<Option<_>>()?,
        examples: examples?,
    })
}

/// The functions between a field and the value that is read for it; reports functions that do not match.
fn check_conversion(field: &RawField, errors: &Errors) -> Option<Conversion> {
    let attributes = &field.attributes;
    let (parse, write) = match (&attributes.parse_with, &attributes.write_with) {
        (Some(parse), Some(write)) => (parse.clone(), write.clone()),
        (None, None) => {
            if let Some(wire) = &attributes.wire {
                errors.on(wire, "`wire` is the type that `parse_with` takes: add both functions or drop it");
            }
            return None;
        }
        _ if attributes.is_damaged => return None,
        (function, other) => {
            return errors.refuse(
                function.as_ref().or(other.as_ref()),
                "give both `parse_with` and `write_with`: one undoes the other",
            );
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

/// Checks that a field is marked secret exactly if its type hides its value.
pub(super) fn check_secret(field: &RawField, errors: &Errors) {
    let RawField { ty, shape, hides, .. } = field;
    match &field.attributes.secret {
        Some(_) if *hides => {}
        Some(word) if shape.is_known() => {
            let written = ty.to_token_stream().to_string().replace(' ', "");
            errors.on(word, format!("the type of a secret must hide it: write `Secret<{written}>`"));
        }
        Some(word) => errors.assert(word, ty, &[], AssertionKind::Secret(true)),
        None if *hides => errors.on(ty, "mark the field #[config(secret)]: its type hides its value"),
        None if shape.is_known() || field.attributes.parse_with.is_some() => {}
        None => errors.assert(ty, ty, &[], AssertionKind::Secret(false)),
    }
}

/// Leaves to the compiler whether the functions of a field have the right signatures. `ty` is the type that is read.
fn assert_functions(field: &RawField, ty: &Type, conversion: Option<&Conversion>, errors: &Errors) {
    let assert = |function: &Path, inputs, output: &Type, fallible| {
        let hook = AssertionKind::Hook { function: function.clone(), inputs, fallible };
        errors.assert(function, output, &[], hook);
    };
    if let Some(function) = &field.attributes.default_with {
        assert(function, Vec::new(), ty, false);
    }
    if let Some(Conversion { parse, write, wire, optional }) = conversion {
        let value = option_content(&field.ty).filter(|_| *optional).unwrap_or_else(|| field.ty.clone());
        assert(parse, vec![wire.clone()], &value, true);
        assert(write, vec![parse_quote!(&#value)], wire, false);
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

fn check_unit(field: &RawField, value: &FieldValue, errors: &Errors) {
    let Some(unit) = &field.attributes.unit else { return };
    match value.shape.innermost() {
        Shape::Integer { .. } | Shape::Float { .. } => {}
        Shape::Unknown => errors.assert(&unit.tokens, &value.ty, &[], AssertionKind::Unit),
        other => errors.on(&unit.tokens, format!("`unit` is the unit of a number, and this is {}", other.noun())),
    }
}

impl FieldValue {
    /// The value that is read for a field.
    pub(super) fn of(field: &RawField, errors: &Errors) -> Self {
        let conversion = check_conversion(field, errors);
        let ty = match &conversion {
            None => field.ty.clone(),
            Some(Conversion { wire, optional: false, .. }) => wire.clone(),
            Some(Conversion { wire, optional: true, .. }) => parse_quote!(::core::option::Option<#wire>),
        };
        let (shape, secret) = (shape_of(&ty), hides(&ty) || field.attributes.secret.is_some());
        let raw = &field.attributes.rules;
        let written = check_rules(raw, &shape, secret, errors);
        let rules = in_order(&written);
        let lacks_placeholder = secret && !has_placeholder(&field.key.value, &rules);
        let value = Self { ty, shape, secret, conversion, rules, lacks_placeholder };
        if !value.are_known() {
            value.assert(raw, &written, errors);
        }
        value
    }

    fn are_known(&self) -> bool {
        self.shape.is_known() && self.rules.iter().all(Rule::is_known)
    }

    /// Leaves to the compiler whether rules apply to a type and can be satisfied together: one assertion for each rule, so that
    /// its failure points there, and one for all of them. An invalid rule is left out.
    fn assert(&self, raw: &[RawRule], written: &[Option<Rule>], errors: &Errors) {
        for (rule, checked) in raw.iter().zip(written) {
            errors.assert(&rule.name, &self.ty, checked.as_slice(), AssertionKind::Rules);
        }
        if let Some(last) = raw.last() {
            errors.assert(&last.name, &self.ty, &self.rules, AssertionKind::Together);
        }
    }

    /// Checks a literal that must be a value of the field, and be allowed in these versions of the peer.
    pub(super) fn literal(
        &self,
        value: &Value,
        purpose: Purpose,
        versions: &RawVersions,
        errors: &Errors,
    ) -> Option<Literal> {
        let (FieldValue { ty, shape, rules, .. }, noun) = (self, purpose.noun());
        let may_show = purpose == Purpose::Example && self.lacks_placeholder;
        if self.secret && !may_show && purpose.is_refused(value, errors) {
            return None;
        }
        let literal = table_literal(value, shape, purpose, errors)?;
        if !literal.is_known() && rules.iter().any(Rule::has_pattern) {
            let message = format!("write {noun} out: whether a constant matches a pattern cannot be checked");
            errors.on(&value.tokens, message);
        }
        for rule in rules.iter().filter(|rule| violates(&literal, rule)) {
            errors.on(&value.tokens, format!("{noun} {literal} violates {rule}"));
        }
        if !self.are_known() || !literal.is_known() {
            errors.assert(&value.tokens, ty, rules, AssertionKind::Literal(purpose, literal, versions.clone()));
        }
        Some(literal)
    }
}

/// Checks that the values of a condition can be values of the other field.
fn compared(
    condition: &RawCondition,
    fields: &[&RawField],
    values: &[Rc<FieldValue>],
    errors: &Errors,
) -> Option<Vec<Literal>> {
    // That there is no such field, or that it is a secret, is reported with all conditions.
    let other = position(fields, &condition.other).filter(|other| fields[*other].attributes.secret.is_none())?;
    // What the other key may be in some version may be asked about.
    let versions = RawVersions::default();
    let check = |value| values[other].literal(value, Purpose::Condition, &versions, errors);
    distinct(&condition.values, condition.values.iter().map(check).collect(), errors)
}
