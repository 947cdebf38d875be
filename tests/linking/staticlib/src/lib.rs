//! A static library for a server in C. The linker takes only referenced objects from an archive, and nothing references a
//! registration, so only chance links some. The explicit list references each type.

use std::ffi::{CString, c_char};

use linking_plugin as _;

/// The registered types, separated by commas. The text is never freed.
#[unsafe(no_mangle)]
pub extern "C" fn linking_registered_types() -> *const c_char {
    #[cfg(feature = "explicit")]
    if let Err(error) = register() {
        return leaked(format!("refused: {error}"));
    }
    leaked(l2_adapter::get_registered_l2_adapter_types().unwrap_or_default().join(", "))
}

#[cfg(feature = "explicit")]
fn register() -> Result<(), l2_adapter::registry::RegistryError> {
    use l2_adapter::{adapters::pd_l2_adapter::PdL2AdapterConfig, register_l2_adapter_type};
    use linking_plugin::PluginL2AdapterConfig;

    register_l2_adapter_type::<PdL2AdapterConfig>()?;
    register_l2_adapter_type::<PluginL2AdapterConfig>()
}

fn leaked(text: String) -> *const c_char {
    CString::new(text).unwrap_or_default().into_raw()
}
