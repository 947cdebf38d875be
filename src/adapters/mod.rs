//! One room per adapter type. Every `*_l2_adapter` file or folder in here is a module: the build script declares it, the
//! derive registers it, nothing else names it.

include!(concat!(env!("OUT_DIR"), "/adapters.rs"));
