//! The machine of this process, for rules about it, and its environment. It does not know configs.

use std::{
    env,
    ffi::OsString,
    fs::{self, File, FileType},
    io,
    net::{SocketAddr, TcpListener, ToSocketAddrs as _},
    path::{Component, Path, PathBuf},
    sync::mpsc,
    thread,
    time::Duration,
};

#[cfg(all(unix, feature = "runtime"))]
use l2_adapter_schema::Access;
use l2_adapter_schema::{Machine, PathKind};

/// The machine this process runs on: its files, its addresses, and the process's working directory and rights. Rights and direct
/// I/O are known with the feature `runtime`.
///
/// ```
/// use l2_adapter::{Context, PathKind, Machine as _, ThisMachine};
///
/// assert!(ThisMachine.has(std::env::temp_dir().as_path(), PathKind::Directory));
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

/// Opens a file that a user names, for reading. It never waits: a FIFO in a folder is refused, because opening it waits for a
/// writer. The pipes of a shell (`<(command)`, `/dev/stdin`) are already open.
///
/// # Errors
///
/// The system's error, or the file is a FIFO.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    if fs::metadata(path).is_ok_and(|metadata| is_fifo(metadata.file_type())) && fs::canonicalize(path).is_ok() {
        let reason =
            "it is a FIFO, which may never have a writer: read it with another program, and pipe that into `-`";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
    }
    File::open(path)
}

impl Machine for ThisMachine {
    fn look(&self, path: &Path) -> io::Result<PathKind> {
        Ok(existing(fs::metadata(path)?.file_type()))
    }

    #[cfg(all(unix, feature = "runtime"))]
    fn access(&self, path: &Path, access: Access) -> io::Result<()> {
        use rustix::fs;
        let kinds = match access {
            Access::Read => fs::Access::READ_OK,
            Access::Write | Access::Create => fs::Access::READ_OK | fs::Access::WRITE_OK,
        };
        let is_directory = path.is_dir();
        let kinds = if is_directory { kinds | fs::Access::EXEC_OK } else { kinds };
        Ok(fs::accessat(fs::CWD, path, kinds, fs::AtFlags::EACCESS)?)
    }

    #[cfg(all(target_os = "linux", feature = "runtime"))]
    fn direct_io(&self, path: &Path) -> io::Result<()> {
        use rustix::{
            fs::{CWD, Mode, OFlags, openat},
            io::Errno,
        };
        // A missing path would be created in the nearest existing folder above it.
        let path = self.resolve(path);
        let Some((path, metadata)) = path.ancestors().find_map(|path| Some((path, fs::metadata(path).ok()?))) else {
            return Ok(());
        };
        // In a folder it is tested with a nameless file, which disappears when it is closed.
        let flags = match existing(metadata.file_type()) {
            PathKind::Directory => OFlags::TMPFILE | OFlags::RDWR,
            PathKind::File => OFlags::RDONLY,
            PathKind::Device | PathKind::Other => return Ok(()),
        };
        let open = |flags| openat(CWD, path, flags | OFlags::CLOEXEC, Mode::RUSR | Mode::WUSR);
        match open(flags | OFlags::DIRECT) {
            // Other errors, such as on a file system without such files, do not concern `O_DIRECT`.
            Err(error @ Errno::INVAL) if open(flags).is_ok() => Err(error.into()),
            _ => Ok(()),
        }
    }

