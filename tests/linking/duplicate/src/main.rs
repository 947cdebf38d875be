//! Links two plug-in crates with the same type name.
#![expect(clippy::print_stdout, reason = "the test reads what this program prints")]

use linking_plugin as _;
use linking_rival as _;

fn main() {
    match l2_adapter::get_registered_l2_adapter_types() {
        Ok(types) => println!("types: {}", types.join(", ")),
        Err(error) => println!("refused: {error}"),
    }
}
