//! The bytes of ZMTP 3.1 (ZeroMQ RFC 37) that a PUSH socket without security exchanges with a PULL socket. Pure.

/// Length of the greeting, the first bytes of each side.
pub(super) const GREETING_BYTES: usize = 64;
/// Positions of the version and of the peer's security mechanism in a greeting.
const VERSION: usize = 10;
const MECHANISM: std::ops::Range<usize> = 12..32;

/// A peer that sends a longer frame is not a PULL socket, which sends only commands.
pub(super) const FRAME_MAX_BYTES: u64 = 4096;

const LONG: u8 = 0b010;
const COMMAND: u8 = 0b100;

const OUR_VERSION: [u8; 2] = [3, 1];

/// The peer's capabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PeerGreeting {
    /// Whether it answers a PING (ZMTP 3.1, so libzmq since 4.2).
    pub(super) answers_pings: bool,
}

/// A frame of a PULL socket.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// Its socket type.
    Ready(Vec<u8>),
    /// It asks whether we are alive; the answer has the same context.
    Ping(Vec<u8>),
    /// The answer to our PING with this context: everything that was sent before it has been read.
    Pong(Vec<u8>),
    /// It refuses us.
    Error(String),
    /// Of no importance to a PUSH socket.
    Other,
}

/// The peer does not speak ZMTP, or is not usable.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ZmtpError {
    #[error("the listener is not a ZMQ socket")]
    NotZmq,
    #[error("its ZMTP version {0}.{1} is older than 3.0")]
    Version(u8, u8),
    #[error("it requires the security mechanism {0:?}, and only NULL is supported")]
    Mechanism(String),
    #[error("its socket has the type {0:?} instead of PULL")]
    SocketType(String),
    #[error("it refused the connection: {0}")]
    Refused(String),
    #[error("it sent a frame of {0} bytes, which is more than is accepted")]
    TooLong(u64),
}

pub(super) fn greeting() -> [u8; GREETING_BYTES] {
    let mut greeting = [0; GREETING_BYTES];
    greeting[0] = 0xFF;
    // For an old peer, the length of an empty message.
    greeting[8] = 1;
    greeting[9] = 0x7F;
    greeting[VERSION..VERSION + 2].copy_from_slice(&OUR_VERSION);
    greeting[MECHANISM.start..MECHANISM.start + 4].copy_from_slice(b"NULL");
    greeting
}

pub(super) fn read_greeting(greeting: &[u8; GREETING_BYTES]) -> Result<PeerGreeting, ZmtpError> {
    if greeting[0] != 0xFF || greeting[9] != 0x7F {
        return Err(ZmtpError::NotZmq);
    }
    let version = (greeting[VERSION], greeting[VERSION + 1]);
    if version < (3, 0) {
        return Err(ZmtpError::Version(version.0, version.1));
    }
    let mechanism = String::from_utf8_lossy(&greeting[MECHANISM]);
    match mechanism.trim_end_matches('\0') {
        "NULL" => Ok(PeerGreeting { answers_pings: version >= (3, 1) }),
        other => Err(ZmtpError::Mechanism(other.to_owned())),
    }
}

/// Announces a PUSH socket.
pub(super) fn ready() -> Vec<u8> {
    let mut body = named("READY");
    body.extend(named("Socket-Type"));
    body.extend(4_u32.to_be_bytes());
    body.extend(b"PUSH");
    frame(COMMAND, &body)
}

/// Requests an answer with the same context, which comes after everything before it was read.
pub(super) fn ping(context: &[u8]) -> Vec<u8> {
    let mut body = named("PING");
    // No further PINGs are announced.
    body.extend(0_u16.to_be_bytes());
    body.extend(context);
    frame(COMMAND, &body)
}

pub(super) fn pong(context: &[u8]) -> Vec<u8> {
    let mut body = named("PONG");
    body.extend(context);
    frame(COMMAND, &body)
}

/// A message of one part.
pub(super) fn message(body: &[u8]) -> Vec<u8> {
    frame(0, body)
}

/// Removes and returns the first whole frame of the received bytes.
pub(super) fn take_frame(received: &mut Vec<u8>) -> Result<Option<Frame>, ZmtpError> {
    let Some(&flags) = received.first() else { return Ok(None) };
    let (header, length) = if flags & LONG == 0 {
        let Some(length) = received.get(1) else { return Ok(None) };
        (2, u64::from(*length))
    } else {
        let Some(length) = received.get(1..9).and_then(|length| length.try_into().ok()) else { return Ok(None) };
        (9, u64::from_be_bytes(length))
    };
    if length > FRAME_MAX_BYTES {
        return Err(ZmtpError::TooLong(length));
    }
    // At most `FRAME_MAX_BYTES`.
    let end = header + length as usize;
    let Some(body) = received.get(header..end) else { return Ok(None) };
    let frame = if flags & COMMAND == 0 { Frame::Other } else { command(body) };
    received.drain(..end);
    Ok(Some(frame))
}

