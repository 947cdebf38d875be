//! A ZMQ PUSH socket to LMCache's classic proxy.

use zeromq::{PushSocket, Socket, SocketSend, ZmqError};

use super::notifier::Unsent;

/// A connection to a proxy.
pub(super) struct ZmqProxy(PushSocket);

impl ZmqProxy {
    /// Connects; waits for as long as the proxy is absent.
    pub(super) async fn connect(host: &str, port: u16) -> Result<Self, Unsent> {
        let mut socket = PushSocket::new();
        socket.connect(&format!("tcp://{}:{port}", bracketed(host))).await.map_err(unsent)?;
        Ok(Self(socket))
    }

    pub(super) async fn send(&mut self, message: Vec<u8>) -> Result<(), Unsent> {
        self.0.send(message.into()).await.map_err(unsent)
    }
}

/// An IPv6 address needs brackets before a port.
pub(super) fn bracketed(host: &str) -> String {
    if host.contains(':') && !host.starts_with('[') { format!("[{host}]") } else { host.to_owned() }
}

fn unsent(error: ZmqError) -> Unsent {
    Unsent(error.to_string())
}
