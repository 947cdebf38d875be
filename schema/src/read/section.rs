//! Structs with a table: how the derive's code is called, and how whole documents are parsed and written.

use l2_adapter_rules::{ConditionEffect, Literal};
use serde_json::{Map, Value};

use super::{NO_SLOT, Object, Place, Reader, nested::redact_nested_specs, presence::is_met, used::never_run};
use crate::{
    compile_time,
    context::Context,
    fault::ConfigError,
    foreign::Named,
    kind::{Kind, UnionTable, UnionVariant},
    literal::LiteralValue,
    path::Path,
    peer::InVersion as _,
    secret::REDACTED,
    table::{Condition, Field, Presence, Table},
    value::{ConfigValue, Secrets},
    warning::Parsed,
};

/// A struct that is parsed with a table. Only the derives implement it: all of it, or the table alone where they report an error and
/// nothing is run.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not derive `ConfigSection`",
    note = "a struct whose keys are read by a table derives ConfigSection, or L2AdapterConfig"
)]
pub trait Section: Sized {
    /// The table.
    const TABLE: &'static Table;

    /// How many slots the table has: see [`Object`].
    const SLOTS: usize = 0;

    /// The table, for tables that may contain themselves.
    fn table() -> &'static Table {
        Self::TABLE
    }

    /// The slot of a key, or [`NO_SLOT`](super::NO_SLOT).
    fn slot(_key: &str) -> usize {
        never_run()
    }

    /// Reads an object: sorts its values into slots and reads these. `tag` is the key that chose this table.
    ///
    /// The error has the faults if the object is the document itself; for a nested object the reader holds them, and the error
    /// is [`ConfigError::placeholder`].
    fn read_map(
        _map: &Map<String, Value>,
        _path: &Path<'_>,
        _tag: Option<&'static str>,
        _reader: &mut Reader<'_>,
    ) -> Result<Self, ConfigError> {
        never_run()
    }

    /// Reads the slots, and finishes a whole object. Returns the same type as `from_dict`, so that the config is constructed in
    /// place.
    fn read_slots(_object: &Object<'_>, _reader: &mut Reader<'_>) -> Result<Self, ConfigError> {
        never_run()
    }

    /// Writes every key.
    fn write(&self, _writer: &mut Writer) {
        never_run()
    }
}

/// The defaults of a struct: what an object without keys is read as. Every derived struct has them unless one of its keys is
/// required, which the compiler reports.
pub trait ConfigDefaults: Section {
    /// The struct with each key's own default.
    ///
    /// # Panics
    ///
    /// Where a function of the struct refuses these defaults; `assert_sound` finds that in a test.
    fn defaults() -> Self {
        const { compile_time::defaults(Self::TABLE) };
        match parse_silently(&Map::new(), &Context::empty()) {
            Ok(defaults) => defaults,
            Err(error) => panic!("the defaults of `{}` are refused: {error}", Self::table().name),
        }
    }
}

impl<T: Section> ConfigDefaults for T {}

/// A value that can be written out, its type forgotten: see [`FieldSlot`](super::FieldSlot), its counterpart.
pub trait Written {
    /// The value as JSON; `None` to omit the key.
    fn written(&self, secrets: Secrets) -> Option<Value>;
}

impl<T: ConfigValue> Written for T {
    fn written(&self, secrets: Secrets) -> Option<Value> {
        self.to_json(secrets)
    }
}

/// Gathers the keys of a config that is written out.
#[derive(Debug)]
pub struct Writer {
    map: Map<String, Value>,
    secrets: Secrets,
}

impl Writer {
    /// A writer that has no keys yet but a tag.
    fn new(tag: Option<(&str, &str)>, secrets: Secrets) -> Self {
        let tag = tag.map(|(key, name)| (key.to_owned(), Value::from(name)));
        Self { map: tag.into_iter().collect(), secrets }
    }

    /// The keys, once those are settled that depend on others.
    fn finish(mut self, table: &'static Table) -> Map<String, Value> {
        self.settle(table);
        if self.secrets == Secrets::Redacted {
            redact_nested_specs(&mut self.map, table);
        }
        self.map
    }

