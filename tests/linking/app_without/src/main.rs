//! Depends on the plug-in crate but never references it, so that the linker omits it without a warning. `assert_registered` in a
//! program's own tests detects this.
#![expect(clippy::print_stdout, reason = "the test reads what this program prints")]

fn main() -> Result<(), l2_adapter::registry::RegistryError> {
    println!("types: {}", l2_adapter::get_registered_l2_adapter_types()?.join(", "));
    l2_adapter::registry::assert_registered(&["pd", "plugin"]);
    println!("not reached");
    Ok(())
}
