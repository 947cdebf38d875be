//! Keys that must or must not be there because of another key, its value or its absence.

use l2_adapter_rules::{ConditionEffect, Literal};
use serde_json::{Map, Value, json};

use super::{Definition, Definitions, string, value};
use crate::{
    kind::Kind,
    literal::LiteralValue,
    read::{self, describe_condition, is_demanded},
    table::{Condition, Field, Table},
};

/// The requirements of a field's conditions on the object.
pub(super) fn conditions(table: &'static Table, field: &'static Field) -> impl Iterator<Item = Value> {
    field.conditions.iter().map(move |condition| {
        let met = is_met(table, condition);
        match condition.effect {
            ConditionEffect::RequiredIf => json!({ "if": met, "then": required(field, condition) }),
            ConditionEffect::ForbiddenUnless => {
                let reason = format!("must not be given unless {}", describe_condition(condition));
                let refused: Map<_, _> = field.names().map(|name| (name.to_owned(), value::never(&reason))).collect();
                json!({ "if": met, "else": { "properties": refused } })
            }
        }
    })
}

/// A schema of objects that have the field under one of its names.
pub(super) fn given(field: &'static Field) -> Value {
    let mut each = field.names().map(|name| json!({ "required": [name] }));
    match field.aliases {
        [] => each.next().unwrap_or_default(),
        _ => json!({ "anyOf": each.collect::<Vec<_>>() }),
    }
}

/// A schema of objects that have the field, with a value. Only a document counts here, in the parser too: an environment
/// variable does not.
fn required(field: &'static Field, condition: &Condition) -> Value {
    let mut required = given(field);
    if matches!(field.kind, Kind::Optional(_)) {
        let message = format!("must not be null when {}", describe_condition(condition));
        let value = json!({ "not": { "type": "null" }, "errorMessage": message, "doNotSuggest": true });
        required["properties"] = field.names().map(|name| (name, value.clone())).collect();
    }
    required
}

/// A schema of objects whose key has this value. It selects the schema of the other keys, and none for a value that is not an
/// object.
pub(super) fn chosen(key: &str, name: &str) -> Value {
    json!({
        "type": "object",
        "properties": { key: { "const": name, "doNotSuggest": true } },
        "required": [key],
    })
}

/// What the keys next to a free-form object ask of it: that it is the spec of an adapter.
pub(super) fn nested_spec(field: &'static Field, definitions: &mut Definitions<'_>) -> Option<Value> {
    let nested = field.nested_spec?;
    let spec = definitions.inside(field.secret, |inside| inside.reference(Definition::Adapter((nested.entry.table)())));
    let when =
        nested.when.iter().map(|(key, values)| ((*key).to_owned(), json!({ "enum": values, "doNotSuggest": true })));
    let keys: Vec<_> = nested.when.iter().map(|(key, _)| *key).collect();
    // What is no object is refused by the schema of the key itself.
    let object = json!({ "if": { "type": "object" }, "then": spec });
    let mut then = json!({ "properties": { field.key: object } });
    if is_demanded(field) {
        then["required"] = json!([field.key]);
    }
    Some(json!({ "if": { "properties": when.collect::<Map<_, _>>(), "required": keys }, "then": then }))
}

/// A schema of objects in which the condition is met.
fn is_met(table: &'static Table, condition: &Condition) -> Value {
    // A condition on a key that the table lacks is never met; the derive refuses it.
    let Some(other) = table.fields.iter().find(|field| field.key == condition.other) else { return json!(false) };
    if condition.values.is_empty() {
        let given = json!({ "not": { "type": "null" } });
        return json!({ "not": { "required": [other.key], "properties": { other.key: given } } });
    }
    let ignore_case = matches!(other.kind.unwrap_optional(), Kind::Choice(choices) if choices.ignore_case);
    let mut one_of_them = match ignore_case {
        // No `enum` of names next to the pattern: editors would offer them as values, in this case of letters.
        true => string::ignoring_case(condition.values.iter().filter_map(Literal::as_text)),
        false => json!({ "enum": condition.values.iter().map(Literal::to_value).collect::<Vec<_>>() }),
    };
    // Editors offer the keys of a condition too: the one that the table declares knows all values, this one does not.
    one_of_them["doNotSuggest"] = json!(true);
    let mut met = json!({ "properties": { condition.other: one_of_them } });
    // Its default may meet the condition.
    if !read::is_met(table, condition, |_| None) {
        met["required"] = json!([condition.other]);
    }
    met
}