    fn listen(&self, host: &str, port: u16) -> io::Result<()> {
        let mut first_error = None;
        for address in addresses(host, port)? {
            match TcpListener::bind(address) {
                Ok(_) => return Ok(()),
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        Err(first_error.unwrap_or_else(|| io::Error::other("the name has no address")))
    }

    fn system_file(&self, path: &Path) -> io::Result<String> {
        fs::read_to_string(path)
    }

    fn resolve(&self, path: &Path) -> PathBuf {
        // Without a working directory a relative path stays relative.
        let start = if path.is_absolute() { PathBuf::new() } else { env::current_dir().unwrap_or_default() };
        resolved(&start.join(path))
    }
}

/// How long to wait for name servers: as long as the system's own lookup waits for two of them.
const LOOKUP_DEADLINE: Duration = Duration::from_secs(20);

/// The addresses of a host. The system has no lookup with a deadline: the thread of one that is late ends by itself.
fn addresses(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    if let Ok(address) = host.parse() {
        return Ok(vec![SocketAddr::new(address, port)]);
    }
    let (sender, receiver) = mpsc::sync_channel(1);
    let name = host.to_owned();
    thread::Builder::new().name("lookup".to_owned()).spawn(move || {
        let found = (name.as_str(), port).to_socket_addrs().map(Vec::from_iter);
        // After the deadline nothing waits for it.
        let _ = sender.send(found);
    })?;
    let late = |_| Err(io::Error::new(io::ErrorKind::TimedOut, "no name server responds"));
    receiver.recv_timeout(LOOKUP_DEADLINE).unwrap_or_else(late)
}

fn existing(kind: FileType) -> PathKind {
    if kind.is_dir() {
        PathKind::Directory
    } else if kind.is_file() {
        PathKind::File
    } else if is_device(kind) {
        PathKind::Device
    } else {
        PathKind::Other
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

/// How many links are followed in one path, which is Linux's limit. More are a circle.
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
        assert_eq!(ThisMachine.look(&folder).unwrap(), PathKind::Directory);
        assert_eq!(ThisMachine.look(&folder.join("file")).unwrap(), PathKind::File);
        assert_eq!(ThisMachine.look(&folder.join("none")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_port_is_free_until_a_socket_listens_on_it() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = taken.local_addr().unwrap().port();
        assert_eq!(ThisMachine.listen("127.0.0.1", port).unwrap_err().kind(), io::ErrorKind::AddrInUse);
        drop(taken);
        assert!(ThisMachine.listen("127.0.0.1", port).is_ok());
        assert!(ThisMachine.listen("192.0.2.1", port).is_err(), "an address reserved for documentation");
    }

    #[cfg(feature = "runtime")]
    #[test]
    fn inspecting_a_folder_leaves_nothing_in_it() {
        let (_keep, folder) = folder();
        assert!(ThisMachine.access(&folder, Access::Write).is_ok());
        assert_eq!(ThisMachine.access(&folder.join("none"), Access::Read).unwrap_err().kind(), io::ErrorKind::NotFound);
        // The answer depends on the folder's file system, which gives the same one for a missing file.
        let taken = [folder.clone(), folder.join("not/there")].map(|path| ThisMachine.direct_io(&path).is_ok());
        assert_eq!(taken[0], taken[1]);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
        // The file system of processes does not accept direct reads.
        assert!(ThisMachine.direct_io(Path::new("/proc/self/status")).is_err());
    }

    #[test]
    fn a_relative_path_begins_at_the_working_directory() {
        let here = env::current_dir().unwrap();
        assert_eq!(ThisMachine.resolve(Path::new("src/none")), resolved(&here.join("src/none")));
        assert_eq!(ThisMachine.look(Path::new("src")).unwrap(), PathKind::Directory);
    }

    #[test]
    fn dots_are_resolved_even_in_missing_paths() {
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
            assert_eq!(ThisMachine.look(Path::new("/dev/null")).unwrap(), PathKind::Device);
            assert_eq!(ThisMachine.look(&folder.join("socket")).unwrap(), PathKind::Other);
        }

        #[test]
        fn links_are_followed_in_the_order_of_the_path() {
            let (_keep, folder) = folder();
            fs::create_dir_all(folder.join("real/inner")).unwrap();
            symlink("real/inner", folder.join("relative")).unwrap();
            symlink(folder.join("relative"), folder.join("absolute")).unwrap();
            assert_eq!(ThisMachine.look(&folder.join("absolute")).unwrap(), PathKind::Directory);
            assert_eq!(ThisMachine.resolve(&folder.join("absolute/x")), folder.join("real/inner/x"));
            // `..` is above the directory to which a link leads, not above the link.
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
