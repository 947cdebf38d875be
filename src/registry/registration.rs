//! What is known of one registered type.

use std::any::Any;

use l2_adapter_schema::{AdapterEntry, ErasedConfig, Table};

use crate::{
    adapter::{CreateError, CreationContext, L2Adapter},
    config::L2AdapterConfig,
};

/// One adapter type: its table, how to read a spec by it, and its factory if it has a runtime.
#[derive(Debug, Clone, Copy)]
pub struct Registration {
    entry: AdapterEntry,
    has_runtime: bool,
    create: fn(&dyn ErasedConfig, &CreationContext) -> Result<Box<dyn L2Adapter>, CreateError>,
}

impl Registration {
    /// The registration of a config type.
    pub const fn of<T: L2AdapterConfig>() -> Self {
        Self { entry: AdapterEntry::of::<T>(), has_runtime: T::FACTORY.is_some(), create: create::<T> }
    }

    /// The `type` name.
    pub fn name(&self) -> &'static str {
        // Only adapter configs implement `L2AdapterConfig`, and the derive gives each a name.
        self.table().adapter.unwrap_or_default()
    }

    /// The table.
    pub fn table(&self) -> &'static Table {
        (self.entry.table)()
    }

    /// Whether adapters can be created, not only configs checked.
    pub const fn has_runtime(&self) -> bool {
        self.has_runtime
    }

    pub(crate) fn entry(&self) -> AdapterEntry {
        self.entry
    }

    pub(crate) fn create(
        &self,
        config: &dyn ErasedConfig,
        context: &CreationContext,
    ) -> Result<Box<dyn L2Adapter>, CreateError> {
        (self.create)(config, context)
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

inventory::collect!(Registration);
