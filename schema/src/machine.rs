//! The machine on which a document is checked. This crate reads no file system: the caller passes a machine in the
//! [`Context`](crate::Context), a real one or, in tests, one that is made up.

use std::{
    io,
    path::{Path, PathBuf},
};

use l2_adapter_rules::{Access, PathKind, refused_access};

/// The paths of a machine.
///
/// ```
/// use std::{io, path::{Path, PathBuf}};
/// use l2_adapter_schema::{PathKind, Machine};
///
/// /// A machine that has one directory and nothing else.
/// struct OneDirectory;
///
/// impl Machine for OneDirectory {
///     fn look(&self, path: &Path) -> io::Result<PathKind> {
///         if path == Path::new("/cache") { Ok(PathKind::Directory) } else { Err(io::ErrorKind::NotFound.into()) }
///     }
///
///     fn resolve(&self, path: &Path) -> PathBuf {
///         Path::new("/").join(path)
///     }
/// }
///
/// assert!(OneDirectory.has(Path::new("/cache"), PathKind::Directory));
/// assert!(!OneDirectory.has(Path::new("/cache"), PathKind::File));
/// ```
pub trait Machine {
    /// Examines a path and follows symbolic links. A relative path begins in the working directory.
    ///
    /// # Errors
    ///
    /// [`NotFound`](io::ErrorKind::NotFound) if nothing is there; other errors if the path cannot be accessed.
    fn look(&self, path: &Path) -> io::Result<PathKind>;

    /// The path from the root, without `.`, `..` and symbolic links, as Python's `Path.resolve()` makes it: a relative path
    /// begins in the working directory, and parts that do not exist stay unchanged.
    fn resolve(&self, path: &Path) -> PathBuf;

    /// Whether this process may use what is at a path: [`Access::Read`] or [`Access::Write`]. Without an own implementation it may.
    ///
    /// # Errors
    ///
    /// Why not: it is not there, or rights are missing.
    fn access(&self, _path: &Path, _access: Access) -> io::Result<()> {
        Ok(())
    }

    /// Whether files at this path, a directory, file or device, can be read and written past the page cache (`O_DIRECT`). Nothing
    /// is left there. Without an own implementation they can.
    ///
    /// # Errors
    ///
    /// Why not: the file system refuses it.
    fn direct_io(&self, _path: &Path) -> io::Result<()> {
        Ok(())
    }

    /// Whether a server could listen at a port of this host, which is a name or an address. Without an own implementation it
    /// could.
    ///
    /// # Errors
    ///
    /// Why not: the port is taken, or the host is not an address of this machine.
    fn listen(&self, _host: &str, _port: u16) -> io::Result<()> {
        Ok(())
    }

    /// What a text file of the system says, as `/proc/meminfo`. Without an own implementation there is none.
    ///
    /// # Errors
    ///
    /// It is not there, or cannot be read.
    fn system_file(&self, _path: &Path) -> io::Result<String> {
        Err(io::ErrorKind::NotFound.into())
    }

    /// Why this process cannot use a path so: the end of a sentence that begins with the path's key. What is not there is refused only
    /// if it cannot be created, where that is asked.
    fn refusal(&self, path: &Path, access: Access) -> Option<String> {
        if access == Access::Create {
            return refused_creation(self, path);
        }
        let error = self.access(path, access).err().filter(|error| error.kind() != io::ErrorKind::NotFound)?;
        Some(refused_access(access, None, &error))
    }

    /// Whether this is at a path.
    fn has(&self, path: &Path, existing: PathKind) -> bool {
        self.look(path).is_ok_and(|found| found == existing)
    }
}

/// Why files cannot be created in a directory that is itself created, with those above it, if it does not exist.
fn refused_creation<M: Machine + ?Sized>(machine: &M, path: &Path) -> Option<String> {
    let resolved = machine.resolve(path);
    for directory in resolved.ancestors() {
        let outcome = match machine.look(directory) {
            Ok(PathKind::Directory) => machine.access(directory, Access::Write),
            Ok(found) => Err(io::Error::other(format!("it is a {found}"))),
            // A file on the way is found at its own turn.
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => continue,
            Err(error) => Err(error),
        };
        let at = (directory != path).then_some(directory);
        return outcome.err().map(|error| refused_access(Access::Create, at, &error));
    }
    None
}
