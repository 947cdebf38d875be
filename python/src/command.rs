//! The command `l2-adapter`.

use std::{ffi::OsString, path::PathBuf};

use pyo3::prelude::*;

/// Runs the command with these arguments, of which the first is its name, and returns its exit code. `launcher` is the command
/// line that runs it in a separate process, `package_folders` is Python's `sys.path`.
#[pyfunction]
pub(crate) fn run_command(
    py: Python<'_>,
    launcher: Vec<OsString>,
    package_folders: Vec<PathBuf>,
    arguments: Vec<OsString>,
) -> u8 {
    py.detach(|| l2_adapter::cli::main_within(launcher, package_folders, arguments).code())
}
