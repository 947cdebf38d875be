//! The type itself: its name, documentation, registration, factory, and the path of the crate.

use std::sync::Arc;

use l2_adapter::{
    L2AdapterConfig, SharedConfig,
    adapter::{CreateError, CreationContext, L2Adapter, SystemClock},
    adapters::mock_l2_adapter::{MockL2Adapter, MockL2AdapterConfig},
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

/// That a factory is called is seen by what it makes.
fn create(_: &Forgetful, context: &CreationContext) -> Result<Box<dyn L2Adapter>, CreateError> {
    let config = MockL2AdapterConfig { max_size_gb: 1.0, mock_bandwidth_gb: 2.0, shared: SharedConfig::default() };
    MockL2Adapter::create(&config, context)
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
    assert_eq!(adapter.to_string(), "mock(1 GiB at 2 GiB/s)");
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
