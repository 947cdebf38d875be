//! The part of a schema that the standard defines. Keywords of editors and our own `x-` ones decide nothing, and validators
//! such as ajv refuse keywords they do not know.

use serde_json::{Map, Value};

/// Keywords of VS Code's JSON language service.
const EDITOR_KEYWORDS: &[&str] = &[
    "defaultSnippets",
    "deprecationMessage",
    "doNotSuggest",
    "enumDescriptions",
    "errorMessage",
    "markdownDescription",
    "markdownEnumDescriptions",
    "patternErrorMessage",
];

/// The same schema without the keywords that no standard defines.
pub(super) fn standard(mut schema: Map<String, Value>) -> Map<String, Value> {
    strip(&mut schema);
    schema
}

fn strip(schema: &mut Map<String, Value>) {
    schema.retain(|keyword, _| !EDITOR_KEYWORDS.contains(&keyword.as_str()) && !keyword.starts_with("x-"));
    for (keyword, value) in schema {
        match (keyword.as_str(), value) {
            // Objects whose keys are names that users chose.
            ("properties" | "$defs" | "dependentSchemas", Value::Object(named)) => {
                named.values_mut().filter_map(Value::as_object_mut).for_each(strip);
            }
            ("allOf" | "anyOf", Value::Array(schemas)) => {
                schemas.iter_mut().filter_map(Value::as_object_mut).for_each(strip);
            }
            (
                "additionalProperties" | "else" | "if" | "items" | "not" | "propertyNames" | "then",
                Value::Object(inner),
            ) => strip(inner),
            _ => {}
        }
    }
}