    /// Writes the fields of a table. A key whose absence means the same is left out where writing it would be refused
    /// (`forbidden_unless`, or a version that lacks it) or warned of (`deprecated`), and an option that differs from its default by being empty is
    /// written as `null`.
    pub fn fields(&mut self, table: &'static Table, values: &[&dyn Written]) {
        for (field, value) in table.fields.iter().zip(values) {
            self.put(field, *value);
        }
    }

    fn put(&mut self, field: &'static Field, value: &dyn Written) {
        let quiet = field.deprecated.is_none()
            && field.versions.are_all()
            && !field.conditions.iter().any(|condition| condition.effect == ConditionEffect::ForbiddenUnless);
        // Compared before redaction, because a redacted secret is not the default.
        let is = |default: &Literal| value.written(Secrets::Shown).is_some_and(|value| default.equals(&value));
        let written = match (value.written(self.secrets), &field.presence) {
            (None, Presence::Optional | Presence::Required | Presence::Default(Literal::Null)) => return,
            (None, _) => Value::Null,
            (Some(_), Presence::Default(default)) if !quiet && is(default) => return,
            // A function writes a secret as a value whose type does not hide it.
            (Some(_), _) if field.secret && field.parsed_by_function && self.secrets == Secrets::Redacted => {
                Value::from(REDACTED)
            }
            (Some(written), _) => written,
        };
        self.map.insert(field.key.to_owned(), written);
    }

    /// Writes the undeclared keys.
    pub fn rest(&mut self, entries: &dyn Written) {
        if let Some(Value::Object(entries)) = entries.written(self.secrets) {
            self.map.extend(entries);
        }
    }

    /// Omits keys with default values that must be absent because other keys are present.
    fn leave_absent(&mut self, part: &'static Table) {
        for field in part.fields {
            let asked_for = part.fields.iter().filter(|other| self.map.contains_key(other.key)).any(|other| {
                let absent = |condition: &&Condition| {
                    condition.effect == ConditionEffect::ForbiddenUnless && condition.values.is_empty()
                };
                other.conditions.iter().filter(absent).any(|condition| condition.other == field.key)
            });
            // A document in which the other key is allowed does not have this one: it has its default.
            if asked_for && matches!(field.presence, Presence::Default(_)) {
                self.map.remove(field.key);
            }
        }
    }

    /// Settles conditions on keys that may be written later: a key that a condition requires is written even with its default,
    /// and a default that no document may give is not.
    fn settle(&mut self, table: &'static Table) {
        for part in table.lineage() {
            self.leave_absent(part);
            for field in part.fields.iter().filter(|field| !field.conditions.is_empty()) {
                let has = |effect, met| {
                    let mut conditions = field.conditions.iter().filter(|condition| condition.effect == effect);
                    conditions
                        .any(|condition| is_met(part, condition, |other| self.map.get(part.fields[other].key)) == met)
                };
                let (forbidden, required) =
                    (has(ConditionEffect::ForbiddenUnless, false), has(ConditionEffect::RequiredIf, true));
                match field.presence {
                    Presence::Default(default) if required && !forbidden && !self.map.contains_key(field.key) => {
                        self.map.insert(field.key.to_owned(), default.to_value());
                    }
                    Presence::Computed(_) | Presence::DefaultFrom(_) if forbidden => {
                        self.map.remove(field.key);
                    }
                    _ => {}
                }
            }
        }
    }
}

/// Parses the document of one adapter type. `type` may be absent; it is refused if it names another type.
pub fn parse<T: Section>(map: &Map<String, Value>, context: &Context<'_>) -> Result<Parsed<T>, ConfigError> {
    let mut reader = Reader::new(context);
    let value = read_root(map, &mut reader)?;
    Ok(reader.parsed(value))
}

