//! One object of a document, its keys sorted into slots.

use std::collections::BTreeMap;

use l2_adapter_rules::{Literal, Rule};
use serde_json::{Map, Value};

use super::{Origin, Place, Reader, presence::Found, slots::Present};
use crate::{
    fault::ConfigError,
    literal::LiteralValue,
    path::Path,
    table::{Field, Presence, Table},
    value::{ConfigValue, Secrets, read_entries},
};

/// The result of [`Section::slot`](super::Section::slot) for a key that no table declares.
pub const NO_SLOT: usize = usize::MAX;

/// One object of a document, and the table it is read by.
///
/// The slots of a table are numbered: its fields in declaration order, then the aliases of each field in order, then the
/// forbidden keys, then the slots of the table it extends, then those of the common keys.
#[derive(Debug, Clone, Copy)]
pub struct Object<'a> {
    pub(crate) table: &'static Table,
    pub(crate) map: &'a Map<String, Value>,
    pub(crate) slots: &'a [Option<&'a Value>],
    pub(crate) path: &'a Path<'a>,
    present: Present,
    /// The slots of the whole object's table: where the object is read as a base, keys that the base does not know are
    /// declared there.
    slot: fn(&str) -> usize,
    /// The key that chose the table: `type`, or the tag of a union.
    pub(super) tag: Option<&'static str>,
    /// The value of the tag.
    pub(super) tag_value: Option<&'a Value>,
    /// Whether every key is declared, or the tag.
    pub(super) all_known: bool,
    /// Whether this is the whole object, and not the part that a base or the common keys read.
    whole: bool,
}

/// The variable of a field, with its type erased. One engine reads the fields of all structs through it, so that a struct has a
/// list of variables instead of code for each field. A variable starts with the value of an absent key if that value is free to
/// construct, see [`initial`](super::initial), and empty otherwise.
pub trait FieldSlot {
    /// Reads a value, which replaces the variable's value.
    fn read(&mut self, value: &Value, place: &Place<'_>, reader: &mut Reader<'_>);

    /// Reads a value only to check it: that of a key's other name. If it has a fault, the variable becomes empty.
    fn check(&mut self, value: &Value, place: &Place<'_>, reader: &mut Reader<'_>);

    /// Sets the table's default. Returns whether the type could construct it from the literal.
    fn take_default(&mut self, default: &Literal) -> bool;

    /// Leaves the variable empty, because the key has a fault.
    fn clear(&mut self);
}

impl<T: ConfigValue> FieldSlot for Option<T> {
    fn read(&mut self, value: &Value, place: &Place<'_>, reader: &mut Reader<'_>) {
        *self = T::read(value, place, reader);
    }

    fn check(&mut self, value: &Value, place: &Place<'_>, reader: &mut Reader<'_>) {
        // With the same code as a used value, so that the code is inlined once.
        let mut other: Self = None;
        FieldSlot::read(&mut other, value, place, reader);
        if other.is_none() {
            *self = None;
        }
    }

    fn take_default(&mut self, default: &Literal) -> bool {
        *self = T::from_literal(default);
        self.is_some()
    }

    fn clear(&mut self) {
        *self = None;
    }
}

/// The source of a default that is not in the field's table.
const fn computed_by(field: &Field) -> Origin {
    match field.presence {
        Presence::Computed(words) => Origin::Computed(words),
        Presence::DefaultFrom(key) => Origin::DefaultFrom(key),
        _ => Origin::Document,
    }
}

/// Whether the default of a field must be checked like a value: it satisfies every rule except those that read the machine.
fn asks_machine(field: &Field, reader: &Reader<'_>) -> bool {
    reader.context().machine().is_some() && field.rules.iter().any(Rule::asks_the_machine)
}

