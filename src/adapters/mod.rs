//! One room per adapter type. Every `*_l2_adapter` file or folder in here, and in `catalogue`, is a module: the build script
//! declares it, the derive registers it, nothing else names it.

#[cfg(feature = "lmcache-catalogue")]
pub mod catalogue;

mod paths;

include!(concat!(env!("OUT_DIR"), "/adapters.rs"));
