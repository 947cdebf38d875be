//! What the two processes say to each other: a line of JSON each.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Workload;

/// What the receiver's process is to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::cli) enum Ask {
    /// Look chunks up, load them in one task, compare every byte, unlock and delete them.
    Load { workload: Workload, names: Vec<u64> },
    /// Look chunks up and load them without a look at their bytes, and copy as many bytes in memory beside it.
    LoadBesideCopy { workload: Workload, names: Vec<u64> },
    /// Forget chunks that were not looked up.
    Delete { workload: Workload, names: Vec<u64> },
    /// Look up so many keys, half of which are there.
    LookUp { workload: Workload, names: Vec<u64> },
    /// The adapter's status.
    Status,
    /// The processor time used so far.
    ProcessorTime,
    /// Open a transfer channel beside the adapter.
    OpenRaw { staging_bytes: u64, epoch: u64 },
    /// Poll that channel until the next ask.
    PollRaw,
}

/// What came of it.
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

/// What loading came to.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(in crate::cli) struct LoadReport {
    /// Chunks that were found and loaded.
    pub(in crate::cli) loaded: u64,
    /// Of those, chunks with a wrong byte.
    pub(in crate::cli) wrong: u64,
    pub(in crate::cli) took: Duration,
    /// For a plain copy of the same bytes, where one was asked for.
    pub(in crate::cli) copy_took: Option<Duration>,
}
