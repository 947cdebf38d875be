//! The two ports of a receiver's TP rank.

use std::{
    io,
    net::{SocketAddr, TcpListener},
};

use rustix::io::Errno;

use crate::adapters::pd_l2_adapter::host::Host;

/// Where a rank listens.
#[derive(Debug, Clone)]
pub(crate) struct ListenAddresses {
    pub(crate) host: Host,
    pub(crate) init_port: u16,
    pub(crate) alloc_port: u16,
}

/// Both ports, bound.
#[derive(Debug)]
pub(crate) struct ControlPorts {
    pub(super) init: TcpListener,
    pub(super) alloc: TcpListener,
}

/// A port that cannot be had.
#[derive(Debug, thiserror::Error)]
#[error("`{key}` {port} cannot be listened on at {host}: {}", advice(source))]
pub(crate) struct BindError {
    key: &'static str,
    host: Host,
    port: u16,
    #[source]
    pub(crate) source: io::Error,
}

/// What to do about it.
fn advice(error: &io::Error) -> &'static str {
    const OPEN_FILES: [Option<i32>; 2] = [Some(Errno::MFILE.raw_os_error()), Some(Errno::NFILE.raw_os_error())];
    match error.kind() {
        io::ErrorKind::AddrInUse => "free the port, or give another one on both nodes",
        io::ErrorKind::AddrNotAvailable => {
            "this is no address of this machine: give one in `listen_host`, where senders reach it by another"
        }
        io::ErrorKind::PermissionDenied => {
            "a port below 1024 needs the right to use it: give a higher one on both nodes"
        }
        _ if OPEN_FILES.contains(&error.raw_os_error()) => "too many files are open: raise the limit (`ulimit -n`)",
        _ if error.raw_os_error().is_none() => {
            "its name leads to no address: give an address in `listen_host`, or a name that this machine knows"
        }
        _ => "see the reason",
    }
}

impl ControlPorts {
    /// Where the init and the alloc port are listened on.
    ///
    /// # Errors
    ///
    /// The system does not know its own sockets.
    pub(crate) fn addresses(&self) -> io::Result<[SocketAddr; 2]> {
        Ok([self.init.local_addr()?, self.alloc.local_addr()?])
    }

    /// Binds both.
    ///
    /// # Errors
    ///
    /// A port is taken, or the host is not an address of this machine.
    pub(crate) fn bind(addresses: &ListenAddresses) -> Result<Self, BindError> {
        let listen = |key, port| {
            let bound = TcpListener::bind((addresses.host.as_str(), port));
            let ready = bound.and_then(|listener| listener.set_nonblocking(true).map(|()| listener));
            ready.map_err(|source| BindError { key, host: addresses.host.clone(), port, source })
        };
        Ok(Self {
            init: listen("peer_init_port", addresses.init_port)?,
            alloc: listen("peer_alloc_port", addresses.alloc_port)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(host: &str, port: u16) -> String {
        let addresses = ListenAddresses { host: Host::new(host), init_port: port, alloc_port: 0 };
        ControlPorts::bind(&addresses).unwrap_err().to_string()
    }

    #[test]
    fn a_port_that_cannot_be_had_says_what_to_do_by_its_cause() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        assert!(told("127.0.0.1", taken.local_addr().unwrap().port()).contains("at 127.0.0.1: free the port"));
        // For documentation only: no machine has it.
        assert!(told("2001:db8::1", 1).contains("at [2001:db8::1]: this is no address of this machine"));
        assert!(told("no.such.name.invalid", 1).contains("its name leads to no address"));
        for (errno, told) in [(Errno::ACCESS, "below 1024"), (Errno::MFILE, "ulimit -n"), (Errno::NFILE, "ulimit -n")] {
            let advice = advice(&errno.into());
            assert!(advice.contains(told), "{advice}");
        }
    }
}
