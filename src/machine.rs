//! The machine of this process, for rules that read it, and its environment. It knows paths and nothing of configs.

use std::{
    env,
    ffi::OsString,
    fs::{self, File, FileType},
    io,
    path::{Component, Path, PathBuf},
};

use l2_adapter_schema::{Existing, Machine};

/// The machine this process runs on: its files, and the process's working directory.
///
/// ```
/// use l2_adapter::{Context, Existing, Machine as _, ThisMachine};
///
/// assert!(ThisMachine.has(std::env::temp_dir().as_path(), Existing::Directory));
/// let context = Context::empty().with_machine(&ThisMachine);
/// assert!(context.machine().is_some());
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ThisMachine;

/// The value of a variable of this process's environment, for [`Context::with_environment`](crate::Context::with_environment).
///
/// ```
/// use l2_adapter::{Context, environment_variable};
///
/// let context = Context::empty().with_environment(&environment_variable);
/// assert_eq!(context.variable("PATH"), std::env::var_os("PATH"));
/// ```
pub fn environment_variable(name: &str) -> Option<OsString> {
    env::var_os(name)
}

/// Opens a file that a user names for reading. It never waits: a FIFO in a folder is refused, since opening it waits for somebody who
/// writes. The pipes of a shell (`<(command)`, `/dev/stdin`) are open already.
///
/// # Errors
///
/// What the system says, or that it is a FIFO.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    if fs::metadata(path).is_ok_and(|metadata| is_fifo(metadata.file_type())) && fs::canonicalize(path).is_ok() {
        let reason =
            "it is a FIFO, which may never have a writer: read it with another program, and pipe that into `-`";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
    }
    File::open(path)
}

impl Machine for ThisMachine {
    fn look(&self, path: &Path) -> io::Result<Existing> {
        Ok(existing(fs::metadata(path)?.file_type()))
    }

    fn resolve(&self, path: &Path) -> PathBuf {
        // Without a working directory a relative path leads nowhere, and stays relative.
        let start = if path.is_absolute() { PathBuf::new() } else { env::current_dir().unwrap_or_default() };
        resolved(&start.join(path))
    }
}

fn existing(kind: FileType) -> Existing {
    if kind.is_dir() {
        Existing::Directory
    } else if kind.is_file() {
        Existing::File
    } else if is_device(kind) {
        Existing::Device
    } else {
        Existing::Other
    }
}

#[cfg(unix)]
fn is_device(kind: FileType) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    kind.is_block_device() || kind.is_char_device()
}

#[cfg(unix)]
fn is_fifo(kind: FileType) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    kind.is_fifo()
}

#[cfg(not(unix))]
fn is_device(_: FileType) -> bool {
    false
}

#[cfg(not(unix))]
fn is_fifo(_: FileType) -> bool {
    false
}

/// How many links are followed in one path, as Linux limits them: then they lead in a circle.
const LINKS_MAX: usize = 40;

/// The path with its links followed, one component after the other. A component that does not exist is not a link.
fn resolved(path: &Path) -> PathBuf {
    let mut result = PathBuf::new();
    let mut links = 0;
    // The components to come, the next one last.
    let mut rest: Vec<OsString> = reversed(path);
    while let Some(name) = rest.pop() {
        match Path::new(&name).components().next() {
            Some(Component::ParentDir) => {
                result.pop();
            }
            Some(Component::Normal(_)) => {
                let candidate = result.join(&name);
                match fs::read_link(&candidate) {
                    Ok(target) if links < LINKS_MAX => {
                        links += 1;
                        rest.extend(reversed(&target));
                    }
                    _ => result = candidate,
                }
            }
            // The root, from which an absolute link starts again.
            Some(_) => result.push(&name),
            None => {}
        }
    }
    result
}

/// The components of a path, the last one first, without `.`.
fn reversed(path: &Path) -> Vec<OsString> {
    let names = path.components().rev().filter(|component| *component != Component::CurDir);
    names.map(|component| component.as_os_str().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An empty folder, its own path without links.
    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = fs::canonicalize(folder.path()).unwrap();
        (folder, path)
    }

    #[test]
    fn directories_files_and_missing_paths_are_distinguished() {
        let (_keep, folder) = folder();
        fs::write(folder.join("file"), "").unwrap();
        assert_eq!(ThisMachine.look(&folder).unwrap(), Existing::Directory);
        assert_eq!(ThisMachine.look(&folder.join("file")).unwrap(), Existing::File);
        assert_eq!(ThisMachine.look(&folder.join("none")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_relative_path_begins_at_the_working_directory() {
        let here = env::current_dir().unwrap();
        assert_eq!(ThisMachine.resolve(Path::new("src/none")), resolved(&here.join("src/none")));
        assert_eq!(ThisMachine.look(Path::new("src")).unwrap(), Existing::Directory);
    }

    #[test]
    fn dots_are_taken_out_whether_or_not_anything_is_there() {
        let (_keep, folder) = folder();
        assert_eq!(ThisMachine.resolve(&folder.join("./none/../other/.")), folder.join("other"));
        assert_eq!(ThisMachine.resolve(Path::new("/../..//a/")), Path::new("/a"));
    }

    #[cfg(unix)]
    mod unix {
        use std::os::unix::{fs::symlink, net::UnixListener};

        use super::*;

        #[test]
        fn devices_and_sockets_are_neither_files_nor_directories() {
            let (_keep, folder) = folder();
            let _listener = UnixListener::bind(folder.join("socket")).unwrap();
            assert_eq!(ThisMachine.look(Path::new("/dev/null")).unwrap(), Existing::Device);
            assert_eq!(ThisMachine.look(&folder.join("socket")).unwrap(), Existing::Other);
        }

        #[test]
        fn links_are_followed_as_they_stand_in_the_path() {
            let (_keep, folder) = folder();
            fs::create_dir_all(folder.join("real/inner")).unwrap();
            symlink("real/inner", folder.join("relative")).unwrap();
            symlink(folder.join("relative"), folder.join("absolute")).unwrap();
            assert_eq!(ThisMachine.look(&folder.join("absolute")).unwrap(), Existing::Directory);
            assert_eq!(ThisMachine.resolve(&folder.join("absolute/x")), folder.join("real/inner/x"));
            // Above the directory a link leads to, not above the link.
            assert_eq!(ThisMachine.resolve(&folder.join("relative/..")), folder.join("real"));
        }

        #[test]
        fn a_dangling_link_resolves_to_its_target() {
            let (_keep, folder) = folder();
            symlink("none/deep", folder.join("dangling")).unwrap();
            assert_eq!(ThisMachine.resolve(&folder.join("dangling/x")), folder.join("none/deep/x"));
            assert_eq!(ThisMachine.look(&folder.join("dangling")).unwrap_err().kind(), io::ErrorKind::NotFound);
        }

        #[test]
        fn links_in_a_circle_end() {
            let (_keep, folder) = folder();
            symlink("second", folder.join("first")).unwrap();
            symlink("first", folder.join("second")).unwrap();
            assert!(ThisMachine.resolve(&folder.join("first")).starts_with(&folder));
            assert!(ThisMachine.look(&folder.join("first")).is_err());
        }
    }
}