/// Whether the peer's `READY` is that of a PULL socket.
pub(super) fn check_socket_type(socket_type: &[u8]) -> Result<(), ZmtpError> {
    if socket_type == b"PULL" {
        return Ok(());
    }
    Err(ZmtpError::SocketType(String::from_utf8_lossy(socket_type).into_owned()))
}

fn command(body: &[u8]) -> Frame {
    let Some((name, rest)) = split_name(body) else { return Frame::Other };
    match name {
        b"READY" => Frame::Ready(socket_type(rest)),
        // After the time to live comes the context.
        b"PING" => Frame::Ping(rest.get(2..).unwrap_or_default().to_vec()),
        b"PONG" => Frame::Pong(rest.to_vec()),
        b"ERROR" => {
            let (reason, _) = split_name(rest).unwrap_or_default();
            Frame::Error(String::from_utf8_lossy(reason).into_owned())
        }
        _ => Frame::Other,
    }
}

/// The value of the property `Socket-Type`; names do not depend on case.
fn socket_type(mut properties: &[u8]) -> Vec<u8> {
    while let Some((name, rest)) = split_name(properties) {
        let Some((length, rest)) = rest.split_first_chunk::<4>() else { break };
        let Some((value, rest)) = rest.split_at_checked(u32::from_be_bytes(*length) as usize) else { break };
        if name.eq_ignore_ascii_case(b"Socket-Type") {
            return value.to_vec();
        }
        properties = rest;
    }
    Vec::new()
}

fn split_name(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first()?;
    rest.split_at_checked(usize::from(*length))
}

/// A name with its length; ours are shorter than 256 bytes.
fn named(name: &str) -> Vec<u8> {
    let mut bytes = vec![name.len() as u8];
    bytes.extend(name.as_bytes());
    bytes
}

fn frame(flags: u8, body: &[u8]) -> Vec<u8> {
    let mut frame = match u8::try_from(body.len()) {
        Ok(length) => vec![flags, length],
        Err(_) => {
            let mut header = vec![flags | LONG];
            header.extend((body.len() as u64).to_be_bytes());
            header
        }
    };
    frame.extend(body);
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What libzmq 4.3 sends as a PULL socket.
    const LIBZMQ_READY: &[u8] = b"\x04\x27\x05READY\x0bSocket-Type\x00\x00\x00\x04PULL\x08Identity\x00\x00\x00\x00";

    #[test]
    fn the_ready_of_a_pull_socket_is_read_however_it_is_split() {
        let mut received = Vec::new();
        for byte in &LIBZMQ_READY[..LIBZMQ_READY.len() - 1] {
            received.push(*byte);
            assert_eq!(take_frame(&mut received), Ok(None));
        }
        received.push(0);
        assert_eq!(take_frame(&mut received), Ok(Some(Frame::Ready(b"PULL".to_vec()))));
        assert!(received.is_empty());
        assert_eq!(check_socket_type(b"REP"), Err(ZmtpError::SocketType("REP".to_owned())));
    }

    #[test]
    fn the_error_for_a_greeting_names_the_mismatch() {
        let ours = greeting();
        assert_eq!(read_greeting(&ours), Ok(PeerGreeting { answers_pings: true }));
        let mut other = ours;
        other[VERSION + 1] = 0;
        assert_eq!(read_greeting(&other), Ok(PeerGreeting { answers_pings: false }));
        other[VERSION] = 2;
        assert_eq!(read_greeting(&other), Err(ZmtpError::Version(2, 0)));
        let mut other = ours;
        other[MECHANISM.start..MECHANISM.start + 5].copy_from_slice(b"CURVE");
        assert_eq!(read_greeting(&other), Err(ZmtpError::Mechanism("CURVE".to_owned())));
        assert_eq!(
            read_greeting(
                b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n"[..GREETING_BYTES]
                    .try_into()
                    .unwrap()
            ),
            Err(ZmtpError::NotZmq)
        );
    }

    #[test]
    fn a_ping_is_read_with_its_context_and_an_error_with_its_reason() {
        let mut received = ping(b"xy");
        received.extend(pong(b"z"));
        received.extend(b"\x04\x09\x05ERROR\x02no");
        assert_eq!(take_frame(&mut received), Ok(Some(Frame::Ping(b"xy".to_vec()))));
        assert_eq!(take_frame(&mut received), Ok(Some(Frame::Pong(b"z".to_vec()))));
        assert_eq!(take_frame(&mut received), Ok(Some(Frame::Error("no".to_owned()))));
    }

    #[test]
    fn an_overlong_frame_is_refused_before_it_has_arrived() {
        let mut received = vec![COMMAND | LONG];
        received.extend((FRAME_MAX_BYTES + 1).to_be_bytes());
        assert_eq!(take_frame(&mut received), Err(ZmtpError::TooLong(FRAME_MAX_BYTES + 1)));
    }

    #[test]
    fn messages_have_a_short_length_up_to_255_bytes_and_a_long_one_beyond() {
        assert_eq!(message(b"ab"), b"\x00\x02ab");
        assert_eq!(message(&[7; 256])[..9], [LONG, 0, 0, 0, 0, 0, 0, 1, 0]);
    }
}
