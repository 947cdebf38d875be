//! TCP streams that report how they ended.
//!
//! If a sender's own kernel closes or resets its connection, no write of the sender is in flight: our sender keeps its socket
//! open during a write, whatever happens to the HTTP/2 connection on it, unless it dies. Any other end of a connection (we
//! close it, it times out) proves nothing.

use std::{
    io,
    net::SocketAddr,
    os::fd::{AsFd, OwnedFd},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

/// Whether the sockets of a sender's rank may close before its process ends. Shared by the rank and its attempts to connect.
#[derive(Debug, Clone, Default)]
pub(crate) struct SocketsStayOpen(Arc<AtomicBool>);

impl SocketsStayOpen {
    /// No socket closes from now on: a write is in flight, and the receiver would take the end of a connection for its end.
    pub(crate) fn until_the_process_ends(&self) {
        self.0.store(true, Ordering::Release);
    }
}

/// Keeps a sender's socket open, also when the HTTP/2 connection on it has ended. The kernel closes the connection when it is
/// dropped.
#[derive(Debug)]
pub(super) struct SocketHold {
    /// `None` only within `drop`.
    pub(super) socket: Option<OwnedFd>,
    stays_open: SocketsStayOpen,
}

impl Drop for SocketHold {
    fn drop(&mut self) {
        if self.stays_open.0.load(Ordering::Acquire) {
            std::mem::forget(self.socket.take());
        }
    }
}

/// A sender's end of a connection: only dropping its hold shuts it down.
#[derive(Debug)]
pub(super) struct HeldStream {
    stream: TcpStream,
}

impl HeldStream {
    /// Connects, and returns what keeps the socket open.
    pub(super) async fn connect(address: SocketAddr, stays_open: SocketsStayOpen) -> io::Result<(Self, SocketHold)> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let hold = SocketHold { socket: Some(stream.as_fd().try_clone_to_owned()?), stays_open };
        Ok((Self { stream }, hold))
    }
}

impl AsyncRead for HeldStream {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl AsyncWrite for HeldStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    /// Shutting the socket down would tell the receiver that no write is in flight. Only the hold may do that.
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// Called when the peer's kernel has closed or reset a connection, at most once.
pub(super) type WhenPeerCloses = Box<dyn FnOnce() + Send>;

/// A receiver's end of a connection, which detects how it ends.
pub(super) struct WatchedStream {
    stream: TcpStream,
    when_peer_closes: Option<WhenPeerCloses>,
}

impl WatchedStream {
    pub(super) fn new(stream: TcpStream, when_peer_closes: WhenPeerCloses) -> Self {
        Self { stream, when_peer_closes: Some(when_peer_closes) }
    }

    fn peer_closed(&mut self) {
        if let Some(tell) = self.when_peer_closes.take() {
            tell();
        }
    }
}

impl AsyncRead for WatchedStream {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let (before, room) = (into.filled().len(), into.remaining());
        let result = ready!(Pin::new(&mut self.stream).poll_read(context, into));
        match &result {
            Ok(()) if room > 0 && into.filled().len() == before => self.peer_closed(),
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => self.peer_closed(),
            _ => {}
        }
        Poll::Ready(result)
    }
}

impl AsyncWrite for WatchedStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let result = ready!(Pin::new(&mut self.stream).poll_write(context, bytes));
        // A broken pipe means that an earlier write was answered with a reset: the peer's kernel has closed the connection.
        if let Err(error) = &result
            && matches!(error.kind(), io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe)
        {
            self.peer_closed();
        }
        Poll::Ready(result)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    /// The end that follows is no evidence about the peer: its kernel only answers ours.
    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.when_peer_closes = None;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
