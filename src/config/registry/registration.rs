//! The facts about one registered type.

use l2_adapter_schema::{AdapterEntry, ErasedConfig, Table};

use crate::adapter::{CreateError, CreationContext, L2Adapter};

/// One adapter type: its table, how to read a spec by it, and its factory if it has a runtime.
#[derive(Debug, Clone, Copy)]
pub struct Registration {
    pub(in crate::config) entry: AdapterEntry,
    pub(in crate::config) create: Option<Create>,
}

/// Creates an adapter of a registered type.
pub(in crate::config) type Create = fn(&dyn ErasedConfig, &CreationContext) -> Result<Box<dyn L2Adapter>, CreateError>;

impl Registration {
    /// The `type` name.
    pub fn name(&self) -> &'static str {
        // Only adapter configs are registered, and the derive gives each a name.
        self.table().adapter.unwrap_or_default()
    }

    /// The table.
    pub fn table(&self) -> &'static Table {
        (self.entry.table)()
    }

    /// Whether adapters can be created, not only configs checked.
    pub const fn has_runtime(&self) -> bool {
        self.create.is_some()
    }

    /// Parses a spec of the type.
    pub const fn entry(&self) -> AdapterEntry {
        self.entry
    }

    pub(crate) fn create(
        &self,
        config: &dyn ErasedConfig,
        context: &CreationContext,
    ) -> Result<Box<dyn L2Adapter>, CreateError> {
        let create = self.create.ok_or(CreateError::ConfigurationOnly { type_name: self.name() })?;
        create(config, context)
    }
}

inventory::collect!(Registration);
