//! Objects that are given where an adapter spec is wanted and have no `type`: what they are instead.

use std::cell::Cell;

use serde_json::{Map, Value};

use super::{Place, Reader, unknown::in_words_of};
use crate::{
    context::Context, fault::FaultCode, foreign::OtherConfig, path::shown_key, spec::AdapterEntry, table::Table,
};

/// What is said of an object that is no spec: words, and the spec that says the same.
pub(crate) type Instead = (String, Option<String>);

#[cold]
pub(crate) fn no_type(map: &Map<String, Value>, place: &Place<'_>, reader: &mut Reader<'_>) -> Option<AdapterEntry> {
    let instead = if reader.hides(false) { None } else { Search::new(reader.context()).instead(map, &[]) };
    let Some((words, suggestion)) = instead else {
        let tables = reader.context().adapter_tables();
        return reader.missing_tag(place, tables.iter().filter_map(|table| table.adapter));
    };
    let mut fault = reader.fault(place, FaultCode::Missing, &format!("is required: {words}"));
    fault.suggestion = suggestion;
    reader.push(fault);
    None
}

/// The spec that an object in another notation says, or what it is instead.
pub(crate) fn said_by(map: &Map<String, Value>, context: &Context<'_>) -> Option<Instead> {
    let search = Search::new(context);
    match search.type_of(map) {
        Some(table) => in_words_of(map, table, context).map(|(more, spec)| (more, Some(spec))),
        None => search.instead(map, &[]).map(|(words, spec)| (format!("; {words}"), spec)),
    }
}

/// Looks for a spec, or for a config that says the same.
pub(super) struct Search<'a> {
    tables: Vec<&'static Table>,
    context: &'a Context<'a>,
    /// How many objects are still looked at: far more than any config has, and so few that no document takes long.
    objects_left: Cell<usize>,
}

const OBJECTS_MAX: usize = 256;

/// How many objects contain the one that is looked at last.
const DEPTH_MAX: usize = 4;

/// How long a text may be that is looked into for a spec.
const TEXT_BYTES_MAX: usize = 64 << 10;

impl<'a> Search<'a> {
    pub(super) fn new(context: &'a Context<'a>) -> Self {
        Self { tables: context.adapter_tables(), context, objects_left: Cell::new(OBJECTS_MAX) }
    }

    /// What an object is, in words, and the spec that says the same. `path` leads to it from the object that is given as a spec.
    fn instead(&self, map: &Map<String, Value>, path: &[&str]) -> Option<Instead> {
        self.objects_left.set(self.objects_left.get().checked_sub(1)?);
        let own = |table: &&'static Table| self.other_config(map, table.ancestry(), table);
        let common = |table: &&'static Table| self.other_config(map, table.common_table(), table);
        let tables = || self.tables.iter();
        let inside = || self.inside(map, path);
        let Some((words, spec)) = tables().find_map(own).or_else(|| tables().find_map(common)) else {
            return inside().or_else(|| if path.is_empty() { self.named_otherwise(map) } else { None });
        };
        let place = if path.is_empty() { String::new() } else { format!("in `{}`: ", shown(path)) };
        let (more, spec) = match spec {
            Some(spec) => (String::new(), Some(spec)),
            None => inside().map(|(words, spec)| (format!("; {words}"), spec)).unwrap_or_default(),
        };
        Some((format!("{place}{words}{more}"), spec))
    }

    /// The config that an object is, of those that are mistaken for the objects of some tables.
    fn other_config(
        &self,
        map: &Map<String, Value>,
        tables: impl IntoIterator<Item = &'static Table>,
        table: &'static Table,
    ) -> Option<Instead> {
        let (_, other) = OtherConfig::found_in(map.keys(), tables.into_iter().flat_map(|table| table.mistaken_for))?;
        let (words, spec) = other.instead(map, table, self.context);
        Some((format!("this is {}; {words}", other.what), spec))
    }

    /// A type whose name is not under `type`.
    fn named_otherwise(&self, map: &Map<String, Value>) -> Option<Instead> {
        map.iter().find_map(|(key, value)| {
            let shown = shown_key(key);
            match value {
                Value::String(name) => {
                    let table = self.of_name(name)?;
                    let mut map = map.clone();
                    map.remove(key);
                    Some((format!("`{shown}` names an adapter type, write it as `type`"), self.spec_of(&map, table)))
                }
                Value::Object(inner) => {
                    let spec = self.spec_of(inner, self.of_name(key)?);
                    Some((format!("write `\"type\": \"{key}\"`, and next to it what is inside `{key}`"), spec))
                }
                _ => None,
            }
        })
    }

    /// A spec inside an object, or a config that says the same, at some depth; `path` leads to the object.
    pub(super) fn inside(&self, map: &Map<String, Value>, path: &[&str]) -> Option<Instead> {
        map.iter().find_map(|(key, value)| {
            let path = [path, &[key.as_str()]].concat();
            let is_text = |text: &&str| text.len() <= TEXT_BYTES_MAX && text.trim_start().starts_with('{');
            let in_text: Option<Value> =
                value.as_str().filter(is_text).and_then(|text| serde_json::from_str(text).ok());
            match in_text.as_ref().unwrap_or(value) {
                Value::Object(inner) => match self.type_of(inner) {
                    Some(table) => {
                        let (more, spec) = in_words_of(inner, table, self.context).unzip();
                        let (place, more) = (shown(&path), more.unwrap_or_default());
                        Some((format!("the spec is in `{place}`, give that object alone{more}"), spec))
                    }
                    None if path.len() < DEPTH_MAX => self.instead(inner, &path),
                    None => None,
                },
                Value::Array(items) => self.in_list(items, &path),
                _ => None,
            }
        })
    }

    fn in_list(&self, items: &[Value], path: &[&str]) -> Option<Instead> {
        let mut specs = items.iter().filter_map(|item| Some((item.as_object()?, self.type_of(item.as_object()?)?)));
        let (first, is_only) = (specs.next()?, specs.next().is_none());
        let only = Some(first).filter(|_| is_only).and_then(|(map, table)| self.spec_of(map, table));
        Some((format!("there are specs in the list `{}`, give each of them alone", shown(path)), only))
    }

    /// What an object says, as a spec of a type.
    fn spec_of(&self, map: &Map<String, Value>, table: &'static Table) -> Option<String> {
        in_words_of(map, table, self.context).map(|(_, spec)| spec)
    }

    fn type_of(&self, map: &Map<String, Value>) -> Option<&'static Table> {
        self.of_name(map.get("type")?.as_str()?)
    }

    fn of_name(&self, name: &str) -> Option<&'static Table> {
        self.tables.iter().find(|table| table.adapter == Some(name)).copied()
    }
}

fn shown(path: &[&str]) -> String {
    path.iter().map(|key| shown_key(key)).collect::<Vec<_>>().join(".")
}
