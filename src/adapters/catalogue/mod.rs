//! LMCache's other adapter types, declared so that their specs can be checked. None has a runtime here.
//!
//! Keys, defaults and accepted values are those of LMCache 0.5.6, with the exceptions in `docs/lmcache-differences.md`;
//! `blkio`, `cxl_peer`, `dram`, `gcs`, `phx` and `valkey_rdma` are newer than that version. As in the outer folder, each file
//! or folder is one type, which the build script declares.

include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));
