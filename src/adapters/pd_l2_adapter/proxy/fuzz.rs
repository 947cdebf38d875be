//! A fuzz target: everything that is read from the socket to which notifications are sent.

use super::zmtp::{
    FRAME_MAX_BYTES, Frame, GREETING_BYTES, ZmtpError, check_socket_type, message, ping, pong, read_greeting,
    take_frame,
};

/// A frame's flags and its longest length.
const HEADER_MAX_BYTES: usize = 9;
const TAKEN_MAX_BYTES: usize = HEADER_MAX_BYTES + FRAME_MAX_BYTES as usize;

/// Reads the bytes as a greeting and the frames after it. The frames do not depend on how the bytes are split, none is longer
/// than its bound, and what we send is read back unchanged.
pub(crate) fn fuzz_zmtp(bytes: &[u8]) {
    let Some((greeting, bytes)) = bytes.split_first_chunk::<GREETING_BYTES>() else { return };
    if read_greeting(greeting).is_ok() {
        assert_eq!((greeting[0], greeting[9]), (0xFF, 0x7F), "a greeting without a signature is accepted");
    }
    let frames = frames(bytes, bytes.len().max(1));
    for size in [1, 7] {
        assert_eq!(frames, self::frames(bytes, size), "frames depend on how the bytes arrive");
    }
    for frame in frames.into_iter().flatten() {
        match frame {
            Frame::Ping(context) => assert_eq!(self::frames(&ping(&context), 1), [Ok(Frame::Ping(context))]),
            Frame::Pong(context) => assert_eq!(self::frames(&pong(&context), 1), [Ok(Frame::Pong(context))]),
            Frame::Ready(socket_type) => assert_eq!(check_socket_type(&socket_type).is_ok(), socket_type == b"PULL"),
            Frame::Error(_) | Frame::Other => {}
        }
    }
    if bytes.len() <= FRAME_MAX_BYTES as usize {
        assert_eq!(self::frames(&message(bytes), bytes.len() + HEADER_MAX_BYTES), [Ok(Frame::Other)]);
    }
}

/// The frames read from bytes that arrive in pieces of this size, up to the first error.
fn frames(bytes: &[u8], size: usize) -> Vec<Result<Frame, ZmtpError>> {
    let (mut received, mut frames) = (Vec::new(), Vec::new());
    for piece in bytes.chunks(size) {
        received.extend(piece);
        loop {
            let before = received.len();
            match take_frame(&mut received) {
                Ok(Some(frame)) => {
                    let taken = before - received.len();
                    assert!((1..=TAKEN_MAX_BYTES).contains(&taken), "{frame:?} takes {taken} bytes");
                    frames.push(Ok(frame));
                }
                Ok(None) => break,
                Err(error) => {
                    frames.push(Err(error));
                    return frames;
                }
            }
        }
        assert!(received.len() < TAKEN_MAX_BYTES, "{} bytes are kept of an unfinished frame", received.len());
    }
    frames
}
