//! Checks of a table that the compiler cannot make, by parsing: examples and defaults of sections, computed defaults, and
//! whether every written config parses again. It is for tests.

use l2_adapter_rules::Rule;
use serde_json::{Map, Value};

use crate::{
    context::Context,
    fault::{ConfigError, FaultCode},
    json::is_in_secret,
    kind::Kind,
    literal::LiteralValue,
    path::{is_within, push_token},
    render::{Extent, example},
    secret::REDACTED,
    table::{Field, Presence, Table},
    value::Secrets,
};

/// Parses a document and writes the result; the second argument states whether secrets are shown.
type Parse<'a> = &'a dyn Fn(&Map<String, Value>, Secrets) -> Result<Map<String, Value>, ConfigError>;

/// The errors of a table and of those inside it, one sentence each.
pub fn unsound(table: &'static Table, parse: Parse<'_>) -> Vec<String> {
    let mut checks = Checks { parse, open: Vec::new(), found: Vec::new() };
    for extent in [Extent::Minimal, Extent::Full] {
        checks.round_trip(&example(table, extent), "the example");
    }
    checks.table(table, false, "", &|object| match table.adapter {
        Some(name) => tagged(object, "type", name),
        None => object,
    });
    checks.found
}

/// Puts a value into a document around it.
type Around<'a> = &'a dyn Fn(Value) -> Value;

struct Checks<'a> {
    parse: Parse<'a>,
    open: Vec<*const Table>,
    found: Vec<String>,
}

impl Checks<'_> {
    /// Checks the keys of a table that is read at `pointer`. `secret` states whether it is inside a secret.
    fn table(&mut self, table: &'static Table, secret: bool, pointer: &str, around: Around<'_>) {
        if self.open.contains(&std::ptr::from_ref(table)) {
            return;
        }
        self.open.push(table);
        let base = Value::Object(example(table, Extent::Minimal));
        for field in table.fields_with_common() {
            self.field(field, &base, secret || field.secret, pointer, around);
        }
        self.open.pop();
    }

    fn field(&mut self, field: &'static Field, base: &Value, secret: bool, pointer: &str, around: Around<'_>) {
        let mut own = pointer.to_owned();
        push_token(&mut own, field.key);
        let with = |value: Value| {
            let mut object = base.clone();
            object[field.key] = value;
            around(object)
        };
        for literal in field.examples {
            let value = literal.to_value();
            self.accepted(&with(value.clone()), &own, &format!("the example {value}"));
            if !secret && self.shows_secret(field.kind, &value, &with(value.clone()), &own) {
                // The example is not repeated: this may be read where secrets must not be.
                self.found.push(format!("{own}: an example has a secret of a spec: help and schema would show it"));
            }
        }
        for why in field.rules.iter().filter_map(Rule::invalid_pattern) {
            self.found.push(format!("{own}: the pattern is invalid: {why}"));
        }
        if !matches!(field.presence, Presence::Required) {
            let mut object = base.clone();
            _ = object.as_object_mut().and_then(|object| object.remove(field.key));
            self.accepted(&around(object), &own, "the default");
        }
        if secret && !field.secret && field.rules.iter().any(|rule| matches!(rule, Rule::Allowed(_))) {
            self.found.push(format!("{own}: lists allowed values, and is inside a secret"));
        }
        self.inside(field.kind, secret, &own, &with);
    }

    fn inside(&mut self, kind: Kind, secret: bool, pointer: &str, around: Around<'_>) {
        match kind.unwrap_optional() {
            Kind::List(item) => {
                self.inside(*item, secret, &format!("{pointer}/0"), &|value| around(Value::Array(vec![value])));
            }
            Kind::Map(item) => {
                let entry = |value| around(Value::Object(Map::from_iter([("key".to_owned(), value)])));
                self.inside(*item, secret, &format!("{pointer}/key"), &entry);
            }
            Kind::Section(table) => self.table(table(), secret, pointer, around),
            Kind::Union(union) => {
                let union = union();
                for (name, table) in union.variants.iter().filter_map(|variant| Some((variant.name, variant.table()?)))
                {
                    self.table(table, secret, pointer, &|object| around(tagged(object, union.tag, name)));
                }
            }
            _ => {}
        }
    }

    /// Checks that there is no fault at a place or inside it; faults elsewhere in the document are ignored.
    fn accepted(&mut self, document: &Value, pointer: &str, what: &str) {
        let Value::Object(map) = document else { return };
        let Err(error) = (self.parse)(map, Secrets::Shown) else { return self.round_trip(map, pointer) };
        // Whether a key may be absent or given hangs on others, which this document leaves as they are.
        let is_value = |fault: &&crate::Fault| match fault.code {
            FaultCode::Missing | FaultCode::MissingEnvironment => false,
            FaultCode::ForbiddenKey => fault.pointer != pointer,
            _ => true,
        };
        if let Some(fault) = error.faults.iter().filter(is_value).find(|fault| is_within(&fault.pointer, pointer)) {
            self.found.push(format!("{pointer}: {what} is refused: {fault}"));
        }
    }

    /// Whether an example has the secret of a spec in it. Those of sections are replaced where examples are shown, but which
    /// keys of a spec are secrets is known only where its type is.
    fn shows_secret(&self, kind: Kind, example: &Value, document: &Value, pointer: &str) -> bool {
        let Value::Object(map) = document else { return false };
        let Ok(written) = (self.parse)(map, Secrets::Redacted).map(Value::Object) else { return false };
        let redacted = written.pointer(pointer).map(|written| redacted(Some(example), written, "")).unwrap_or_default();
        let is_of_section = |pointer: &String| is_in_secret(kind, example, pointer, &Context::empty());
        redacted.iter().any(|pointer| !is_of_section(pointer))
    }

    /// Checks that the written form of an accepted document is accepted again, and written equally.
    fn round_trip(&mut self, document: &Map<String, Value>, what: &str) {
        let Ok(written) = (self.parse)(document, Secrets::Shown) else { return };
        match (self.parse)(&written, Secrets::Shown) {
            Ok(again) if again == written => {}
            Ok(_) => self.found.push(format!("{what}: the written config changes when it is read again")),
            Err(error) => self.found.push(format!("{what}: the written config is refused: {error}")),
        }
    }
}

