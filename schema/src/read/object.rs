//! One object of a document, its keys sorted into slots.

use serde_json::{Map, Value};

use super::{Place, Reader, RuleError, presence::Found};
use crate::{
    fault::{Fault, FaultCode},
    path::Path,
    suggest,
    table::{Field, Presence, Table},
    value::{ConfigValue, read_entries},
};

/// What [`Section::slot`](super::Section::slot) answers for a key that no table declares.
pub const NO_SLOT: usize = usize::MAX;

/// What [`fill`] found beside the values of declared keys.
#[derive(Debug, Clone, Copy)]
pub struct Filled<'a> {
    /// Whether every key is declared, or the tag.
    all_known: bool,
    /// The value of the tag.
    tag: Option<&'a Value>,
}

/// Sorts the values of a map into slots. `tag` is the key that chose this table: `type`, or the tag of a union.
pub fn fill<'a>(
    map: &'a Map<String, Value>,
    slots: &mut [Option<&'a Value>],
    slot: fn(&str) -> usize,
    tag: Option<&str>,
) -> Filled<'a> {
    let mut filled = Filled { all_known: true, tag: None };
    for (key, value) in map {
        match slots.get_mut(slot(key)) {
            Some(slot) => *slot = Some(value),
            None if tag == Some(key.as_str()) => filled.tag = Some(value),
            None => filled.all_known = false,
        }
    }
    filled
}

/// One object of a document, and the table it is read by.
///
/// The slots of a table are numbered: its fields in declaration order, then the aliases of each field in order, then the
/// forbidden keys, then the slots of the table it extends, then those of the shared keys.
#[derive(Debug, Clone, Copy)]
pub struct Object<'a> {
    pub(crate) table: &'static Table,
    pub(crate) map: &'a Map<String, Value>,
    pub(crate) slots: &'a [Option<&'a Value>],
    pub(crate) path: &'a Path<'a>,
    /// The slots of the table that extends this one, where the object is read as its base: keys that this table does
    /// not know are declared there.
    declared: Option<fn(&str) -> usize>,
}

/// What the value of a plain field is read into. One engine reads the fields of all structs through it, so that a struct
/// brings a list of variables instead of code for each field.
pub trait Variable {
    /// Reads the field; what is read replaces what was there.
    fn read(&mut self, object: &Object<'_>, index: usize, reader: &mut Reader<'_>);
}

impl<T: ConfigValue> Variable for Option<T> {
    fn read(&mut self, object: &Object<'_>, index: usize, reader: &mut Reader<'_>) {
        *self = object.plain_field(index, reader);
    }
}

