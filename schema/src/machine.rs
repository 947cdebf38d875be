//! What a document may ask of the machine it is read on. This crate looks at no machine: whoever parses hands one over in
//! the [`Context`](crate::Context), a real one or, in tests, one that is made up.

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
    /// What is at a path, symbolic links followed. A relative path begins at the working directory.
    ///
    /// # Errors
    ///
    /// [`NotFound`](io::ErrorKind::NotFound) where there is nothing; others where it cannot be looked at.
    fn look(&self, path: &Path) -> io::Result<Existing>;

    /// The path from the root, without `.`, `..` and symbolic links, as Python's `Path.resolve()` makes it: a relative path
    /// begins at the working directory, and what is not there stays as it is written.
    fn resolve(&self, path: &Path) -> PathBuf;

    /// Whether this is at a path.
    fn has(&self, path: &Path, existing: Existing) -> bool {
        self.look(path).is_ok_and(|found| found == existing)
    }
}
