//! The rules between keys of `raw_block`. They are LMCache's, some of which it checks only when it creates the adapter.

use super::{FdpDataPlacementPolicy, FdpSlotReusePolicy, RawBlockIoEngine};
use crate::RuleError;

pub(super) fn whole_blocks(
    slot_bytes: &u64,
    header_bytes: &u64,
    meta_total_bytes: &u64,
    block_align: &u32,
) -> Result<(), RuleError> {
    let sizes = [("slot_bytes", slot_bytes), ("header_bytes", header_bytes), ("meta_total_bytes", meta_total_bytes)];
    match sizes.into_iter().find(|(_, bytes)| !bytes.is_multiple_of(u64::from(*block_align))) {
        Some((key, _)) => Err(RuleError::new(format!("must be a multiple of `block_align`, {block_align}")).at(key)),
        None => Ok(()),
    }
}

pub(super) fn slot_beyond_header(slot_bytes: &u64, header_bytes: &u64) -> Result<(), RuleError> {
    if slot_bytes <= header_bytes {
        return Err(RuleError::new(format!("must be larger than `header_bytes`, {header_bytes}")));
    }
    Ok(())
}

pub(super) fn room_for_the_index(
    meta_total_bytes: &u64,
    block_align: &u32,
    capacity_bytes: &u64,
) -> Result<(), RuleError> {
    if *meta_total_bytes <= u64::from(*block_align) {
        return Err(RuleError::new(format!("must be larger than `block_align`, {block_align}")));
    }
    if *capacity_bytes > 0 && capacity_bytes <= meta_total_bytes {
        return Err(
            RuleError::new(format!("must be larger than `meta_total_bytes`, {meta_total_bytes}")).at("capacity_bytes")
        );
    }
    Ok(())
}

pub(super) fn one_io_engine(
    io_engine: &Option<RawBlockIoEngine>,
    use_iouring: &Option<bool>,
    use_uring: &Option<bool>,
) -> Result<(), RuleError> {
    if io_engine.is_none() {
        return Ok(());
    }
    match [("use_iouring", use_iouring), ("use_uring", use_uring)].into_iter().find(|(_, given)| given.is_some()) {
        Some((key, _)) => Err(RuleError::new("is ignored beside `io_engine`: leave it out").at(key)),
        None => Ok(()),
    }
}

pub(super) fn uring_cmd_by_io_uring(
    use_uring_cmd: &bool,
    io_engine: &Option<RawBlockIoEngine>,
    use_iouring: &Option<bool>,
    use_uring: &Option<bool>,
) -> Result<(), RuleError> {
    let has_ring = match io_engine {
        Some(engine) => *engine == RawBlockIoEngine::IoUring,
        None => *use_iouring == Some(true) || *use_uring == Some(true),
    };
    if *use_uring_cmd && !has_ring {
        return Err(RuleError::new("needs `io_engine` to be \"io_uring\""));
    }
    Ok(())
}

pub(super) fn placement_by_uring_cmd(
    fdp_enabled: &bool,
    meta_checkpoint_placement_id: &Option<u16>,
    use_uring_cmd: &bool,
) -> Result<(), RuleError> {
    let needs_uring_cmd = || RuleError::new("needs `use_uring_cmd` to be true");
    if *fdp_enabled && !use_uring_cmd {
        return Err(needs_uring_cmd());
    }
    if meta_checkpoint_placement_id.is_some() && !use_uring_cmd {
        return Err(needs_uring_cmd().at("meta_checkpoint_placement_id"));
    }
    Ok(())
}

pub(super) fn policies_of_placement(
    data_placement: &Option<FdpDataPlacementPolicy>,
    slot_reuse: &Option<FdpSlotReusePolicy>,
    fdp_enabled: &bool,
) -> Result<(), RuleError> {
    let needs_fdp = || RuleError::new("must be \"none\", since `fdp_enabled` is false");
    if *fdp_enabled {
        return Ok(());
    }
    if data_placement.is_some_and(|policy| policy != FdpDataPlacementPolicy::None) {
        return Err(needs_fdp());
    }
    if slot_reuse.is_some_and(|policy| policy != FdpSlotReusePolicy::None) {
        return Err(needs_fdp().at("fdp_slot_reuse_policy"));
    }
    Ok(())
}

pub(super) fn index_placed_apart(
    meta_checkpoint_placement_id: &Option<u16>,
    fdp_placement_ids: &Option<Vec<u16>>,
) -> Result<(), RuleError> {
    let (Some(index), Some(chunks)) = (meta_checkpoint_placement_id, fdp_placement_ids) else { return Ok(()) };
    if chunks.contains(index) {
        return Err(RuleError::new("must not be one of `fdp_placement_ids`"));
    }
    Ok(())
}
