//! Coalesces one call's frames into one write. A call is a frame of headers and a frame of data, which two tasks queue one
//! after the other, and each write to a socket costs as much as the rest of the call.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// More than this is written at once.
const GATHERED_MAX_BYTES: usize = 64 << 10;

/// A stream that is written to when everything that is ready to be written is in its buffer.
#[derive(Debug)]
pub(super) struct Gathered<S> {
    stream: S,
    gathered: Vec<u8>,
    /// The other tasks have run since the first flush.
    has_waited: bool,
}

impl<S: AsyncWrite + Unpin> Gathered<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, gathered: Vec::new(), has_waited: false }
    }

    fn poll_drain(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.gathered.is_empty() {
            match ready!(Pin::new(&mut self.stream).poll_write(context, &self.gathered))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => drop(self.gathered.drain(..written)),
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Gathered<S> {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Gathered<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.gathered.len() >= GATHERED_MAX_BYTES {
            ready!(self.poll_drain(context))?;
        }
        self.gathered.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.gathered.len() >= GATHERED_MAX_BYTES {
            ready!(self.poll_drain(context))?;
        }
        bytes.iter().for_each(|slice| self.gathered.extend_from_slice(slice));
        Poll::Ready(Ok(bytes.iter().map(|slice| slice.len()).sum()))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.gathered.is_empty() && !self.has_waited {
            self.has_waited = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        ready!(self.poll_drain(context))?;
        self.has_waited = false;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_drain(context))?;
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    /// Counts the writes that reach the inner stream.
    struct Counting<S>(S, usize);

    impl<S: AsyncWrite + Unpin> AsyncWrite for Counting<S> {
        fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            self.1 += 1;
            Pin::new(&mut self.0).poll_write(context, bytes)
        }

        fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_flush(context)
        }

        fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.0).poll_shutdown(context)
        }
    }

    #[tokio::test]
    async fn bytes_written_before_a_flush_are_sent_in_one_write_and_in_order() {
        let (ours, mut theirs) = duplex(1 << 20);
        let mut gathered = Gathered::new(Counting(ours, 0));
        gathered.write_all(b"headers ").await.unwrap();
        gathered.write_all(b"data").await.unwrap();
        gathered.flush().await.unwrap();
        assert_eq!(gathered.stream.1, 1);
        let mut read = [0; 12];
        theirs.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"headers data");
    }

    #[tokio::test]
    async fn the_buffer_holds_no_more_than_the_bound_and_one_write() {
        let (ours, mut theirs) = duplex(1 << 20);
        let mut gathered = Gathered::new(ours);
        let piece = vec![7; GATHERED_MAX_BYTES];
        for _ in 0..4 {
            gathered.write_all(&piece).await.unwrap();
            assert!(gathered.gathered.len() <= GATHERED_MAX_BYTES);
        }
        gathered.shutdown().await.unwrap();
        let mut read = Vec::new();
        drop(gathered);
        theirs.read_to_end(&mut read).await.unwrap();
        assert_eq!(read, vec![7; 4 * GATHERED_MAX_BYTES]);
    }
}
