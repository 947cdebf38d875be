//! The two ports of a receiver's TP rank.

use std::{io, net::TcpListener};

/// Where a rank listens.
#[derive(Debug, Clone)]
pub(crate) struct ListenAddresses {
    pub(crate) host: String,
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
#[error("`{key}` {port} cannot be listened on at {host}: free the port, or give another one on both nodes")]
pub(crate) struct BindError {
    key: &'static str,
    host: String,
    port: u16,
    #[source]
    pub(crate) source: io::Error,
}

impl ControlPorts {
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
