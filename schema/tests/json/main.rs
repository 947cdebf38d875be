//! Reading text: the places of faults, repeated keys, and the ends of documents.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by unwrapping")]

mod documents;
mod locate;
mod notation;
mod repeated_keys;
