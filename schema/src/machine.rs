//! The machine on which a document is checked. This crate reads no file system: the caller passes a machine in the
//! [`Context`](crate::Context), a real one or, in tests, one that is made up.

use std::{
    io,
    path::{Path, PathBuf},
};

use l2_adapter_rules::Existing;

/// The paths of a machine.
///
/// ```
/// use std::{io, path::{Path, PathBuf}};
/// use l2_adapter_schema::{Existing, Machine};
///
/// /// A machine that has one directory and nothing else.
/// struct OneDirectory;
///
/// impl Machine for OneDirectory {
///     fn look(&self, path: &Path) -> io::Result<Existing> {
///         if path == Path::new("/cache") { Ok(Existing::Directory) } else { Err(io::ErrorKind::NotFound.into()) }
///     }
///
///     fn resolve(&self, path: &Path) -> PathBuf {
///         Path::new("/").join(path)
///     }
/// }
///
/// assert!(OneDirectory.has(Path::new("/cache"), Existing::Directory));
/// assert!(!OneDirectory.has(Path::new("/cache"), Existing::File));
/// ```
pub trait Machine {
    /// Examines a path and follows symbolic links. A relative path begins in the working directory.
    ///
    /// # Errors
    ///
    /// [`NotFound`](io::ErrorKind::NotFound) if nothing is there; other errors if the path cannot be accessed.
    fn look(&self, path: &Path) -> io::Result<Existing>;

    /// The path from the root, without `.`, `..` and symbolic links, as Python's `Path.resolve()` makes it: a relative path
    /// begins in the working directory, and parts that do not exist stay unchanged.
    fn resolve(&self, path: &Path) -> PathBuf;

    /// Whether this is at a path.
    fn has(&self, path: &Path, existing: Existing) -> bool {
        self.look(path).is_ok_and(|found| found == existing)
    }
}