impl<'a> Object<'a> {
    /// An object whose slots are filled.
    pub const fn new(
        table: &'static Table,
        map: &'a Map<String, Value>,
        slots: &'a [Option<&'a Value>],
        path: &'a Path<'a>,
    ) -> Self {
        Self { table, map, slots, path, declared: None }
    }

    /// The same object as the table that `self`'s table extends sees it: its slots begin at `first`, and `slot` is the
    /// function of the extending table.
    pub fn base(&self, table: &'static Table, first: usize, slot: fn(&str) -> usize) -> Object<'a> {
        Object { declared: self.declared.or(Some(slot)), ..self.part(table, first) }
    }

    /// The same object as the table of shared keys sees it: their slots begin at `first`.
    pub fn part(&self, table: &'static Table, first: usize) -> Object<'a> {
        Object { table, slots: self.slots.get(first..).unwrap_or_default(), ..*self }
    }

    /// Reads plain fields that stand one after the other, each into its variable.
    pub fn plain_fields(&self, first: usize, variables: &mut [&mut dyn Variable], reader: &mut Reader<'_>) {
        for (offset, variable) in variables.iter_mut().enumerate() {
            variable.read(self, first + offset, reader);
        }
    }

    /// The value of a field without other names, conditions, environment or deprecation: most are so, and are read without
    /// a look at any of these.
    #[inline]
    pub fn plain_field<T: ConfigValue>(&self, index: usize, reader: &mut Reader<'_>) -> Option<T> {
        let field = &self.table.fields[index];
        // Each arm answers for itself: a value that passes through one place is moved once more for every field.
        match (self.slots[index], &field.presence) {
            (Some(value), _) => self.read_at(field, field.key, value, reader),
            (None, Presence::Default(literal)) => match T::from_literal(literal) {
                Some(value) => Some(value),
                None => self.field(index, reader),
            },
            (None, Presence::Optional) => T::absent(),
            (None, _) => self.field(index, reader),
        }
    }

    /// The value of a field, or its literal default, or its absence.
    pub fn field<T: ConfigValue>(&self, index: usize, reader: &mut Reader<'_>) -> Option<T> {
        self.field_or_else(index, reader, |place, reader| match &self.table.fields[index].presence {
            Presence::Default(literal) => {
                T::from_literal(literal).or_else(|| T::read(&literal.to_value(), place, reader))
            }
            _ => T::absent(),
        })
    }

    /// The value of a field, or what `default` computes. A `None` from `default` means that a fault stands already.
    pub fn field_or_else<T: ConfigValue>(
        &self,
        index: usize,
        reader: &mut Reader<'_>,
        default: impl FnOnce(&Place<'_>, &mut Reader<'_>) -> Option<T>,
    ) -> Option<T> {
        let field = &self.table.fields[index];
        match self.find(index, field, reader) {
            Found::Value(value) => self.read_at(field, field.key, value, reader),
            Found::Absent => {
                let path = Path::Key(self.path, field.key);
                default(&Place::new(&path, field.rules, field.secret), reader)
            }
            Found::Faulted => None,
            Found::Named(names) => self.read_names(field, &names, reader),
            Found::Variable(name, value) => {
                let path = Path::Key(self.path, field.key);
                let place = Place { variable: Some(name), ..Place::new(&path, field.rules, field.secret) };
                T::read(&value, &place, reader)
            }
        }
    }

    #[inline]
    fn read_at<T: ConfigValue>(
        &self,
        field: &'static Field,
        key: &str,
        value: &Value,
        reader: &mut Reader<'_>,
    ) -> Option<T> {
        let path = Path::Key(self.path, key);
        T::read(value, &Place::new(&path, field.rules, field.secret), reader)
    }

    /// Reads a key that was written under several names: the first is the one taken, all are checked.
    fn read_names<T: ConfigValue>(
        &self,
        field: &'static Field,
        names: &[(&'static str, &Value)],
        reader: &mut Reader<'_>,
    ) -> Option<T> {
        let mut taken = None;
        let mut sound = true;
        for (position, (key, value)) in names.iter().enumerate() {
            let read = self.read_at::<T>(field, key, value, reader);
            sound &= read.is_some();
            if position == 0 {
                taken = read;
            }
        }
        taken.filter(|_| sound)
    }

    /// The undeclared keys, read as a map.
    pub fn rest<T: ConfigValue>(
        &self,
        slot: fn(&str) -> usize,
        tag: Option<&str>,
        reader: &mut Reader<'_>,
    ) -> Option<std::collections::BTreeMap<String, T>> {
        let rest = self.table.rest.as_ref()?;
        let is_declared = |key: &str| self.declared.map_or_else(|| slot(key), |declared| declared(key)) != NO_SLOT;
        let undeclared = || self.map.iter().filter(|(key, _)| !is_declared(key) && tag != Some(key.as_str()));
        let place = Place::new(self.path, rest.rules, rest.secret);
        // A map's own message would show the whole object: only its type is ever shown.
        read_entries(undeclared(), undeclared().count(), &Value::Object(Map::new()), &place, reader)
    }

    /// The outcome of a field's `parse_with` function.
    pub fn parsed<T>(&self, index: usize, outcome: Result<T, RuleError>, reader: &mut Reader<'_>) -> Option<T> {
        outcome
            .map_err(|error| reader.rule_fault(self.path, self.table.fields[index].key, FaultCode::ParseWith, error))
            .ok()
    }

    /// The outcome of a rule over several fields.
    pub fn rule(&self, index: usize, outcome: Result<(), RuleError>, reader: &mut Reader<'_>) {
        if let Err(error) = outcome {
            let first = self.table.rules[index].reads.first().copied().unwrap_or_default();
            reader.rule_fault(self.path, first, FaultCode::Rule, error);
        }
    }

    /// The outcome of a warning over several fields.
    pub fn warning(&self, index: usize, outcome: Result<(), RuleError>, reader: &mut Reader<'_>) {
        if let Err(error) = outcome {
            let first = self.table.warnings[index].reads.first().copied().unwrap_or_default();
            reader.rule_warning(self.path, first, error);
        }
    }

    /// Reports a `type` that names another type, and the keys that should not be there: forbidden ones as the tables list
    /// them, then unknown ones as the map does.
    pub fn finish(&self, filled: Filled<'_>, slot: fn(&str) -> usize, tag: Option<&str>, reader: &mut Reader<'_>) {
        if let (Some(adapter), Some(value), Path::Root) = (self.table.adapter, filled.tag, self.path)
            && value.as_str() != Some(adapter)
        {
            reader.other_type(adapter, value);
        }
        let is_forbidden = |table: &Table| table.forbidden.iter().any(|key| self.map.contains_key(key.key));
        if filled.all_known && !self.table.ancestry().any(is_forbidden) {
            return;
        }
        for forbidden in self.table.lineage().into_iter().flat_map(|table| table.forbidden) {
            if tag != Some(forbidden.key) && self.map.contains_key(forbidden.key) {
                let path = Path::Key(self.path, forbidden.key);
                let place = Place::new(&path, &[], false);
                let message = format!("must not be given: {}", forbidden.reason);
                reader.push(reader.fault(&place, FaultCode::ForbiddenKey, &message));
            }
        }
        if filled.all_known || self.table.rest().is_some() {
            return;
        }
        for (key, value) in self.map {
            if reader.is_full() {
                break;
            }
            if tag != Some(key.as_str()) && slot(key) == NO_SLOT {
                reader.push(self.unknown_key(key, value, tag));
            }
        }
    }

    fn unknown_key(&self, key: &str, value: &Value, tag: Option<&str>) -> Fault {
        let path = Path::Key(self.path, key);
        let owner = self.table.adapter.map_or_else(
            || match self.path {
                Path::Root => self.table.name.to_owned(),
                _ => self.path.name(),
            },
            |adapter| format!("`{adapter}`"),
        );
        let mut fault =
            Fault::new(path.pointer(), FaultCode::UnknownKey, format!("{} is not a key of {owner}", path.name()));
        fault.got = Some(super::report::json_type(value).to_owned());
        let shared = self.table.shared_table().map(|table| table.fields).unwrap_or_default();
        let names = self
            .table
            .all_fields()
            .chain(shared)
            .flat_map(|field| {
                let aliases = field.aliases.iter().filter(|alias| !alias.legacy).map(|alias| alias.key);
                std::iter::once(field.key).chain(aliases)
            })
            .chain(tag.map(|_| "type").filter(|_| self.table.adapter.is_some()));
        fault.suggestion = suggest::closest(key, names).map(str::to_owned);
        fault
    }
}
