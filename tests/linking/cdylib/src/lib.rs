//! A shared library for a server in another language, with the types of its plug-in crate.

use std::ffi::{CString, c_char};

// Without this line the crate is not linked, and its type is not registered.
use linking_plugin as _;

/// The registered types, separated by commas. The text is never freed.
#[unsafe(no_mangle)]
pub extern "C" fn linking_registered_types() -> *const c_char {
    let types = l2_adapter::get_registered_l2_adapter_types().unwrap_or_default().join(", ");
    CString::new(types).unwrap_or_default().into_raw()
}
