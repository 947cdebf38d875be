//! The registry of the whole program: types that registered themselves, and types registered by hand.

use std::sync::{Arc, PoisonError, RwLock};

use l2_adapter_schema::{AdapterEntry, AdapterTypes, Context, ErasedConfig, Table};
use schemars::Schema;

use super::{Registration, Registry, RegistryError};

/// The registry after its first use. Any thread may read it or register types; entries are never removed.
static GLOBAL: RwLock<Option<Arc<Registry>>> = RwLock::new(None);

/// The registry of the whole program, as it is now.
///
/// # Errors
///
/// If two types that registered themselves have one name.
pub fn global() -> Result<Arc<Registry>, RegistryError> {
    // A panic while the lock was held cannot have left a half-built registry: it is replaced whole.
    if let Some(registry) = GLOBAL.read().unwrap_or_else(PoisonError::into_inner).as_ref() {
        return Ok(Arc::clone(registry));
    }
    let mut slot = GLOBAL.write().unwrap_or_else(PoisonError::into_inner);
    current(&mut slot)
}

fn current(slot: &mut Option<Arc<Registry>>) -> Result<Arc<Registry>, RegistryError> {
    if let Some(registry) = slot {
        return Ok(Arc::clone(registry));
    }
    let registry = Arc::new(Registry::automatic()?);
    *slot = Some(Arc::clone(&registry));
    Ok(registry)
}

/// Adds a type to the registry of the whole program.
pub(in crate::config) fn register(registration: Registration) -> Result<(), RegistryError> {
    let mut slot = GLOBAL.write().unwrap_or_else(PoisonError::into_inner);
    let mut registry = Registry::clone(&*current(&mut slot)?);
    registry.register(registration)?;
    *slot = Some(Arc::new(registry));
    Ok(())
}

/// The names of all registered types, sorted.
///
/// # Errors
///
/// If two types that registered themselves have one name.
pub fn get_registered_l2_adapter_types() -> Result<Vec<&'static str>, RegistryError> {
    Ok(global()?.names())
}

/// The name under which a config's type is registered.
///
/// # Errors
///
/// If two types that registered themselves have one name.
pub fn get_type_name_for_config(config: &dyn ErasedConfig) -> Result<Option<&'static str>, RegistryError> {
    Ok(global()?.type_name_for_config(config))
}

/// Panics unless all these types are registered: one line in your test notices a plug-in crate that is never referenced and the
/// linker therefore left out.
///
/// ```
/// l2_adapter::registry::assert_registered(&["pd", "fs"]);
/// ```
///
/// # Panics
///
/// If a type is missing, or two types have one name; the message names it and what to do.
#[track_caller]
pub fn assert_registered(names: &[&str]) {
    let known = match get_registered_l2_adapter_types() {
        Ok(known) => known,
        Err(error) => panic!("{error}"),
    };
    let missing: Vec<_> = names.iter().filter(|name| !known.contains(name)).copied().collect();
    assert!(
        missing.is_empty(),
        "L2 adapter types not registered: {}. Registered types: {}. Link the crate that declares them with `use the_crate \
         as _;`, or call register_l2_adapter_type",
        missing.join(", "),
        known.join(", "),
    );
}

/// The JSON Schema of one type's documents; nested adapter specs may name any registered type.
#[doc(hidden)]
pub fn schema_of(table: &'static Table) -> Schema {
    let mut tables = global().map(|registry| registry.tables()).unwrap_or_default();
    if !tables.iter().any(|known| std::ptr::eq(*known, table)) {
        tables.push(table);
    }
    l2_adapter_schema::schema_of(table, &tables, None)
}

/// The program's registry as the adapter types of a [`Context`]. It is read only if a document has a nested spec.
#[derive(Debug, Clone, Copy)]
pub struct GlobalTypes;

impl GlobalTypes {
    /// A context without environment in which specs may name any registered type.
    pub const CONTEXT: Context<'static> = Context::empty().with_adapters(&GlobalTypes);
}

impl AdapterTypes for GlobalTypes {
    fn find(&self, name: &str) -> Option<AdapterEntry> {
        global().ok()?.find(name)
    }

    fn names(&self) -> Vec<&'static str> {
        get_registered_l2_adapter_types().unwrap_or_default()
    }
}
