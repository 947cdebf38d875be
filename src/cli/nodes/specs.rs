//! The specs of the two nodes, and the contexts that create their adapters.

use std::{
    io,
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use clap::{ValueEnum, builder::PossibleValue};
use serde_json::{Value, json};

use super::free_ports::free_ports;
use crate::{
    adapter::{CreationContext, L1Arena, SystemClock},
    adapters::pd_l2_adapter::TransferChannel,
};

impl ValueEnum for TransferChannel {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::MockMemory, Self::Nixl]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let help = match self {
            Self::MockMemory => "Copies in shared memory; always available",
            Self::Nixl => "NVIDIA's transfer library",
        };
        Some(PossibleValue::new(self.as_str()).help(help))
    }
}

/// A sender and a receiver on free ports of the loopback interface.
#[derive(Debug, Clone)]
pub(in crate::cli) struct NodeSpecs {
    pub(in crate::cli) sender: Value,
    pub(in crate::cli) receiver: Value,
}

impl NodeSpecs {
    pub(in crate::cli) fn new(
        channel: TransferChannel,
        ranks: usize,
        sender_bytes: u64,
        receiver_bytes: u64,
    ) -> io::Result<Self> {
        let ports = free_ports(ranks * 2)?;
        let (init, alloc) = ports.split_at(ranks);
        let spec = |role: &str, buffer_bytes: u64| {
            json!({
                "type": "pd",
                "role": role,
                "peer_host": "127.0.0.1",
                "peer_init_port": init,
                "peer_alloc_port": alloc,
                "buffer_size": buffer_bytes,
                "transfer_channel": channel.as_str(),
                // Processes of one machine use shared memory.
                "nixl_backends": ["shm"],
            })
        };
        Ok(Self { sender: spec("sender", sender_bytes), receiver: spec("receiver", receiver_bytes) })
    }
}

/// Where the interpreter of this process has its packages, of which NIXL may be one.
static PACKAGE_FOLDERS: OnceLock<Vec<PathBuf>> = OnceLock::new();

/// Keeps the first folders that it gets.
pub(in crate::cli) fn set_package_folders(folders: Vec<PathBuf>) {
    let _ = PACKAGE_FOLDERS.set(folders);
}

pub(in crate::cli) fn package_folders() -> Vec<PathBuf> {
    PACKAGE_FOLDERS.get().cloned().unwrap_or_default()
}

/// The context that a server would give.
pub(in crate::cli) fn sender_context(ranks: usize, l1_arena: Option<L1Arena>) -> CreationContext {
    let mut context = CreationContext::new(Arc::new(SystemClock::new()), fastrand::u64(..));
    // As many as there are ports.
    context.rank_count = u32::try_from(ranks).ok();
    context.l1_arena = l1_arena;
    context.package_folders = package_folders();
    context
}
