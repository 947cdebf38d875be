//! LMCache's other adapter types, declared so that their specs can be checked. None has a runtime here.
//!
//! Keys, defaults and what is accepted are those of LMCache 0.5.6, but for what `docs/lmcache-differences.md` lists; `blkio`,
//! `cxl_peer`, `dram`, `gcs`, `phx` and `valkey_rdma` are newer than that version. As beside this folder, a file or folder is one
//! type and the build script declares it.

include!(concat!(env!("OUT_DIR"), "/catalogue.rs"));
