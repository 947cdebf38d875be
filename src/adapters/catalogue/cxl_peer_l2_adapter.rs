//! `cxl_peer`: reads a peer's KV chunks from memory that both reach over CXL. Configuration only.

use std::path::PathBuf;

use crate::{CommonConfig, ConfigSection, L2AdapterConfig, RuleError};

/// Reads a peer's KV chunks from memory that both reach over CXL.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "cxl_peer")]
#[config(also_known_as = ["cxl"])]
#[config(rule(
    name = "arenas_apart",
    doc = "`local_arena` and `peer_arena` are in one pool and do not overlap.",
    reads(peer_arena, local_arena),
    check = arenas_apart,
))]
#[config(warning(
    name = "one_machine_to_reach",
    doc = "`peer_mq_server_url` is not `0.0.0.0` or `::`, which lead to no machine.",
    reads(peer_mq_server_url),
    check = crate::adapters::addresses::one_to_reach,
))]
pub struct CxlPeerL2AdapterConfig {
    /// The peer's address for requests.
    #[config(required, not_blank, url = advised, example = "tcp://10.0.0.7:5600")]
    pub peer_mq_server_url: String,
    /// The device under which this host sees the memory.
    #[config(required, min_length = 1, exists = device, access = write, example = "/dev/dax0.0")]
    pub local_device_path: PathBuf,
    /// The part of the memory that this host writes.
    #[config(required, example = {
        "pool_id": "pool-0", "offset": 0, "size": 1073741824, "alignment": 2097152, "session_id": "session-1"
    })]
    pub local_arena: CxlArena,
    /// The part of the memory that the peer writes.
    #[config(required, example = {
        "pool_id": "pool-0", "offset": 1073741824, "size": 1073741824, "alignment": 2097152, "session_id": "session-1"
    })]
    pub peer_arena: CxlArena,
    /// How long a lookup may take before it counts as a miss.
    #[config(default = 30.0, above = 0.0, unit = seconds)]
    pub lookup_timeout_s: f64,
    /// The keys that every adapter shares.
    pub common: CommonConfig,
}

/// A part of a pool of CXL memory.
#[derive(Debug, Clone, PartialEq, Eq, ConfigSection)]
#[config(rule(
    name = "arena_aligned",
    doc = "`offset` and `size` are multiples of `alignment`.",
    reads(offset, size, alignment),
    check = arena_aligned,
))]
pub struct CxlArena {
    /// The pool.
    #[config(required, not_blank, example = "pool-0")]
    pub pool_id: String,
    /// Where the part begins.
    #[config(required, unit = bytes, example = 4294967296)]
    pub offset: u64,
    /// The size of the part.
    #[config(required, min = 1, unit = bytes, example = 1073741824)]
    pub size: u64,
    /// The unit of both: each is a multiple of it.
    #[config(required, min = 4096, power_of_two, unit = bytes, example = 2097152)]
    pub alignment: u64,
    /// The session in which the host allocated the part.
    #[config(required, not_blank, example = "session-1")]
    pub session_id: String,
}

fn arena_aligned(offset: &u64, size: &u64, alignment: &u64) -> Result<(), RuleError> {
    for (key, value) in [("offset", offset), ("size", size)] {
        if !value.is_multiple_of(*alignment) {
            return Err(RuleError::new(format!("must be a multiple of `alignment`, {alignment}")).at(key));
        }
    }
    Ok(())
}

fn arenas_apart(peer: &CxlArena, local: &CxlArena) -> Result<(), RuleError> {
    if peer.pool_id != local.pool_id {
        return Err(RuleError::new(format!("must lie in the pool of `local_arena`, \"{}\"", local.pool_id)));
    }
    // In 128 bits, so that the end of a part cannot overflow.
    let end = |arena: &CxlArena| u128::from(arena.offset) + u128::from(arena.size);
    if u128::from(peer.offset) < end(local) && u128::from(local.offset) < end(peer) {
        return Err(RuleError::new("must not overlap `local_arena`"));
    }
    Ok(())
}
