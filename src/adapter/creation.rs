//! What a server gives an adapter at creation: the L1 memory, the number of ranks, its packages, the clock and randomness.
//! Adapters take them from here and from nowhere else, so that a test can hold all of them.

use std::{
    fmt,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use super::L1Arena;

/// What an adapter may need to start, beside its config.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CreationContext {
    /// The server's L1 memory, where it is one region that stays: adapters register it once instead of copying.
    pub l1_arena: Option<L1Arena>,
    /// The number of TP ranks the server serves, where it is known.
    pub rank_count: Option<u32>,
    /// Where the server's packages are, Python's `sys.path`: NIXL's library may be among them.
    pub package_folders: Vec<PathBuf>,
    /// The clock every deadline is measured on.
    pub clock: Arc<dyn Clock>,
    /// The seed of all random numbers of the adapter. A server draws it anew for every start.
    pub random_seed: u64,
}

impl CreationContext {
    /// A context with a clock and a seed, and nothing known of the server.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use l2_adapter::adapter::{CreationContext, SystemClock};
    ///
    /// let mut context = CreationContext::new(Arc::new(SystemClock::new()), 42);
    /// context.rank_count = Some(2);
    /// ```
    pub fn new(clock: Arc<dyn Clock>, random_seed: u64) -> Self {
        Self { l1_arena: None, rank_count: None, package_folders: Vec::new(), clock, random_seed }
    }
}

/// A monotonic clock.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The time since some moment before the first call. It never goes back.
    fn now(&self) -> Duration;
}

/// The operating system's monotonic clock.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// A clock that reads zero now.
    pub fn new() -> Self {
        Self { start: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }
}

/// Why an adapter could not be created.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CreateError {
    /// The type has no runtime here.
    #[error(
        "`{type_name}` is configuration-only: this build can check its specs but not run it; register a type with a \
         factory under that name to run it"
    )]
    ConfigurationOnly {
        /// The type.
        type_name: &'static str,
    },
    /// The type is not in the registry that was asked.
    #[error("`{type_name}` is not registered: register its config before creating adapters from it")]
    NotRegistered {
        /// The type.
        type_name: &'static str,
    },
    /// The config is sound but cannot work on this machine or with this server.
    #[error("`{type_name}` cannot be created: {reason}")]
    Unusable {
        /// The type.
        type_name: &'static str,
        /// What is in the way and what to do.
        reason: String,
        /// What the system said.
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
}
