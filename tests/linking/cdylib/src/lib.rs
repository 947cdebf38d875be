//! What a server written in another language loads: a shared library with the types of its plug-in crate.

use std::ffi::{CString, c_char};

// Without this line the linker never looks at the crate, and its type does not exist.
use linking_plugin as _;

/// The registered types, separated by commas. The caller keeps the text for ever.
#[unsafe(no_mangle)]
pub extern "C" fn linking_registered_types() -> *const c_char {
    let types = l2_adapter::get_registered_l2_adapter_types().unwrap_or_default().join(", ");
    CString::new(types).unwrap_or_default().into_raw()
}
