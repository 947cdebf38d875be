//! Names its plug-in crate once. Prints the registered types, then the adapter it created from a spec.
#![expect(clippy::print_stdout, reason = "the test reads what this program prints")]

use std::{error::Error, sync::Arc};

use l2_adapter::{
    adapter::{CreationContext, SystemClock},
    registry,
    specs::L2AdapterArgs,
};
// Without this line the crate is not linked, and its type is not registered.
use linking_plugin as _;

fn main() -> Result<(), Box<dyn Error>> {
    println!("types: {}", l2_adapter::get_registered_l2_adapter_types()?.join(", "));

    let specs = L2AdapterArgs::from_iter([r#"{"type": "plugin", "max_size_gb": 3}"#]).parse()?;
    let context = CreationContext::new(Arc::new(SystemClock::new()), 1);
    let adapter = registry::global()?.create(&specs[0].value, &context)?;
    println!("adapter: {adapter}, {:?}", adapter.report_status());
    adapter.close();
    println!("closed: {:?}", adapter.report_status());
    Ok(())
}