impl<'a> Object<'a> {
    /// An object whose values are sorted into slots by `slot`. `tag` is the key that chose the table.
    pub fn new(
        table: &'static Table,
        map: &'a Map<String, Value>,
        slots: &'a mut [Option<&'a Value>],
        slot: fn(&str) -> usize,
        tag: Option<&'static str>,
        path: &'a Path<'a>,
    ) -> Self {
        let (mut all_known, mut tag_value, mut present) = (true, None, Present::NONE);
        for (key, value) in map {
            let index = slot(key);
            match slots.get_mut(index) {
                Some(slot) => {
                    *slot = Some(value);
                    present = present.with(index);
                }
                None if tag == Some(key.as_str()) => tag_value = Some(value),
                None => all_known = false,
            }
        }
        Self { table, map, slots, path, present, slot, tag, tag_value, all_known, whole: true }
    }

    /// The same object as another table sees it, one that this table extends or that of the common keys: its slots begin
    /// at `first`.
    pub fn part(&self, table: &'static Table, first: usize) -> Object<'a> {
        let slots = self.slots.get(first..).unwrap_or_default();
        Object { table, slots, present: self.present.from(first), whole: false, ..*self }
    }

    /// Whether the document has no key of the slots from `first` on; `false` if that is not known without a look at each.
    pub fn is_empty_from(&self, first: usize) -> bool {
        self.present.has_none_from(first, self.slots.len())
    }

    /// Reads a sequence of plain fields, at most 64, each into its variable. Such a field has no other names, no conditions, no
    /// deprecation and a default that the table holds: most are so, and are read without a look at any of these. Those that are
    /// absent and not among the `needs_visit` are not looked at at all.
    pub fn plain_fields(
        &self,
        first: usize,
        needs_visit: u64,
        variables: &mut [&mut dyn FieldSlot],
        reader: &mut Reader<'_>,
    ) {
        if reader.context().machine().is_some() || reader.context().has_environment() {
            for (index, variable) in variables.iter_mut().enumerate() {
                self.field(first + index, *variable, reader);
            }
            return;
        }
        let run = first..first + variables.len();
        let (fields, values) = (&self.table.fields[run.clone()], &self.slots[run]);
        let mut rest = self.present.from(first).bits() | needs_visit;
        while rest != 0 {
            let index = rest.trailing_zeros() as usize;
            rest &= rest - 1;
            // Further slots are not of this run.
            let Some(variable) = variables.get_mut(index) else { return };
            let field = &fields[index];
            match (values[index], &field.presence) {
                (Some(value), _) => self.read_at(field, value, *variable, reader),
                (None, Presence::Default(default)) if variable.take_default(default) => {}
                _ => {
                    self.field(first + index, *variable, reader);
                }
            }
        }
    }

    /// Reads any field into its variable. Returns whether its default must still be computed.
    pub fn field(&self, index: usize, variable: &mut dyn FieldSlot, reader: &mut Reader<'_>) -> bool {
        let field = &self.table.fields[index];
        match self.find(index, field, reader) {
            Found::Value(value) => {
                self.read_at(field, value, variable, reader);
                let path = Path::Key(self.path, field.key);
                if !self.check_nested_spec(field, value, &Place::new(&path, &[], field.secret), reader) {
                    variable.clear();
                }
            }
            Found::Absent => match &field.presence {
                Presence::Optional => {}
                Presence::Default(default) if !asks_machine(field, reader) && variable.take_default(default) => {}
                Presence::Default(default) => self.read_at(field, &default.to_value(), variable, reader),
                _ => return true,
            },
            Found::Faulted => variable.clear(),
            Found::Named { names, conflict } => {
                self.read_names(field, &names, variable, reader);
                if conflict {
                    variable.clear();
                }
            }
            Found::Variable(name, value) => {
                let path = Path::Key(self.path, field.key);
                let place = Place { origin: Origin::Variable(name), ..Place::of(&path, field) };
                variable.read(&value, &place, reader);
            }
        }
        false
    }

    /// A default that code made, if it is one that a document could give.
    pub fn computed<T: ConfigValue>(&self, index: usize, default: T, reader: &mut Reader<'_>) -> Option<T> {
        let field = &self.table.fields[index];
        if field.nested_spec.is_some() && self.refuse_absent_spec(field, reader) {
            return None;
        }
        let path = Path::Key(self.path, field.key);
        let place = Place { origin: computed_by(field), ..Place::of(&path, field) };
        let Some(written) = default.to_json(Secrets::Shown) else {
            // A number that is not finite has no JSON value.
            return if default.is_absent() {
                Some(default)
            } else {
                reader.wrong_type(&place, field.kind, &Value::Null)
            };
        };
        let read = T::read(&written, &place, reader);
        let valid = self.check_nested_spec(field, &written, &place, reader);
        read.filter(|_| valid).map(|_| default)
    }

    #[inline]
    fn read_at(&self, field: &'static Field, value: &Value, variable: &mut dyn FieldSlot, reader: &mut Reader<'_>) {
        let path = Path::Key(self.path, field.key);
        variable.read(value, &Place::of(&path, field), reader);
    }

    /// Reads a key that was given under several names: all are checked, and the first one counts.
    fn read_names(
        &self,
        field: &'static Field,
        names: &[(&'static str, &Value)],
        variable: &mut dyn FieldSlot,
        reader: &mut Reader<'_>,
    ) {
        for (position, (key, value)) in names.iter().enumerate() {
            let path = Path::Key(self.path, key);
            let place = Place::of(&path, field);
            match position {
                0 => variable.read(value, &place, reader),
                _ => variable.check(value, &place, reader),
            }
        }
    }

    /// The undeclared keys, read as a map.
    pub fn rest<T: ConfigValue>(&self, reader: &mut Reader<'_>) -> Option<BTreeMap<String, T>> {
        let rest = self.table.rest.as_ref()?;
        let undeclared = || self.map.iter().filter(|(key, _)| !self.is_known(key));
        let place = Place::new(self.path, rest.rules, rest.secret);
        // A map's own message would show the whole object: only its type is ever shown.
        read_entries(undeclared(), undeclared().count(), &Value::Object(Map::new()), &place, reader)
    }

    /// Ends the reading of a whole object: reports a `type` that names another type, and the keys that should not be there,
    /// forbidden ones as the tables list them, then unknown ones as the map does. Returns whether the object is the document and
    /// has faults.
    pub fn is_refused(&self, reader: &mut Reader<'_>) -> bool {
        if !self.whole {
            return false;
        }
        if self.tag_value.is_some() || !self.all_known || self.table.base.is_some() || !self.table.forbidden.is_empty()
        {
            self.check_keys(reader);
        }
        matches!(self.path, Path::Root) && reader.fault_count() > 0
    }

    /// Reports a `type` that names another type, and the keys that should not be there.
    #[inline(never)]
    fn check_keys(&self, reader: &mut Reader<'_>) {
        if let (Some(adapter), Some(value)) = (self.table.adapter, self.tag_value)
            && value.as_str() != Some(adapter)
        {
            reader.other_type(self.path, adapter, value);
        }
        self.report_keys(reader);
    }

    /// The error of an invalid object. It has the faults if the object is the document.
    #[cold]
    pub fn error(&self, reader: &mut Reader<'_>) -> ConfigError {
        let is_document = self.whole && matches!(self.path, Path::Root);
        if is_document { reader.refusal(self.table.adapter) } else { ConfigError::placeholder() }
    }

    /// Whether a key is the tag, or is declared by this table or the one that includes it.
    pub(super) fn is_known(&self, key: &str) -> bool {
        (self.slot)(key) != NO_SLOT || self.tag == Some(key)
    }
}
