//! Exit codes, and the errors that stop a command.

use std::{io, path::PathBuf, process::ExitCode};

use l2_adapter_schema::visible;

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
use crate::{lmcache::UnknownVersion, registry::RegistryError, specs::L2AdapterArgsError};

/// The exit codes in `--help`.
pub(super) const EXIT_HELP: &str = "\
Exit codes:
  0  everything is valid
  1  a document is invalid, two `pd` specs do not match, or the file of
     `--check` is stale
  2  the input or the arguments are unusable";

/// The outcome of a run. Its [`ExitCode`]s are 0, 1 and 2, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Everything is valid.
    Success,
    /// A checked document or file is invalid or stale.
    Refused,
    /// The input or the arguments are unusable.
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

/// An error that stops a command.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The type does not exist, or the registry itself is invalid.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The type has no such key.
    #[error(
        "`{type_name}` has no key `{}`{}",
        visible(key),
        suggestion.as_ref().map_or_else(
            || format!(": `l2-adapter explain {type_name}` lists its keys"),
            |path| format!("; did you mean `{path}`?")
        )
    )]
    UnknownKey {
        /// The type.
        type_name: &'static str,
        /// What was given.
        key: String,
        /// The path of the closest key.
        suggestion: Option<String>,
    },
    /// The type has such a key, but not in this version.
    #[error("`{type_name}` has no key `{}` in {peer}: omit `--lmcache` to see which versions have it", visible(key))]
    KeyOfOtherVersion {
        /// The type.
        type_name: &'static str,
        /// What was given.
        key: String,
        /// LMCache and the version that was asked for.
        peer: String,
    },
    /// Standard output cannot be written.
    #[error("cannot write to standard output")]
    Output(#[from] io::Error),
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// Invalid specs.
    #[error(transparent)]
    Specs(#[from] L2AdapterArgsError),
    /// An adapter failed to start.
    #[cfg(pd_runtime)]
    #[error(transparent)]
    Create(#[from] CreateError),
    /// The other node failed.
    #[cfg(pd_runtime)]
    #[error(transparent)]
    Peer(#[from] PeerError),
    /// A task failed.
    #[cfg(pd_runtime)]
    #[error(transparent)]
    Task(#[from] TaskFailed),
    /// A transfer channel failed.
    #[cfg(pd_runtime)]
    #[error(transparent)]
    Channel(#[from] TransferError),
    /// The chunk sizes of a model cannot be computed.
    #[cfg(pd_runtime)]
    #[error("{source_name}")]
    Model {
        /// The model's name in reports.
        source_name: String,
        /// What is missing or contradictory.
        source: ModelError,
    },
    /// A model and a deployment do not match.
    #[cfg(pd_runtime)]
    #[error("{source_name}")]
    Sizes {
        /// The model's name in reports.
        source_name: String,
        /// The reason.
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
    /// A system call failed.
    #[cfg(pd_runtime)]
    #[error("a system call failed")]
    System(#[source] io::Error),
    /// The variable that filters the log cannot be read.
    #[cfg(pd_runtime)]
    #[error(
        "the environment variable {variable} is not a log filter: write `info`, or `l2_adapter=debug,h2=off`: {reason}"
    )]
    LogFilter {
        /// The variable.
        variable: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The command cannot listen on an address.
    #[cfg(pd_runtime)]
    #[error("cannot listen on {address}: free it, or give another `--metrics`")]
    Listen {
        /// The address.
        address: std::net::SocketAddr,
        /// The system's error.
        source: io::Error,
    },
    /// The command needs exactly one spec.
    #[cfg(pd_runtime)]
    #[error("give exactly one `--l2-adapter`: {given} were given")]
    OneSpec {
        /// How many there were.
        given: usize,
    },
    /// The spec is of another type.
    #[cfg(pd_runtime)]
    #[error("only a `pd` node can be run: the spec is of type `{type_name}`")]
    NotPd {
        /// Its type.
        type_name: &'static str,
    },
    /// A spec where the name of a file is wanted. It is not shown: it may hold a password.
    #[error("a spec is given in place of a FILE: write `--l2-adapter` before it")]
    SpecAsFile,
    /// A file that is named as `--l2-adapter` names one.
    #[error("cannot read {}: a FILE has no `@` before it", path.display())]
    MarkedFile {
        /// What was given.
        path: PathBuf,
    },
    /// The LMCache of this machine, whose specs are not known.
    #[error("LMCache {:?} is installed here: say with `--lmcache` which version the specs are for", .0.version)]
    InstalledLmcache(#[source] UnknownVersion),
    /// An input has no document.
    #[error("there is no document in {name}")]
    NoDocument {
        /// The input's name in reports.
        name: String,
    },
    /// An input continues without the end of a document.
    #[error("{name} was not read to its end: no document ends in its first {bytes} bytes")]
    Endless {
        /// The input's name in reports.
        name: String,
        /// How many bytes were read.
        bytes: usize,
    },
    /// A folder of which something cannot be looked at.
    #[error("cannot look at all of the folder {}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What, and why not.
        source: io::Error,
    },
    /// A folder that has too much in it.
    #[error("{} has more than {entries_max} files and folders: name the folders that hold specs", folder.display())]
    TooManyFiles {
        /// The folder.
        folder: PathBuf,
        /// How many were looked at.
        entries_max: usize,
    },
    /// A folder without a file that may hold specs.
    #[error("no file in {} ends in .json, .jsonl or .ndjson, or all are ignored: name the files", folder.display())]
    NoFile {
        /// The folder.
        folder: PathBuf,
    },
    /// No input was given, and standard input is a terminal.
    #[error("no document to check: name a file, pipe documents in, or give `--l2-adapter`; `-` reads what you type")]
    NothingToCheck,
}

impl Failure {
    /// Whether the reader of standard output closed the pipe.
    pub(super) fn is_broken_pipe(&self) -> bool {
        matches!(self, Failure::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}
