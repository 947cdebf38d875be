//! Adapter specs: objects whose `type` key chooses the table, at the top of `--l2-adapter` and nested in other configs.

use std::{any::Any, fmt::Debug, sync::Arc};

use serde_json::{Map, Value};

use crate::{
    context::Context,
    fault::ConfigError,
    kind::Kind,
    path::Path,
    read::{Place, Reader, Section, no_type, root_object, section_json},
    table::Table,
    value::{ConfigValue, Secrets},
    warning::Parsed,
};

/// A config of some adapter type, its Rust type forgotten.
pub trait ErasedConfig: Any + Debug + Send + Sync {
    /// The table it was read by.
    fn table(&self) -> &'static Table;

    /// The config as JSON, `type` first.
    fn to_json(&self, secrets: Secrets) -> Map<String, Value>;
}

impl<T: Section + Debug + Send + Sync + 'static> ErasedConfig for T {
    fn table(&self) -> &'static Table {
        T::table()
    }

    fn to_json(&self, secrets: Secrets) -> Map<String, Value> {
        section_json(self, Some("type").zip(T::table().adapter), secrets)
    }
}

/// One adapter type as the engine needs it: its table, and how to read an object by it.
#[derive(Debug, Clone, Copy)]
pub struct AdapterEntry {
    /// The table.
    pub table: fn() -> &'static Table,
    pub(crate) read: fn(&Map<String, Value>, &Path<'_>, &mut Reader<'_>) -> Result<Arc<dyn ErasedConfig>, ConfigError>,
}

impl AdapterEntry {
    /// The entry of a config type.
    pub const fn of<T: Section + Debug + Send + Sync + 'static>() -> Self {
        Self {
            table: T::table,
            // A match would keep copies of the config on the stack for each level of specs inside specs.
            read: |map, path, reader| T::read_map(map, path, Some("type"), reader).map(|config| Arc::new(config) as _),
        }
    }

    /// Parses a value that should be a document of this type. As in the type's own `parse`, `type` may be absent.
    pub fn parse(&self, value: &Value, context: &Context<'_>) -> Result<Parsed<AdapterSpec>, ConfigError> {
        let mut reader = Reader::new(context);
        let Some(map) = root_object(value, Kind::AdapterSpec, &mut reader) else {
            return Err(reader.refusal((self.table)().adapter));
        };
        let config = (self.read)(map, &Path::Root, &mut reader)?;
        Ok(reader.parsed(AdapterSpec::new(config)))
    }
}

/// Where a free-form object is the spec of an adapter type, `type` left out.
#[derive(Debug)]
pub struct NestedSpec {
    /// The adapter type.
    pub entry: AdapterEntry,
    /// Keys next to the object, each with values of which it must have one. All must.
    pub when: &'static [(&'static str, &'static [&'static str])],
    /// Common keys that nobody reads inside the object: they belong next to it.
    pub outside: &'static [&'static str],
}

impl NestedSpec {
    /// Whether the keys next to the object say that it is such a spec.
    pub(crate) fn applies(&self, around: &Map<String, Value>) -> bool {
        let has_one = |key: &str, values: &[&str]| {
            around.get(key).and_then(Value::as_str).is_some_and(|value| values.contains(&value))
        };
        self.when.iter().all(|(key, values)| has_one(key, values))
    }
}

/// A parsed adapter spec: the config of whichever type its `type` key named.
///
/// As the type of a field it makes a nested spec: any registered type, itself included.
#[derive(Debug, Clone)]
pub struct AdapterSpec {
    config: Arc<dyn ErasedConfig>,
}

impl AdapterSpec {
    /// A spec of a config.
    pub fn new(config: Arc<dyn ErasedConfig>) -> Self {
        Self { config }
    }

    /// Parses a whole adapter spec: an object whose `type` names one of the context's adapter types.
    ///
    /// # Errors
    ///
    /// Every fault of the value. A repeated key cannot be detected here, because a JSON value has none: read text with
    /// [`from_text`](Self::from_text) to have it reported.
    pub fn from_value(value: &Value, context: &Context<'_>) -> Result<Parsed<Self>, ConfigError> {
        let mut reader = Reader::new(context);
        let Some(map) = root_object(value, Kind::AdapterSpec, &mut reader) else { return Err(reader.refusal(None)) };
        let Some(entry) = find_type(map, &Path::Root, &mut reader) else { return Err(reader.refusal(None)) };
        let config = (entry.read)(map, &Path::Root, &mut reader)?;
        Ok(reader.parsed(Self::new(config)))
    }

    /// The `type` name.
    pub fn type_name(&self) -> &'static str {
        self.config.table().adapter.unwrap_or_default()
    }

    /// The config.
    pub fn config(&self) -> &Arc<dyn ErasedConfig> {
        &self.config
    }

    /// The config, if it is of this Rust type.
    pub fn downcast_ref<T: Any>(&self) -> Option<&T> {
        (self.config.as_ref() as &dyn Any).downcast_ref()
    }

    /// The spec as JSON, secrets redacted.
    pub fn to_dict(&self) -> Map<String, Value> {
        self.config.to_json(Secrets::Redacted)
    }

    /// The spec as JSON, secrets included: for another process, never for a log.
    pub fn to_dict_with_secrets(&self) -> Map<String, Value> {
        self.config.to_json(Secrets::Shown)
    }
}

/// Two specs are equal if their JSON is equal, including secrets.
impl PartialEq for AdapterSpec {
    fn eq(&self, other: &Self) -> bool {
        self.to_dict_with_secrets() == other.to_dict_with_secrets()
    }
}

impl ConfigValue for AdapterSpec {
    const KIND: Kind = Kind::AdapterSpec;
    const SECRET: bool = false;

    fn read(value: &Value, place: &Place<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let Value::Object(map) = value else { return reader.wrong_type(place, Self::KIND, value) };
        reader.descend(place, value, |reader| {
            let entry = find_type(map, place.path, reader)?;
            (entry.read)(map, place.path, reader).ok().map(AdapterSpec::new)
        })
    }

    fn to_json(&self, secrets: Secrets) -> Option<Value> {
        Some(Value::Object(self.config.to_json(secrets)))
    }
}

fn find_type(map: &Map<String, Value>, path: &Path<'_>, reader: &mut Reader<'_>) -> Option<AdapterEntry> {
    let path = Path::Key(path, "type");
    let place = Place::new(&path, &[], false);
    let Some(value) = map.get("type") else { return no_type(map, &place, reader) };
    let Some(name) = value.as_str() else { return reader.wrong_name(&place, value) };
    let found = reader.context().adapters().and_then(|adapters| adapters.find(name));
    if found.is_none() {
        reader.unknown_type(&place, name, value);
    }
    found
}
