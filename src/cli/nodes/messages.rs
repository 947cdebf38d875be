//! The messages of the two processes, one line of JSON each.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Workload;

/// A command for the receiver's process.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::cli) enum Ask {
    /// Look chunks up, load them in one task, compare every byte, unlock and delete them.
    Load { workload: Workload, names: Vec<u64> },
    /// Look chunks up and load them without comparing their bytes, and copy as many bytes in memory for comparison.
    LoadBesideCopy { workload: Workload, names: Vec<u64> },
    /// Forget chunks that were not looked up.
    Delete { workload: Workload, names: Vec<u64> },
    /// Look up this many keys, half of which exist.
    LookUp { workload: Workload, names: Vec<u64> },
    /// The adapter's status.
    Status,
    /// The processor time used so far.
    ProcessorTime,
    /// Open a transfer channel next to the adapter.
    OpenRaw { staging_bytes: u64, epoch: u64 },
    /// Poll that channel until the next command.
    PollRaw,
}

/// The response to a command.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::cli) enum Answer {
    /// The adapter serves.
    Serving,
    Done,
    Loaded(LoadReport),
    Took(Duration),
    LookedUp {
        found: usize,
        took: Duration,
    },
    Status(Value),
    Raw {
        base_address: u64,
        length_bytes: u64,
        metadata: Vec<u8>,
    },
    Failed(String),
}

/// The result of loading.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(in crate::cli) struct LoadReport {
    /// Chunks that were found and loaded.
    pub(in crate::cli) loaded: u64,
    /// Of those, chunks with a wrong byte.
    pub(in crate::cli) wrong: u64,
    pub(in crate::cli) took: Duration,
    /// For a plain copy of the same bytes, if it was requested.
    pub(in crate::cli) copy_took: Option<Duration>,
}
