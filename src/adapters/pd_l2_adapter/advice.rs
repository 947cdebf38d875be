//! Advice for an operator on errors of the operating system, by cause. Every use of a socket, a descriptor or a thread shares this
//! table.

use l2_adapter_schema::counted;
use std::{fs, io};

use rustix::{
    io::Errno,
    process::{Resource, getrlimit},
};

/// The resource that was requested from the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// A socket that listens at an address of the spec.
    Listener,
    /// A connection to an address of the spec.
    Connection,
    /// A descriptor, or a thread.
    Resource,
}

const OPEN_FILES: &str = "too many files are open: raise the limit (`ulimit -n`)";

/// Upper bound of what a NIXL agent needs: about 16 with one network interface (measured), and some for each further one.
const DESCRIPTORS_OF_AN_AGENT: u64 = 64;

/// What to do about an error, if its cause implies it.
pub(super) fn advice(wanted: Wanted, error: &io::Error) -> Option<&'static str> {
    let Some(code) = error.raw_os_error() else {
        // Name resolution has its own errors.
        return match wanted {
            Wanted::Listener => Some(
                "the name has no address: give an address in `listen_host`, or a name that this machine can resolve",
            ),
            Wanted::Connection => {
                Some("the name has no address: give an address, or a name that this machine can resolve")
            }
            Wanted::Resource => None,
        };
    };
    match (Errno::from_raw_os_error(code), wanted) {
        (Errno::MFILE, _) => Some(OPEN_FILES),
        (Errno::NFILE, _) => Some("too many files are open on this machine: raise `fs.file-max`"),
        (Errno::AGAIN, Wanted::Resource) => Some("too many threads are running: raise the limit (`ulimit -u`)"),
        (Errno::ADDRINUSE, Wanted::Listener) => Some("free the port, or give another one on both nodes"),
        (Errno::ADDRNOTAVAIL, Wanted::Listener) => Some(
            "this is not an address of this machine: if senders use another address than this machine has, set `listen_host`",
        ),
        (Errno::ADDRNOTAVAIL, Wanted::Connection) => {
            Some("this machine has no address of this kind to connect from, or no free port")
        }
        (Errno::ACCESS | Errno::PERM, Wanted::Listener) => {
            Some("a port below 1024 needs the capability CAP_NET_BIND_SERVICE: give a higher port on both nodes")
        }
        (Errno::ACCESS | Errno::PERM, Wanted::Connection) => {
            Some("a firewall or a security policy of this machine forbids it")
        }
        (Errno::INVAL, Wanted::Listener | Wanted::Connection) => {
            Some("a link-local address needs its interface, as in fe80::1%eth0")
        }
        _ => None,
    }
}

/// The error, with advice if there is any.
pub(super) fn with_advice(wanted: Wanted, error: &io::Error) -> String {
    match advice(wanted, error) {
        Some(advice) => format!("{error}: {advice}"),
        None => error.to_string(),
    }
}

/// For libraries that do not report why they failed: whether this process has almost no descriptors left.
pub(super) fn shortage_of_descriptors() -> Option<String> {
    let limit = getrlimit(Resource::Nofile).current?;
    match fs::read_dir("/proc/self/fd") {
        // The folder that is being read is one of them.
        Ok(open) => shortage((open.count() as u64).saturating_sub(1), limit),
        Err(error) => advice(Wanted::Resource, &error).map(str::to_owned),
    }
}

fn shortage(open: u64, limit: u64) -> Option<String> {
    let is_short = limit.saturating_sub(open) < DESCRIPTORS_OF_AN_AGENT;
    is_short.then(|| {
        format!(
            "this process has {}, and its limit is {limit}: raise the limit (`ulimit -n`)",
            counted(open, "open file")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advised(wanted: Wanted, errno: Errno) -> &'static str {
        advice(wanted, &errno.into()).unwrap_or_default()
    }

    #[test]
    fn each_cause_has_its_own_advice() {
        use Wanted::{Connection, Listener, Resource};
        for (wanted, errno, expected) in [
            (Listener, Errno::ADDRINUSE, "free the port"),
            (Listener, Errno::ADDRNOTAVAIL, "`listen_host`"),
            (Listener, Errno::ACCESS, "below 1024"),
            (Listener, Errno::INVAL, "fe80::1%eth0"),
            (Connection, Errno::ADDRNOTAVAIL, "to connect from"),
            (Connection, Errno::ACCESS, "a firewall"),
            (Connection, Errno::PERM, "a firewall"),
            (Connection, Errno::INVAL, "fe80::1%eth0"),
            (Resource, Errno::AGAIN, "`ulimit -u`"),
        ] {
            let advised = advised(wanted, errno);
            assert!(advised.contains(expected), "{wanted:?} {errno:?}: {advised}");
        }
    }

    #[test]
    fn a_lack_of_descriptors_has_advice_for_every_resource() {
        for wanted in [Wanted::Listener, Wanted::Connection, Wanted::Resource] {
            assert_eq!(advised(wanted, Errno::MFILE), OPEN_FILES);
            assert!(advised(wanted, Errno::NFILE).contains("`fs.file-max`"));
        }
    }

    #[test]
    fn an_unknown_name_gets_other_advice_than_a_refused_connection() {
        use std::net::ToSocketAddrs as _;
        let error = ("no.such.name.invalid", 1).to_socket_addrs().unwrap_err();
        assert!(advice(Wanted::Listener, &error).is_some_and(|advised| advised.contains("no address")));
        let advised = with_advice(Wanted::Connection, &error);
        assert!(advised.contains("lookup") && advised.contains("no address"), "{advised}");
        let refused = io::Error::from(Errno::CONNREFUSED);
        assert_eq!(with_advice(Wanted::Connection, &refused), refused.to_string());
    }

    #[test]
    fn a_shortage_is_reported_when_an_agent_would_run_out_of_descriptors() {
        assert_eq!(shortage(960, 1024), None);
        assert!(shortage(961, 1024).is_some_and(|advised| advised.contains("961 open files, and its limit is 1024")));
    }
}
