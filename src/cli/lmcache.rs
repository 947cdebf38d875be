//! `--lmcache`: the version of LMCache that specs are for.

use std::{
    ffi::{OsStr, OsString},
    fmt,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use clap::Args;
use l2_adapter_schema::{Peer, Version};

use super::exit::Failure;
use crate::{
    lmcache::{RELEASED, VERSIONS, installed_version, known_version, peer},
    machine::environment_variable,
};

#[derive(Debug, Args)]
pub(super) struct LmcacheArgs {
    #[arg(long, value_name = "VERSION", value_parser = known_version, help = help())]
    lmcache: Option<Version>,
}

fn help() -> String {
    format!("The version of LMCache that specs are for, {}; {RELEASED} if it is not given", known_versions())
}

fn known_versions() -> String {
    VERSIONS.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
}

impl LmcacheArgs {
    /// LMCache in the version that was asked for, else the last one that was released.
    pub(super) fn peer(&self) -> Peer<'static> {
        peer(self.lmcache.unwrap_or(RELEASED), option)
    }

    /// LMCache in the version that was asked for, else the one that is installed here, else the last one that was released.
    ///
    /// # Errors
    ///
    /// If the specs of the one that is installed are not known.
    pub(super) fn peer_on_this_machine(&self) -> Result<Peer<'static>, Failure> {
        let installed = self.lmcache.is_none().then(|| installed_version(&variable)).flatten();
        match installed {
            Some(found) => Ok(peer(known_version(&found).map_err(Failure::InstalledLmcache)?, option)),
            None => Ok(self.peer()),
        }
    }
}

/// `--lmcache` of a command that shows all versions unless one is named.
#[derive(Debug, Args)]
pub(super) struct OneLmcacheArgs {
    #[arg(long, value_name = "VERSION", value_parser = known_version, help = help_of_one())]
    lmcache: Option<Version>,
}

fn help_of_one() -> String {
    format!("Show what one version of LMCache has, {}; all of them if it is not given", known_versions())
}

impl OneLmcacheArgs {
    /// LMCache in the version that was asked for.
    pub(super) fn peer(&self) -> Option<Peer<'static>> {
        self.lmcache.map(|version| peer(version, option))
    }
}

/// The arguments as they were given, after a space.
impl fmt::Display for LmcacheArgs {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lmcache.map_or(Ok(()), |version| write!(formatter, " {}", option(version)))
    }
}

/// How a user asks for a version.
fn option(version: Version) -> String {
    format!("--lmcache {version}")
}

/// The folder of the interpreter that runs this command.
static INTERPRETER_FOLDER: OnceLock<PathBuf> = OnceLock::new();

/// Has the interpreter `program` searched for LMCache before any other.
pub(super) fn set_interpreter(program: &OsStr) {
    if let Some(folder) = Path::new(program).parent() {
        let _ = INTERPRETER_FOLDER.set(folder.to_owned());
    }
}

/// A variable of the environment, in which the interpreter that runs this command is the first in `PATH`.
fn variable(name: &str) -> Option<OsString> {
    let value = environment_variable(name);
    match INTERPRETER_FOLDER.get().filter(|_| name == "PATH") {
        Some(folder) => {
            let others: Vec<PathBuf> = value.iter().flat_map(std::env::split_paths).collect();
            std::env::join_paths([folder.clone()].into_iter().chain(others)).ok()
        }
        None => value,
    }
}
