//! Every exported schema loads in boon, and agrees with the parser.

use boon::{Compiler, Draft, SchemaIndex, Schemas};
#[path = "../../torture/mod.rs"]
mod torture;

use l2_adapter::{Extent, registry};
use l2_adapter_schema::{editor_schema_of, example, schema_of};
use serde_json::Value;

/// A schema that boon has loaded.
struct Loaded {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Loaded {
    fn new(name: &str, schema: Value) -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.set_default_draft(Draft::V2020_12);
        compiler.add_resource("urn:schema", schema).unwrap_or_else(|error| panic!("{name}: {error}"));
        let index = compiler.compile("urn:schema", &mut schemas).unwrap_or_else(|error| panic!("{name}: {error:#}"));
        Self { schemas, index }
    }

    fn accepts(&self, document: &Value) -> bool {
        self.schemas.validate(document, self.index).is_ok()
    }
}

#[test]
fn the_schema_of_every_type_loads_and_accepts_its_examples() {
    let registry = registry::global().expect("the registry is valid");
    let any = Loaded::new("any spec", registry.spec_schema(None).to_value());
    assert!(registry.names().len() > 20);
    for registration in registry.names().into_iter().map(|name| registry.look_up(name).expect("a unique name")) {
        let name = registration.table().adapter.unwrap_or_default();
        let of_type = Loaded::new(name, schema_of(registration.table(), &registry.tables(), None).to_value());
        Loaded::new(name, editor_schema_of(registration.table(), &registry.tables(), None).to_value());
        for extent in [Extent::Minimal, Extent::Full] {
            let mut document = Value::Object(example(registration.table(), extent));
            assert!(of_type.accepts(&document) && any.accepts(&document), "{name}: {document}");
            document["no_such_key"] = Value::from(1);
            assert!(!of_type.accepts(&document) && !any.accepts(&document), "{name}: {document}");
        }
    }
}
