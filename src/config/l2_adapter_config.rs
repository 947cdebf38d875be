//! The trait of every adapter config. `#[derive(L2AdapterConfig)]` implements it.

use std::{any::Any, fmt};

use l2_adapter_schema::{
    self as schema, AdapterEntry, ConfigError, Context, ErasedConfig, Extent, Parsed, Secrets, Section,
};
use schemars::Schema;
use serde_json::{Map, Value};

use super::{
    CommonConfig, EvictionConfig, PersistConfig, SerdeConfig,
    registry::{self, GlobalTypes, Registration, RegistryError},
};
use crate::adapter::{CreateError, CreationContext, L2Adapter};

/// Creates the adapter of a config.
pub type Factory<T> = fn(&T, &CreationContext) -> Result<Box<dyn L2Adapter>, CreateError>;

/// The config of one adapter type, read and documented by its table.
///
/// ```standalone_crate
/// use l2_adapter::{L2AdapterConfig, CommonConfig};
/// use serde_json::json;
///
/// /// Keeps chunks in a folder.
/// #[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
/// #[config(type = "folder")]
/// struct FolderL2AdapterConfig {
///     /// The folder.
///     #[config(required, not_blank, example = "/var/lib/kv")]
///     path: String,
///     common: CommonConfig,
/// }
///
/// let document = json!({"type": "folder", "path": "/cache"});
/// let config = FolderL2AdapterConfig::from_value(&document)?;
/// assert_eq!(config.path, "/cache");
/// assert!(config.persist_config().persist_enabled);
///
/// let error = FolderL2AdapterConfig::from_value(&json!({"pth": "/cache"})).unwrap_err();
/// assert_eq!(error.faults.len(), 2); // `path` is missing, `pth` is unknown
/// # Ok::<(), l2_adapter::ConfigError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the config of an adapter type",
    note = "it derives L2AdapterConfig, and has the common keys in a field `common: CommonConfig`"
)]
pub trait L2AdapterConfig: Section + fmt::Debug + Send + Sync + 'static {
    /// The `type` name.
    const TYPE_NAME: &'static str;

    /// Creates the adapter; `None` for a type that can only be validated.
    const FACTORY: Option<Factory<Self>> = None;

    /// The values of the keys that every adapter shares.
    fn common(&self) -> &CommonConfig;

    /// Parses an object. `type` may be absent; it is refused if it names another type. Environment variables are not
    /// consulted; a nested adapter spec may name any registered type.
    ///
    /// # Errors
    ///
    /// All faults of the document. A map cannot have repeated keys; [`from_str`](Self::from_str) reports those of text.
    fn from_dict(map: &Map<String, Value>) -> Result<Self, ConfigError> {
        schema::parse_silently(map, &GlobalTypes::CONTEXT)
    }

    /// Parses a value that should be an object.
    ///
    /// # Errors
    ///
    /// Like [`from_dict`](Self::from_dict), but accepts any JSON value: one that is not an object is a fault.
    fn from_value(value: &Value) -> Result<Self, ConfigError> {
        schema::parse_value(value, &GlobalTypes::CONTEXT).map(|parsed| parsed.value)
    }

    /// Parses JSON text. The derive also implements [`FromStr`](std::str::FromStr), for `text.parse::<Config>()`.
    ///
    /// # Errors
    ///
    /// As [`from_dict`](Self::from_dict); also for text that is not JSON, and for repeated keys.
    fn from_str(text: &str) -> Result<Self, ConfigError> {
        schema::from_text(text, &GlobalTypes::CONTEXT).map(|parsed| parsed.value)
    }

    /// Parses an object in a context, and returns warnings with the config.
    ///
    /// # Errors
    ///
    /// As [`from_dict`](Self::from_dict).
    fn parse(map: &Map<String, Value>, context: &Context<'_>) -> Result<Parsed<Self>, ConfigError> {
        schema::parse(map, context)
    }

    /// The config as an object that parses to an equal one, except that secrets are redacted.
    fn to_dict(&self) -> Map<String, Value> {
        schema::section_json(self, Some(("type", Self::TYPE_NAME)), Secrets::Redacted)
    }

    /// The config as an object that parses to an equal one: for another process, never for a log.
    fn to_dict_with_secrets(&self) -> Map<String, Value> {
        schema::section_json(self, Some(("type", Self::TYPE_NAME)), Secrets::Shown)
    }

    /// Every key with its type, whether it is required, its default, its rules and its documentation; for a terminal of 80
    /// columns.
    fn help() -> String {
        schema::help(Self::table(), None)
    }

    /// The JSON Schema (2020-12) of this type's documents, in keywords that the standard defines.
    fn json_schema() -> Schema {
        registry::schema_of(Self::table())
    }

    /// The reference documentation of this type.
    fn markdown() -> String {
        schema::markdown(Self::table())
    }

    /// An example document.
    fn example(extent: Extent) -> Map<String, Value> {
        schema::example(Self::table(), extent)
    }

    /// How this adapter makes room, if it does.
    fn eviction_config(&self) -> Option<&EvictionConfig> {
        self.common().eviction.as_ref()
    }

    /// Whether chunks stay after the server stops.
    fn persist_config(&self) -> PersistConfig {
        self.common().persist_config()
    }

    /// How chunks are encoded before they are stored, if they are.
    fn serde_config(&self) -> Option<&SerdeConfig> {
        self.common().serde.as_ref()
    }
}

impl Registration {
    /// The registration of a config type.
    pub const fn of<T: L2AdapterConfig>() -> Self {
        Self { entry: AdapterEntry::of::<T>(), create: if T::FACTORY.is_some() { Some(create::<T>) } else { None } }
    }
}

fn create<T: L2AdapterConfig>(
    config: &dyn ErasedConfig,
    context: &CreationContext,
) -> Result<Box<dyn L2Adapter>, CreateError> {
    let factory = T::FACTORY.ok_or(CreateError::ConfigurationOnly { type_name: T::TYPE_NAME })?;
    let config =
        (config as &dyn Any).downcast_ref::<T>().ok_or(CreateError::NotRegistered { type_name: T::TYPE_NAME })?;
    factory(config, context)
}

/// Registers a type explicitly, for static libraries and platforms whose linker drops registrations. Registering a type again
/// changes nothing.
///
/// # Errors
///
/// If another type has the name.
pub fn register_l2_adapter_type<T: L2AdapterConfig>() -> Result<(), RegistryError> {
    registry::register(Registration::of::<T>())
}
