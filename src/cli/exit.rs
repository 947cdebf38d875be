//! How a run ends: the exit codes, and what keeps a command from doing its work.

use std::{io, path::PathBuf, process::ExitCode};

use crate::registry::RegistryError;

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

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Success => ExitCode::SUCCESS,
            Exit::Refused => ExitCode::from(1),
            Exit::Unusable => ExitCode::from(2),
        }
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
    /// An input without any document.
    #[error("there is no document in {name}")]
    NoDocument {
        /// What reports call the input.
        name: String,
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
