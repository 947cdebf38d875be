//! The rules between keys of `raw_block`. They are LMCache's, some of which it checks only when it creates the adapter.

use std::{ffi::OsStr, path::Path};

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
    // The device has two copies of the index, and each takes more than one block.
    let needed = 4 * u64::from(*block_align);
    if *meta_total_bytes < needed {
        return Err(RuleError::new(format!("must be at least four times `block_align`, {needed}")));
    }
    if *capacity_bytes > 0 && capacity_bytes <= meta_total_bytes {
        return Err(
            RuleError::new(format!("must be larger than `meta_total_bytes`, {meta_total_bytes}")).at("capacity_bytes")
        );
    }
    Ok(())
}

pub(super) fn ascii_magic(meta_magic: &str) -> Result<(), RuleError> {
    if meta_magic.is_ascii() { Ok(()) } else { Err(RuleError::new("must have ASCII characters only")) }
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
        Some((key, _)) => Err(RuleError::new("is ignored if `io_engine` is given: leave it out").at(key)),
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

pub(super) fn namespace_for_uring_cmd(
    use_uring_cmd: &bool,
    device_path: &Path,
    max_data_transfer_size: &i64,
    block_align: &u32,
) -> Result<(), RuleError> {
    if !use_uring_cmd {
        return Ok(());
    }
    if !names_a_namespace(device_path) {
        let message = "must name an NVMe namespace, such as \"/dev/ng0n1\", since `use_uring_cmd` is true";
        return Err(RuleError::new(message).at("device_path"));
    }
    if *max_data_transfer_size > 0 && max_data_transfer_size % i64::from(*block_align) != 0 {
        let message = format!("must be a multiple of `block_align`, {block_align}, since `use_uring_cmd` is true");
        return Err(RuleError::new(message).at("max_data_transfer_size"));
    }
    Ok(())
}

/// Whether the last part is `ng<controller>n<namespace>`.
fn names_a_namespace(device_path: &Path) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let name = device_path.file_name().and_then(OsStr::to_str).and_then(|name| name.strip_prefix("ng"));
    name.and_then(|name| name.split_once('n'))
        .is_some_and(|(controller, space)| is_number(controller) && is_number(space))
}

pub(super) fn placement_by_uring_cmd(fdp_enabled: &bool, use_uring_cmd: &bool) -> Result<(), RuleError> {
    if *fdp_enabled && !use_uring_cmd {
        return Err(RuleError::new("needs `use_uring_cmd` to be true"));
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
