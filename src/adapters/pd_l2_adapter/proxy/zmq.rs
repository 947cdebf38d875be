//! A ZMQ PUSH socket to LMCache's classic proxy.
//!
//! A library's PUSH socket reports a message as sent when it has queued it, and loses the message silently if the proxy
//! restarts before it has left. (`zeromq` 0.7 also loses the first message after that, because it does not check whether the
//! proxy has closed the connection.) A lost message makes a decoder wait for ever, so here a message counts as sent when the
//! proxy's socket has read it: a PING follows it, which ZMTP 3.1 (libzmq since 4.2) answers in turn.
//!
//! Limits: the program behind the socket may not have processed the message. A proxy that dies with unread messages loses them,
//! and with them the requests that it would have forwarded. A peer that speaks ZMTP 3.0 answers no PING: for it a message
//! counts as sent when the kernel has it, on a connection that was open a moment before. If the network breaks a connection
//! before the answer has come, the message is sent again, so a proxy may get it twice.

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
    /// Connects, and checks that the peer is a PULL socket. `silence_max` is how long the proxy's machine may leave bytes
    /// unacknowledged before the connection breaks: nothing else shows that it has lost power.
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

    /// Passes a message to the kernel, on a connection that the proxy has not closed.
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

    /// Waits until the proxy's socket has read the last message, if it can report that.
    pub(super) async fn confirmed(&mut self) -> Result<(), Unsent> {
        while self.answers_pings {
            match self.next_frame().await? {
                Frame::Pong(context) if context == self.messages_written.to_be_bytes() => break,
                frame => self.answer(&frame)?,
            }
        }
        Ok(())
    }

    /// Waits for the end of an unused connection. Cancel-safe.
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
                    // A full kernel buffer shows that we are alive as well as an answer does.
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(()),
                    Err(error) => Err(error.into()),
                }
            }
            Frame::Error(reason) => Err(zmtp::ZmtpError::Refused(reason.clone()).into()),
            Frame::Ready(_) | Frame::Pong(_) | Frame::Other => Ok(()),
        }
    }

    /// Cancel-safe: received bytes are kept.
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
