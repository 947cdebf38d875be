//! A plug-in crate: one adapter type with a runtime. Deriving registers it, wherever this crate is linked.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use l2_adapter::{
    L2AdapterConfig, SharedConfig,
    adapter::{
        AdapterStatus, Bitmap, Completions, CreateError, CreationContext, EventHandle, KeyListener, L2Adapter,
        LoadChunk, ObjectKey, StoreChunk, StoreResult, TaskId, TaskKind, Usage,
    },
};

/// Keeps nothing, and says so.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "plugin", factory = create_adapter)]
pub struct PluginL2AdapterConfig {
    /// What the adapter is called in logs.
    #[config(required, not_blank)]
    pub label: String,
    /// The keys that every adapter shares.
    pub shared: SharedConfig,
}

fn create_adapter(config: &PluginL2AdapterConfig, _: &CreationContext) -> Result<Box<dyn L2Adapter>, CreateError> {
    let completions = Completions::new().map_err(|error| CreateError::Unusable {
        type_name: PluginL2AdapterConfig::TYPE_NAME,
        reason: "its completion events cannot be made".to_owned(),
        source: Some(error.into()),
    })?;
    Ok(Box::new(PluginL2Adapter { label: config.label.clone(), completions, closed: AtomicBool::new(false) }))
}

#[derive(Debug)]
struct PluginL2Adapter {
    label: String,
    completions: Completions,
    closed: AtomicBool,
}

impl fmt::Display for PluginL2Adapter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "plugin({})", self.label)
    }
}

impl L2Adapter for PluginL2Adapter {
    fn type_name(&self) -> &'static str {
        PluginL2AdapterConfig::TYPE_NAME
    }

    fn completion_event(&self, kind: TaskKind) -> EventHandle<'_> {
        self.completions.event(kind)
    }

    fn submit_store_task(&self, chunks: Vec<StoreChunk>) -> TaskId {
        let task = self.completions.begin(TaskKind::Store, chunks.len());
        self.completions.complete_store(task, StoreResult::success(0));
        task
    }

    fn pop_completed_store_tasks(&self) -> Vec<(TaskId, StoreResult)> {
        self.completions.pop_completed_store_tasks()
    }

    fn submit_lookup_and_lock_task(&self, keys: Vec<ObjectKey>) -> TaskId {
        let task = self.completions.begin(TaskKind::LookupAndLock, keys.len());
        self.completions.complete_lookup_and_lock(task, Bitmap::new(keys.len()));
        task
    }

    fn query_lookup_and_lock_result(&self, task: TaskId) -> Option<Bitmap> {
        self.completions.query_lookup_and_lock_result(task)
    }

    fn submit_unlock(&self, _: Vec<ObjectKey>) {}

    fn submit_load_task(&self, chunks: Vec<LoadChunk>) -> TaskId {
        let task = self.completions.begin(TaskKind::Load, chunks.len());
        self.completions.complete_load(task, Bitmap::new(chunks.len()));
        task
    }

    fn query_load_result(&self, task: TaskId) -> Option<Bitmap> {
        self.completions.query_load_result(task)
    }

    fn delete(&self, _: Vec<ObjectKey>) {}

    fn usage(&self) -> Usage {
        Usage::default()
    }

    fn report_status(&self) -> AdapterStatus {
        if self.closed.load(Ordering::Acquire) { AdapterStatus::Closed } else { AdapterStatus::Healthy }
    }

    fn register_listener(&self, _: Arc<dyn KeyListener>) {}

    fn close(&self) {
        self.closed.store(true, Ordering::Release);
        self.completions.close();
    }
}