/// Parses as [`parse`] does and leaves the warnings out: the config is not moved about for them.
#[inline]
pub fn parse_silently<T: Section>(map: &Map<String, Value>, context: &Context<'_>) -> Result<T, ConfigError> {
    let mut reader = Reader::new(context);
    read_root(map, &mut reader)
}

#[inline]
fn read_root<T: Section>(map: &Map<String, Value>, reader: &mut Reader<'_>) -> Result<T, ConfigError> {
    T::read_map(map, &Path::Root, T::table().adapter.and(Some("type")), reader)
}

/// Parses a value that should be the document of one adapter type.
pub fn parse_value<T: Section>(value: &Value, context: &Context<'_>) -> Result<Parsed<T>, ConfigError> {
    let mut reader = Reader::new(context);
    match root_object(value, Kind::Section(T::table), &mut reader) {
        Some(map) => parse(map, context),
        None => Err(reader.refusal(T::table().adapter)),
    }
}

/// The object that a whole document must be. Anything else is not shown: it may be a secret.
pub(crate) fn root_object<'v>(value: &'v Value, kind: Kind, reader: &mut Reader<'_>) -> Option<&'v Map<String, Value>> {
    match value {
        Value::Object(map) => Some(map),
        _ => reader.wrong_type(&Place::new(&Path::Root, &[], true), kind, value),
    }
}

/// Reads a nested section.
pub fn read_section<T: Section>(value: &Value, place: &Place<'_>, reader: &mut Reader<'_>) -> Option<T> {
    let Value::Object(map) = value else { return reader.wrong_type(place, Kind::Section(T::table), value) };
    reader.descend(place, value, |reader| T::read_map(map, place.path, None, reader).ok())
}

/// Reads the tag of a union and returns the selected variant.
pub fn read_tag<'v>(
    union: fn() -> &'static UnionTable,
    value: &'v Value,
    place: &Place<'_>,
    reader: &mut Reader<'_>,
) -> Option<(usize, &'v Map<String, Value>)> {
    let Value::Object(map) = value else { return reader.wrong_type(place, Kind::Union(union), value) };
    let union = union();
    let path = Path::Key(place.path, union.tag);
    let tag_place = place.inside(&path, &[]);
    let peer = reader.context().peer();
    let Some(tag) = map.get(union.tag) else {
        return reader.missing_tag(&tag_place, union.variants_in(peer).map(|variant| variant.name));
    };
    let Some(name) = tag.as_str() else { return reader.wrong_name(&tag_place, tag) };
    let position = union.variants.iter().position(|variant| variant.name == name);
    let versions = position.map(|position| &union.variants[position].versions);
    match position.filter(|_| versions.is_none_or(|versions| peer.has(versions))) {
        Some(position) => {
            reader.chosen = Some(union);
            Some((position, map))
        }
        None => {
            let named = |variant: &UnionVariant| Named { name: variant.name, also_known_as: variant.also_known_as };
            reader.unknown_name(&tag_place, name, union.variants_in(peer).map(named), versions, tag)
        }
    }
}

/// Reads a variant whose only key is the tag.
pub fn read_unit_variant(
    map: &Map<String, Value>,
    tag: &'static str,
    value: &Value,
    place: &Place<'_>,
    reader: &mut Reader<'_>,
) -> Option<()> {
    reader.descend(place, value, |reader| {
        // An unknown key is a fault already: the value is never used then.
        let object = Object::new(Table::NO_KEYS, map, &mut [], |_| NO_SLOT, Some(tag), place.path);
        (!object.is_refused(reader)).then_some(())
    })
}

/// A variant whose only key is the tag, as JSON.
pub fn unit_variant_json(tag: &str, name: &str) -> Map<String, Value> {
    Map::from_iter([(tag.to_owned(), Value::String(name.to_owned()))])
}

/// A section as JSON, with its tag first if it has one.
pub fn section_json<T: Section>(section: &T, tag: Option<(&str, &str)>, secrets: Secrets) -> Map<String, Value> {
    let mut writer = Writer::new(tag, secrets);
    section.write(&mut writer);
    writer.finish(T::table())
}
