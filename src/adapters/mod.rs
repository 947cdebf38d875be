//! The adapter types. Every `*_l2_adapter` file or folder here, and in `catalogue`, is a module: the build script declares it, and
//! the derive registers it.

#[cfg(feature = "lmcache-catalogue")]
pub mod catalogue;

mod addresses;
mod paths;

include!(concat!(env!("OUT_DIR"), "/adapters.rs"));
