//! A ZMQ PUSH socket to LMCache's classic proxy.
//!
//! A PUSH socket of a library says "sent" when it has queued a message, and loses it without a word when the proxy is
//! restarted before it has left (`zeromq` 0.7 also loses the first one after that, since it does not look whether the proxy
//! has closed the connection). What is lost here makes a decoder wait for ever, so a message counts as sent when the proxy's
//! socket has read it: a PING goes out behind it, which ZMTP 3.1 (libzmq since 4.2) answers when it comes to it.
//!
//! What this cannot tell: whether the program behind the socket has taken the message. A proxy that dies with messages
//! unread loses them, and with them the requests it would have forwarded. A peer that speaks ZMTP 3.0 answers no PING: for it
//! a message counts as sent when the kernel has it on a connection that was open a moment before. Where the network breaks a
//! connection before the answer has come the message goes out again, so that a proxy may get it twice.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{
    unsent::Unsent,
    zmtp::{self, Frame, GREETING_BYTES},
};
use crate::adapters::pd_l2_adapter::host::Host;

/// A connection to a proxy.
pub(super) struct ZmqProxy {
    stream: TcpStream,
    answers_pings: bool,
    messages_written: u64,
    received: Vec<u8>,
}

impl ZmqProxy {
    /// Connects, and learns that a PULL socket is there. `silence_max` is how long the proxy's machine may leave bytes
    /// unacknowledged before the connection breaks: nothing else says that it has lost power.
    pub(super) async fn connect(host: &Host, port: u16, silence_max: Duration) -> Result<Self, Unsent> {
        let mut stream = TcpStream::connect((host.as_str(), port)).await.map_err(Unsent::not_connected)?;
        stream.set_nodelay(true)?;
        let silence_max_ms = u32::try_from(silence_max.as_millis()).unwrap_or(u32::MAX);
        rustix::net::sockopt::set_tcp_user_timeout(&stream, silence_max_ms).map_err(io::Error::from)?;
        stream.write_all(&zmtp::greeting()).await?;
        let mut greeting = [0; GREETING_BYTES];
        stream.read_exact(&mut greeting).await?;
        let answers_pings = zmtp::read_greeting(&greeting)?.answers_pings;
        stream.write_all(&zmtp::ready()).await?;
        let mut proxy = Self { stream, answers_pings, messages_written: 0, received: Vec::new() };
        loop {
            match proxy.next_frame().await? {
                Frame::Ready(socket_type) => {
                    zmtp::check_socket_type(&socket_type)?;
                    return Ok(proxy);
                }
                frame => proxy.answer(&frame)?,
            }
        }
    }

    /// Hands a message to the kernel, on a connection that the proxy has not closed.
    pub(super) async fn write(&mut self, message: &[u8]) -> Result<(), Unsent> {
        tokio::select! {
            biased;
            error = self.ended() => return Err(error),
            () = std::future::ready(()) => {}
        }
        self.messages_written += 1;
        let mut bytes = zmtp::message(message);
        if self.answers_pings {
            bytes.extend(zmtp::ping(&self.messages_written.to_be_bytes()));
        }
        Ok(self.stream.write_all(&bytes).await?)
    }

    /// Waits until the proxy's socket has read the message that was written last, as far as it says so.
    pub(super) async fn confirmed(&mut self) -> Result<(), Unsent> {
        while self.answers_pings {
            match self.next_frame().await? {
                Frame::Pong(context) if context == self.messages_written.to_be_bytes() => break,
                frame => self.answer(&frame)?,
            }
        }
        Ok(())
    }

    /// Waits for the end of a connection that is not used. May be dropped while it waits.
    pub(super) async fn ended(&mut self) -> Unsent {
        loop {
            let answered = self.next_frame().await.and_then(|frame| self.answer(&frame));
            if let Err(error) = answered {
                return error;
            }
        }
    }

    fn answer(&self, frame: &Frame) -> Result<(), Unsent> {
        match frame {
            Frame::Ping(context) => {
                let pong = zmtp::pong(context);
                match self.stream.try_write(&pong) {
                    Ok(written) if written == pong.len() => Ok(()),
                    Ok(_) => Err(Unsent("it does not read its messages".to_owned())),
                    // What fills the kernel's buffer says that we live as well as an answer.
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
                    Err(error) => Err(error.into()),
                }
            }
            Frame::Error(reason) => Err(zmtp::ZmtpError::Refused(reason.clone()).into()),
            Frame::Ready(_) | Frame::Pong(_) | Frame::Other => Ok(()),
        }
    }

    /// May be dropped while it waits: what was received stays.
    async fn next_frame(&mut self) -> Result<Frame, Unsent> {
        loop {
            if let Some(frame) = zmtp::take_frame(&mut self.received)? {
                return Ok(frame);
            }
            if self.stream.read_buf(&mut self.received).await? == 0 {
                return Err(Unsent("it closed the connection".to_owned()));
            }
        }
    }
}
