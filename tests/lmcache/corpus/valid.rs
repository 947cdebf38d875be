//! A value that a field probably accepts, if its example document has none.

use l2_adapter::Extent;
use l2_adapter_schema::{Field, Kind, Literal, LiteralValue as _, Presence, Rule, example};
use serde_json::Value;

use super::json::Json;

/// A value of a field: an example, its default, or one that follows from its rules.
pub(super) fn of(field: &Field) -> Json {
    let default = match field.presence {
        Presence::Default(literal) if !matches!(literal, Literal::Null) => Some(literal),
        _ => None,
    };
    match field.examples.first().copied().or(default) {
        Some(literal) => Json::from(&literal.to_value()),
        None => of_kind(field.kind, field.rules),
    }
}

/// A value of a kind that satisfies the simple rules.
pub(super) fn of_kind(kind: Kind, rules: &[Rule]) -> Json {
    match kind.unwrap_optional() {
        Kind::Boolean => Json::raw("true"),
        Kind::Integer { .. } => Json::raw(least_integer(rules).to_string()),
        Kind::Number { .. } => Json::raw("0.5"),
        Kind::Choice(choices) => Json::text(choices.variants[0].name),
        Kind::List(item) => Json::List(vec![of_kind(*item, &[])]),
        Kind::Map(value) => Json::one("key", of_kind(*value, &[])),
        Kind::Section(table) => Json::from(&Value::Object(example(table(), Extent::Full))),
        Kind::Union(union) => {
            let union = union();
            Json::one(union.tag, Json::text(union.variants[0].name))
        }
        Kind::AdapterSpec => spec(),
        Kind::FreeObject => Json::Object(Vec::new()),
        _ => Json::text("text"),
    }
}

/// A spec to be nested in another, of the simplest type.
pub(super) fn spec() -> Json {
    Json::raw("{\"type\":\"mock\",\"max_size_gb\":1,\"mock_bandwidth_gb\":2}").parsed()
}

fn least_integer(rules: &[Rule]) -> i128 {
    let bounds = rules.iter().filter_map(|rule| match rule {
        Rule::Min(Literal::Integer(bound)) => Some(*bound),
        Rule::Above(Literal::Integer(bound)) => Some(bound + 1),
        _ => None,
    });
    bounds.max().unwrap_or(1)
}

impl Json {
    /// The value of JSON text.
    fn parsed(&self) -> Json {
        Json::from(&serde_json::from_str::<Value>(&self.to_text()).unwrap())
    }
}
