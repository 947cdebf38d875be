//! Names its plug-in crate once. Prints the registered types, then the adapter it created from a spec.
#![expect(clippy::print_stdout, reason = "the test reads what this program prints")]

use std::{error::Error, sync::Arc};

use l2_adapter::{
    L2AdapterConfig,
    adapter::{CreationContext, SystemClock},
    registry,
};
// Without this line the linker never looks at the crate, and its type does not exist.
use linking_plugin as _;

fn main() -> Result<(), Box<dyn Error>> {
    println!("types: {}", l2_adapter::get_registered_l2_adapter_types()?.join(", "));

    let document = serde_json::json!({"type": "plugin", "label": "first"});
    let spec = registry::parse_spec(&document)?;
    let context = CreationContext::new(Arc::new(SystemClock::new()), 1);
    let mut adapter = registry::global()?.create(&spec, &context)?;
    println!("adapter: {adapter}, {:?}", adapter.status());
    adapter.close();
    println!("closed: {:?}", adapter.status());
    Ok(())
}