fn tagged(mut object: Value, tag: &str, name: &str) -> Value {
    object[tag] = Value::from(name);
    object
}

/// The pointers of what was redacted in an example. The empty string is not a secret.
fn redacted(example: Option<&Value>, written: &Value, pointer: &str) -> Vec<String> {
    let inside = |token: &str, example: Option<&Value>, written: &Value| {
        let mut inner = pointer.to_owned();
        push_token(&mut inner, token);
        redacted(example, written, &inner)
    };
    match (example, written) {
        (Some(example), Value::Object(entries)) => {
            entries.iter().flat_map(|(key, written)| inside(key, example.get(key), written)).collect()
        }
        (Some(example), Value::Array(items)) => {
            let items = items.iter().enumerate();
            items.flat_map(|(index, written)| inside(&index.to_string(), example.get(index), written)).collect()
        }
        (Some(example), written) if written == REDACTED && example != REDACTED && example != "" => {
            vec![pointer.to_owned()]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use l2_adapter_rules::Pattern;

    use super::*;
    use crate::table::Source;

    #[test]
    fn an_invalid_pattern_of_a_table_is_found() {
        static GROUP: Pattern = Pattern::new("(a)");
        static TABLE: Table = Table {
            fields: &[Field {
                rules: &[Rule::Each(&[Rule::Pattern(&GROUP)])],
                ..Field::new("names", "Some names.", Kind::List(&Kind::String), Presence::Optional)
            }],
            ..Table::new("Group", "A group.", Source { file: file!(), line: line!() })
        };
        let found = unsound(&TABLE, &|document, _| Ok(document.clone()));
        assert!(found.iter().any(|line| line.starts_with("/names: the pattern is invalid: groups are")), "{found:?}");
    }
}
