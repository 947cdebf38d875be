//! Files that users name in arguments.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

/// Opens a file for reading. It never waits: a FIFO in a folder is refused, because opening it waits for a writer. The pipes of
/// a shell (`<(command)`, `/dev/stdin`) are already open.
///
/// # Errors
///
/// The system's error, or that the file is a FIFO.
pub(super) fn open(path: &Path) -> io::Result<File> {
    if is_fifo(path) && fs::canonicalize(path).is_ok() {
        let reason =
            "it is a FIFO, which may never have a writer: read it with another program, and pipe that into `-`";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
    }
    File::open(path)
}

#[cfg(unix)]
fn is_fifo(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_fifo())
}

#[cfg(not(unix))]
fn is_fifo(_: &Path) -> bool {
    false
}
