//! How a run ends: the exit codes, and what keeps a command from doing its work.

use std::{io, path::PathBuf, process::ExitCode};

#[cfg(pd_runtime)]
use super::{
    bench::BaselineError,
    nodes::{PeerError, TaskFailed},
};
#[cfg(pd_runtime)]
use crate::{
    adapter::CreateError,
    adapters::pd_l2_adapter::sizing::{ModelError, SizingError},
    transfer::TransferError,
};
use crate::{registry::RegistryError, specs::L2AdapterArgsError};

/// The exit codes, as `--help` says them.
pub(super) const EXIT_HELP: &str = "\
Exit codes:
  0  everything is as it should be
  1  a document is invalid, or a file that `--check` looked at is stale
  2  input or arguments cannot be used";

/// How a run ended. As an [`ExitCode`] it is 0, 1 or 2, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Everything is as it should be.
    Success,
    /// What was checked is not as it should be.
    Refused,
    /// Input or arguments cannot be used.
    Unusable,
}

impl Exit {
    /// The exit code.
    pub const fn code(self) -> u8 {
        match self {
            Exit::Success => 0,
            Exit::Refused => 1,
            Exit::Unusable => 2,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}

/// What keeps a command from doing its work.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// No such type, or the registry itself is broken.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// Standard output cannot be written.
    #[error("cannot write to standard output")]
    Output(#[from] io::Error),
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Specs that are wrong.
    #[error(transparent)]
    Specs(#[from] L2AdapterArgsError),
    /// An adapter that does not start.
    #[cfg(pd_runtime)]
    #[error(transparent)]
    Create(#[from] CreateError),
    /// The other of two nodes.
    #[cfg(pd_runtime)]
    #[error(transparent)]
    Peer(#[from] PeerError),
    /// A task that should have done its work.
    #[cfg(pd_runtime)]
    #[error(transparent)]
    Task(#[from] TaskFailed),
    /// A channel that should have worked.
    #[cfg(pd_runtime)]
    #[error(transparent)]
    Channel(#[from] TransferError),
    /// A model whose chunks cannot be sized.
    #[cfg(pd_runtime)]
    #[error("{source_name}")]
    Model {
        /// What reports call the model.
        source_name: String,
        /// What is missing or contradictory.
        source: ModelError,
    },
    /// A model and a deployment that do not fit each other.
    #[cfg(pd_runtime)]
    #[error("{source_name}")]
    Sizes {
        /// What reports call the model.
        source_name: String,
        /// Why not.
        source: SizingError,
    },
    /// A report that this run cannot be compared with.
    #[cfg(pd_runtime)]
    #[error("cannot compare with {}", path.display())]
    Baseline {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: BaselineError,
    },
    /// The machine is short of something.
    #[cfg(pd_runtime)]
    #[error("the system refuses what the command needs")]
    System(#[source] io::Error),
    /// The variable that filters the log cannot be read.
    #[cfg(pd_runtime)]
    #[error(
        "the environment variable {variable} is not a log filter: write `info`, or `l2_adapter=debug,h2=off`: {reason}"
    )]
    LogFilter {
        /// Which.
        variable: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// An address cannot be listened on.
    #[cfg(pd_runtime)]
    #[error("cannot listen on {address}: free it, or give another `--metrics`")]
    Listen {
        /// The address.
        address: std::net::SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// More or less than one spec.
    #[cfg(pd_runtime)]
    #[error("give exactly one `--l2-adapter`: {given} were given")]
    OneSpec {
        /// How many there were.
        given: usize,
    },
    /// A spec of another type.
    #[cfg(pd_runtime)]
    #[error("only a `pd` node can be run: the spec is of type `{type_name}`")]
    NotPd {
        /// Its type.
        type_name: &'static str,
    },
    /// An input without any document.
    #[error("there is no document in {name}")]
    NoDocument {
        /// What reports call the input.
        name: String,
    },
    /// An input that goes on without an end of a document.
    #[error("{name} was not read to its end: no document ends in its first {bytes} bytes")]
    Endless {
        /// What reports call the input.
        name: String,
        /// How many bytes were read.
        bytes: usize,
    },
    /// There is nothing to read and nobody to pipe it in.
    #[error("no document to check: name a file, pipe documents in, or give `--l2-adapter`; `-` reads what you type")]
    NothingToCheck,
}

impl Failure {
    /// Whether standard output ended because nobody reads on.
    pub(super) fn is_broken_pipe(&self) -> bool {
        matches!(self, Failure::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}
