//! The part of the process's environment that concerns NIXL. Only this module reads it.

use std::{collections::BTreeMap, env, path::PathBuf};

use super::backends;

/// Where this process may find NIXL, and how its user has configured UCX.
#[derive(Debug, Clone, Default)]
pub(super) struct Environment {
    /// `NIXL_PREFIX`: where NIXL is installed according to the user.
    pub(super) prefix: Option<PathBuf>,
    /// The current directory.
    pub(super) directory: Option<PathBuf>,
    /// The running executable.
    pub(super) executable: Option<PathBuf>,
    /// Where the packages of the server are.
    pub(super) package_folders: Vec<PathBuf>,
    /// Folders with a `lib/python3*` below them, which holds Python packages: the likeliest first.
    pub(super) python_prefixes: Vec<PathBuf>,
    /// The user's settings of UCX that we configure, too: variables by name.
    pub(super) ucx: BTreeMap<String, String>,
}

impl Environment {
    /// The environment of this process, whose server has its packages in these folders.
    pub(super) fn of_process(package_folders: Vec<PathBuf>) -> Self {
        let folder = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let path = env::var_os("PATH").unwrap_or_default();
        let beside_programs = env::split_paths(&path).filter_map(|bin| bin.parent().map(PathBuf::from));
        let home = folder("HOME").map(|home| home.join(".local"));
        let python_prefixes = [folder("VIRTUAL_ENV"), folder("CONDA_PREFIX")].into_iter().flatten();
        let usual = ["/usr/local", "/usr"].map(PathBuf::from);
        Self {
            prefix: folder("NIXL_PREFIX"),
            directory: env::current_dir().ok(),
            executable: env::current_exe().ok(),
            package_folders,
            python_prefixes: python_prefixes.chain(beside_programs).chain(home).chain(usual).collect(),
            ucx: ucx_variables(),
        }
    }
}

fn ucx_variables() -> BTreeMap<String, String> {
    let names = backends::configured_keys().map(|key| format!("UCX_{key}"));
    names.filter_map(|name| Some((name.clone(), env::var(name).ok().filter(|value| !value.is_empty())?))).collect()
}
