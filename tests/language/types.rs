//! The type itself: its name, documentation, registration, factory, and the path of the crate.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use l2_adapter::{
    L2AdapterConfig, SharedConfig,
    adapter::{
        AdapterStatus, Bitmap, Completions, CreateError, CreationContext, EventHandle, KeyListener, L2Adapter,
        LoadChunk, ObjectKey, StoreChunk, StoreResult, SystemClock, TaskId, TaskKind, Usage,
    },
    get_registered_l2_adapter_types, registry,
};
use schemars::JsonSchema as _;
use serde_json::json;

use crate::accepted;

mod renamed {
    pub(crate) use l2_adapter as adapters;
}

/// Keeps nothing.
///
/// It forgets what it is given.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "forgetful-2", factory = create, crate = renamed::adapters)]
struct Forgetful {
    shared: SharedConfig,
}

/// Has words of its own.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "wordy", doc = "Said in an attribute.")]
struct Wordy {
    shared: SharedConfig,
}

#[derive(Debug)]
struct ForgetfulAdapter {
    completions: Completions,
    closed: AtomicBool,
}

impl std::fmt::Display for ForgetfulAdapter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("forgetful-2")
    }
}

impl L2Adapter for ForgetfulAdapter {
    fn type_name(&self) -> &'static str {
        "forgetful-2"
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

fn create(_: &Forgetful, _: &CreationContext) -> Result<Box<dyn L2Adapter>, CreateError> {
    let completions = Completions::new().map_err(|error| CreateError::Unusable {
        type_name: Forgetful::TYPE_NAME,
        reason: "its completion events cannot be made".to_owned(),
        source: Some(error.into()),
    })?;
    Ok(Box::new(ForgetfulAdapter { completions, closed: AtomicBool::new(false) }))
}

#[test]
fn a_derived_type_is_registered() {
    let types = get_registered_l2_adapter_types().expect("no name is used twice");
    assert!(types.contains(&"forgetful-2") && types.contains(&"wordy"), "{types:?}");
}

#[test]
fn a_factory_creates_the_adapter() {
    let registry = registry::Registry::automatic().expect("no name is used twice");
    assert!(registry.look_up("forgetful-2").is_ok_and(|found| found.has_runtime()));
    assert!(registry.look_up("wordy").is_ok_and(|found| !found.has_runtime()));
    let context = CreationContext::new(Arc::new(SystemClock::new()), 1);
    let create = Forgetful::FACTORY.expect("a factory");
    let adapter = create(&accepted(json!({})), &context).expect("an adapter");
    assert_eq!(adapter.to_string(), "forgetful-2");
}

#[test]
fn documentation_is_that_of_the_struct() {
    assert!(Forgetful::help().contains("Keeps nothing."));
    assert!(Wordy::help().contains("Said in an attribute."));
    assert!(!Wordy::help().contains("Has words of its own."));
}

#[test]
fn the_schema_is_there_for_schemars_too() {
    assert_eq!(Forgetful::schema_name(), "Forgetful");
    assert!(Forgetful::schema_id().ends_with("types::Forgetful"));
    let schema = schemars::SchemaGenerator::default().into_root_schema_for::<Forgetful>();
    assert_eq!(schema.get("additionalProperties"), Some(&json!(false)));
}
