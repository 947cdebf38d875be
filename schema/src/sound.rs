//! What the compiler cannot see of a table, checked by parsing: examples and defaults of sections, defaults that code
//! computes, and whether what is written is read again. It is for tests.

use serde_json::{Map, Value};

use crate::{
    fault::{ConfigError, FaultCode},
    kind::Kind,
    path::push_escaped,
    render::{Extent, example},
    rule::Rule,
    table::{Field, Presence, Table},
    value::Secrets,
};

/// Parses a document and writes the result; the second argument says whether secrets are shown.
type Parse<'a> = &'a dyn Fn(&Map<String, Value>, Secrets) -> Result<Map<String, Value>, ConfigError>;

/// What is wrong with a table and with those inside it, a sentence each.
pub fn unsound(table: &'static Table, parse: Parse<'_>) -> Vec<String> {
    let mut checks = Checks { parse, open: Vec::new(), found: Vec::new() };
    for extent in [Extent::Minimal, Extent::Full] {
        checks.round_trip(&example(table, extent), "the example");
    }
    let tag = table.adapter.map(|name| ("type", name));
    checks.table(table, tag, false, "", &|object| object);
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
    /// Checks the keys of a table that is read at `pointer`. `secret` says whether it is inside a secret.
    fn table(
        &mut self,
        table: &'static Table,
        tag: Option<(&str, &str)>,
        secret: bool,
        pointer: &str,
        around: Around<'_>,
    ) {
        if self.open.contains(&std::ptr::from_ref(table)) {
            return;
        }
        self.open.push(table);
        let mut base = example(table, Extent::Minimal);
        base.extend(tag.map(|(key, name)| (key.to_owned(), Value::from(name))));
        let shared = table.shared_table().map(|table| table.fields).unwrap_or_default();
        for field in table.all_fields().chain(shared) {
            self.field(field, &base, secret || field.secret, pointer, around);
        }
        self.open.pop();
    }

    fn field(
        &mut self,
        field: &'static Field,
        base: &Map<String, Value>,
        secret: bool,
        pointer: &str,
        around: Around<'_>,
    ) {
        let mut own = format!("{pointer}/");
        push_escaped(&mut own, field.key);
        let with = |value: Value| {
            let mut object = base.clone();
            object.insert(field.key.to_owned(), value);
            around(Value::Object(object))
        };
        for literal in field.examples {
            self.accepted(&with(literal.to_value()), &own, &format!("the example {}", literal.to_value()));
        }
        if !matches!(field.presence, Presence::Required) {
            let mut object = base.clone();
            object.remove(field.key);
            self.accepted(&around(Value::Object(object)), &own, "the default");
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
            Kind::Section(table) => self.table(table(), None, secret, pointer, around),
            Kind::Union(union) => {
                let union = union();
                for variant in union.variants {
                    if let Some(table) = variant.table {
                        self.table(table(), Some((union.tag, variant.name)), secret, pointer, around);
                    }
                }
            }
            _ => {}
        }
    }

    /// Checks that nothing is wrong at a place, or inside it; what else a document lacks is no matter.
    fn accepted(&mut self, document: &Value, pointer: &str, what: &str) {
        let Value::Object(map) = document else { return };
        let Err(error) = (self.parse)(map, Secrets::Shown) else { return self.round_trip(map, pointer) };
        let below = |fault: &&crate::Fault| {
            fault.pointer.strip_prefix(pointer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        // Whether a key may be absent hangs on others, which this document leaves as they are.
        let is_value =
            |fault: &&crate::Fault| !matches!(fault.code, FaultCode::Missing | FaultCode::MissingEnvironment);
        if let Some(fault) = error.faults.iter().filter(is_value).find(below) {
            self.found.push(format!("{pointer}: {what} is refused: {fault}"));
        }
    }

    /// Checks that what is written of an accepted document is read again, and written alike.
    fn round_trip(&mut self, document: &Map<String, Value>, what: &str) {
        let Ok(written) = (self.parse)(document, Secrets::Shown) else { return };
        match (self.parse)(&written, Secrets::Shown) {
            Ok(again) if again == written => {}
            Ok(_) => self.found.push(format!("{what}: what is written of it changes when it is read again")),
            Err(error) => self.found.push(format!("{what}: what is written of it is refused: {error}")),
        }
    }
}
