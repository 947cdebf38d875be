//! The two ports of a receiver's TP rank.

use std::{
    io,
    net::{SocketAddr, TcpListener, ToSocketAddrs as _},
};

use crate::adapters::pd_l2_adapter::{
    advice::{Wanted, advice},
    host::Host,
};

/// The addresses on which a rank listens.
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

/// A port that cannot be bound.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on `{key}` {port} at {host}: {}", advice(Wanted::Listener, source).unwrap_or("see the reason"))]
pub(crate) struct BindError {
    key: &'static str,
    host: Host,
    port: u16,
    #[source]
    pub(crate) source: io::Error,
}

impl ControlPorts {
    /// The addresses of the init and the alloc port.
    ///
    /// # Errors
    ///
    /// The system does not report the addresses of its own sockets.
    pub(crate) fn addresses(&self) -> io::Result<[SocketAddr; 2]> {
        Ok([self.init.local_addr()?, self.alloc.local_addr()?])
    }

    /// Binds both ports, at the first of the host's addresses where both are free.
    ///
    /// # Errors
    ///
    /// A port is taken, or the host is not an address of this machine: the error is that of its first address.
    pub(crate) fn bind(addresses: &ListenAddresses) -> Result<Self, BindError> {
        let ListenAddresses { host, init_port, alloc_port } = addresses;
        let failed = |key, port| move |source| BindError { key, host: host.clone(), port, source };
        let listen = |address: SocketAddr| {
            TcpListener::bind(address).and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
        };
        let found = (host.as_str(), *init_port).to_socket_addrs().map_err(failed("peer_init_port", *init_port))?;
        let mut first_error = None;
        for init_address in found {
            let alloc_address = SocketAddr::new(init_address.ip(), *alloc_port);
            // A link-local address has a scope.
            let alloc_address = match (init_address, alloc_address) {
                (SocketAddr::V6(init), SocketAddr::V6(mut alloc)) => {
                    alloc.set_scope_id(init.scope_id());
                    SocketAddr::V6(alloc)
                }
                (_, alloc) => alloc,
            };
            let init = listen(init_address).map_err(failed("peer_init_port", *init_port));
            let both = init.and_then(|init| {
                let alloc = listen(alloc_address).map_err(failed("peer_alloc_port", *alloc_port))?;
                Ok(Self { init, alloc })
            });
            match both {
                Ok(both) => return Ok(both),
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        let nowhere = || failed("peer_init_port", *init_port)(io::Error::other("the name has no address"));
        Err(first_error.unwrap_or_else(nowhere))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_for(host: &str, port: u16) -> String {
        let addresses = ListenAddresses { host: Host::new(host), init_port: port, alloc_port: 0 };
        ControlPorts::bind(&addresses).unwrap_err().to_string()
    }

    #[test]
    fn the_error_for_a_port_says_what_to_do_by_its_cause() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        assert!(error_for("127.0.0.1", taken.local_addr().unwrap().port()).contains("at 127.0.0.1: free the port"));
        // An address reserved for documentation: no machine has it.
        assert!(error_for("2001:db8::1", 1).contains("at [2001:db8::1]: this is not an address of this machine"));
        assert!(error_for("no.such.name.invalid", 1).contains("the name has no address"));
        // The first address of localhost is one of these, and on some machines the name has both.
        let taken = ["127.0.0.1", "::1"].map(|host| TcpListener::bind((host, 0)));
        let [Ok(first), second] = taken else { panic!("{taken:?}") };
        let port = first.local_addr().unwrap().port();
        let _second = second.and_then(|_| TcpListener::bind(("::1", port)));
        assert!(error_for("localhost", port).contains("at localhost: free the port"));
    }
}
