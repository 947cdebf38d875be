//! A fuzz target: everything that one side of the control plane reads from the other.

use std::fmt::Debug;

use prost::Message;

use super::{encoding, generated as wire, naming, unreadable::Unreadable};
use crate::adapters::pd_l2_adapter::protocol::PROTOCOL_VERSION;

/// Reads the bytes as each message. A valid value that is encoded again reads as the same value, and takes at most twice the
/// bytes that it was read from: a list of one number is longer when packed.
pub(crate) fn fuzz_control_messages(bytes: &[u8]) {
    introduction(bytes);
    attachment(bytes);
    survives(bytes, encoding::read_welcome, encoding::welcome);
    survives(bytes, encoding::read_reserve_call, encoding::reserve_call);
    survives(bytes, encoding::read_reserve_reply, encoding::reserve_reply);
    survives(bytes, encoding::read_commit_call, encoding::commit_call);
    survives(bytes, encoding::read_commit_reply, encoding::commit_reply);
    survives(bytes, |message| encoding::read_cancel_call(&message), |cancel| encoding::cancel_call(&cancel));
    survives(bytes, encoding::read_call_refusal, encoding::call_refusal);
    survives(bytes, |message| naming::read_destination(Some(message)), naming::destination);
}

/// The value has the fingerprint of an incarnation's key and not the key itself.
fn introduction(bytes: &[u8]) {
    let Ok(message) = wire::Introduction::decode(bytes) else { return };
    let key = naming::read_incarnation_key(&message.incarnation_key);
    survives(bytes, encoding::read_introduction, |request| {
        encoding::introduction(&request, key.as_ref().expect("an introduction without a key is not read"))
    });
}

/// A sender encodes only its own version; in a message of another version only the version counts.
fn attachment(bytes: &[u8]) {
    let Ok(message) = wire::Attachment::decode(bytes) else { return };
    let Ok(read) = naming::read_attachment(&message) else { return };
    if read.protocol_version == PROTOCOL_VERSION {
        let key = naming::read_incarnation_key(&message.incarnation_key).expect("it was read a moment ago");
        survives(
            bytes,
            |message| naming::read_attachment(&message),
            |attachment| naming::attachment(&key, attachment.attempt, attachment.destination),
        );
    }
}

fn survives<M: Message + Default, V: Clone + PartialEq + Debug>(
    bytes: &[u8],
    read: impl Fn(M) -> Result<V, Unreadable>,
    write: impl Fn(V) -> M,
) {
    let Ok(message) = M::decode(bytes) else { return };
    let Ok(value) = read(message) else { return };
    let written = write(value.clone()).encode_to_vec();
    assert!(
        written.len() <= 2 * bytes.len(),
        "{} bytes were read, and {} written of {value:?}",
        bytes.len(),
        written.len()
    );
    let read_again = M::decode(written.as_slice()).map(read);
    assert_eq!(read_again, Ok(Ok(value)), "what is written reads as another value");
}
