//! The type itself: its name, documentation, registration, factory, and the path of the crate.

use std::{collections::BTreeMap, sync::Arc};

use l2_adapter::{
    CommonConfig, ConfigValue, Kind, L2AdapterConfig, Place, Reader, Secret, Secrets,
    adapter::{CreateError, CreationContext, L2Adapter, SystemClock},
    adapters::mock_l2_adapter::{MockL2Adapter, MockL2AdapterConfig},
    assert_sound, get_registered_l2_adapter_types, registry,
};
use schemars::JsonSchema as _;
use serde_json::{Value, json};

use crate::{accepted, refused, round_trips};

mod renamed {
    pub(crate) use l2_adapter as adapters;
}

/// Keeps nothing.
///
/// It forgets what it is given.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "forgetful-2", factory = create, crate = renamed::adapters)]
struct Forgetful {
    common: CommonConfig,
}

/// Has words of its own.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "wordy", doc = "Said in an attribute.")]
struct Wordy {
    common: CommonConfig,
}

/// The adapter shows that the factory was called.
fn create(_: &Forgetful, context: &CreationContext) -> Result<Box<dyn L2Adapter>, CreateError> {
    let config = MockL2AdapterConfig { max_size_gb: 1.0, mock_bandwidth_gb: 2.0, common: CommonConfig::default() };
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
fn text_parses_to_a_config() {
    let config: Wordy = r#"{"type": "wordy", "shared": true}"#.parse().expect("valid text");
    assert!(config.common.shared);
    let error = r#"{"shared": true, "shared": true}"#.parse::<Wordy>().unwrap_err();
    assert_eq!(error.faults[0].code.as_str(), "repeated_key");
}

#[test]
fn the_documentation_is_that_of_the_struct_or_the_attribute() {
    assert!(Forgetful::help().contains("Keeps nothing."));
    assert!(Wordy::help().contains("Said in an attribute."));
    assert!(!Wordy::help().contains("Has words of its own."));
}

#[test]
fn schemars_gets_the_schema() {
    assert_eq!(Forgetful::schema_name(), "Forgetful");
    assert!(Forgetful::schema_id().ends_with("types::Forgetful"));
    let schema = schemars::SchemaGenerator::default().into_root_schema_for::<Forgetful>();
    assert_eq!(schema.get("additionalProperties"), Some(&json!(false)));
}

/// A port.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Port(u16);

impl ConfigValue for Port {
    const KIND: Kind = u16::KIND;
    const SECRET: bool = u16::SECRET;
    fn read(value: &Value, place: &Place<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        u16::read(value, place, reader).map(Port)
    }
    fn to_json(&self, secrets: Secrets) -> Option<Value> {
        self.0.to_json(secrets)
    }
}

/// Has a type of its own everywhere.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "types-own")]
struct Own {
    /// With a default.
    #[config(default = 7000, min = 1024)]
    port: Port,
    /// In a list.
    #[config(default = [7001], each(min = 1024), unique)]
    list: Vec<Port>,
    /// In a map.
    map: Option<BTreeMap<String, Port>>,
    /// In a secret.
    #[config(secret)]
    secret: Option<Secret<Port>>,
    common: CommonConfig,
}

#[test]
fn a_wrapper_type_works_wherever_its_inner_type_does() {
    let config: Own = accepted(json!({}));
    assert_eq!((config.port, &*config.list), (Port(7000), &[Port(7001)][..]));
    round_trips(&config);
    let document = json!({"port": 80, "list": [7000, 7000], "map": {"a": -1}, "secret": 70000});
    assert_eq!(
        refused::<Own>(document),
        ["/port out_of_range", "/list/1 repeated_item", "/map/a out_of_range", "/secret out_of_range"]
    );
    assert_sound::<Own>();
}
