//! The context that a server provides at creation: the L1 memory, the number of ranks, its packages, the clock and randomness.
//! Adapters take them only from here, so that a test controls all of them.

use std::{
    fmt,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use super::L1Arena;

/// The inputs that an adapter may need to start, in addition to its config.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CreationContext {
    /// The server's L1 memory, if it is one region that never moves: adapters register it once instead of copying.
    pub l1_arena: Option<L1Arena>,
    /// The number of TP ranks that the server serves, if it is known.
    pub rank_count: Option<u32>,
    /// The folders of the server's packages, Python's `sys.path`: they may contain NIXL's library.
    pub package_folders: Vec<PathBuf>,
    /// The clock of every deadline.
    pub clock: Arc<dyn Clock>,
    /// The seed of all random numbers of the adapter. A server draws a new one for every start.
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
    /// The type is not in the registry.
    #[error("`{type_name}` is not registered: register its config before creating adapters from it")]
    NotRegistered {
        /// The type.
        type_name: &'static str,
    },
    /// The config is valid, but cannot work on this machine or with this server.
    #[error("`{type_name}` cannot be created: {reason}")]
    Unusable {
        /// The type.
        type_name: &'static str,
        /// The obstacle, and what to do.
        reason: String,
        /// The system's error.
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
}
