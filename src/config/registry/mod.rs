//! The adapter types, from name to config and factory.
//!
//! Types register themselves: deriving [`L2AdapterConfig`](crate::L2AdapterConfig) submits a [`Registration`] that the linker
//! collects. A crate that is never referenced is not linked, and a static library loses its registrations: for these there is
//! [`register_l2_adapter_type`](crate::register_l2_adapter_type) and [`Registry::register`], and [`assert_registered`] for a
//! test that notices.

mod error;
mod global;
mod registration;

pub use error::{DuplicateType, RegistryError};
pub(super) use global::register;
pub use global::{
    GlobalTypes, assert_registered, get_registered_l2_adapter_types, get_type_name_for_config, global, schema_of,
};
pub use registration::Registration;

use std::collections::BTreeMap;

use l2_adapter_schema::{
    AdapterEntry, AdapterSpec, AdapterTypes, ErasedConfig, Peer, Table, editor_spec_schema, meant_types, spec_schema,
};
use schemars::Schema;

use crate::adapter::{CreateError, CreationContext, L2Adapter};

/// The name contains the versions, so that an editor does not use a schema of another version from its cache.
fn spec_schema_id(peer: Option<&Peer<'_>>) -> String {
    let peer = peer.map(|peer| format!("{}:", peer.to_string().to_lowercase().replace(' ', "-"))).unwrap_or_default();
    format!("urn:l2-adapter:spec:{peer}{}", env!("CARGO_PKG_VERSION"))
}

/// The adapter types of a program, by name.
///
/// ```
/// use l2_adapter::registry::Registry;
///
/// let registry = Registry::automatic()?;
/// assert!(registry.names().contains(&"pd"));
/// # Ok::<(), l2_adapter::registry::RegistryError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Registry {
    types: BTreeMap<&'static str, Registration>,
}

impl Registry {
    /// A registry without types, to be filled by [`register`](Self::register).
    pub const fn new() -> Self {
        Self { types: BTreeMap::new() }
    }

    /// The types that registered themselves.
    ///
    /// # Errors
    ///
    /// If two types have one name.
    pub fn automatic() -> Result<Self, RegistryError> {
        let mut registry = Self::new();
        let mut duplicates = Vec::new();
        for registration in inventory::iter::<Registration> {
            duplicates.extend(registry.add(*registration).err());
        }
        if duplicates.is_empty() { Ok(registry) } else { Err(RegistryError::DuplicateTypes(duplicates)) }
    }

    /// Adds a type. Adding the same type again changes nothing.
    ///
    /// # Errors
    ///
    /// If another type has the name; the registry is then as it was.
    pub fn register(&mut self, registration: Registration) -> Result<(), RegistryError> {
        self.add(registration).map_err(|duplicate| RegistryError::DuplicateTypes(vec![duplicate]))
    }

    fn add(&mut self, registration: Registration) -> Result<(), DuplicateType> {
        let name = registration.name();
        match self.types.get(name) {
            Some(known) if std::ptr::eq(known.table(), registration.table()) => Ok(()),
            Some(known) => {
                Err(DuplicateType { name, first: known.table().source, second: registration.table().source })
            }
            None => {
                self.types.insert(name, registration);
                Ok(())
            }
        }
    }

    /// All names, sorted.
    pub fn names(&self) -> Vec<&'static str> {
        self.types.keys().copied().collect()
    }

    /// All tables, sorted by type name.
    pub fn tables(&self) -> Vec<&'static Table> {
        self.types.values().map(Registration::table).collect()
    }

    /// The JSON Schema (2020-12) of any spec, or of a list of them. It has only keywords that the standard defines.
    ///
    /// With a peer it is that of specs for its version; without one, keys and values of all versions are accepted.
    pub fn spec_schema(&self, peer: Option<&Peer<'_>>) -> Schema {
        spec_schema(&self.tables(), &spec_schema_id(peer), peer)
    }

    /// The same schema with keywords for VS Code's JSON language service, and `x-` ones for what a schema cannot say.
    pub fn editor_spec_schema(&self, peer: Option<&Peer<'_>>) -> Schema {
        editor_spec_schema(&self.tables(), &spec_schema_id(peer), peer)
    }

    /// The type of this name.
    ///
    /// # Errors
    ///
    /// If there is none; the error lists those there are and suggests the nearest.
    pub fn look_up(&self, name: &str) -> Result<&Registration, RegistryError> {
        self.types.get(name).ok_or_else(|| RegistryError::UnknownType {
            name: name.to_owned(),
            known: self.names(),
            suggestion: meant_types(name, &self.tables()).0,
        })
    }

    /// The name under which a config's type is registered.
    pub fn type_name_for_config(&self, config: &dyn ErasedConfig) -> Option<&'static str> {
        let name = config.table().adapter?;
        self.types.get(name).filter(|known| std::ptr::eq(known.table(), config.table())).map(Registration::name)
    }

    /// Creates the adapter of a spec.
    ///
    /// # Errors
    ///
    /// If the type is not registered here, has no runtime, or cannot be created from this config.
    pub fn create(&self, spec: &AdapterSpec, context: &CreationContext) -> Result<Box<dyn L2Adapter>, CreateError> {
        let config = spec.config().as_ref();
        let registration = self
            .type_name_for_config(config)
            .and_then(|name| self.types.get(name))
            .ok_or(CreateError::NotRegistered { type_name: spec.type_name() })?;
        registration.create(config, context)
    }
}

impl AdapterTypes for Registry {
    fn find(&self, name: &str) -> Option<AdapterEntry> {
        self.types.get(name).map(Registration::entry)
    }

    fn names(&self) -> Vec<&'static str> {
        Registry::names(self)
    }
}
