//! Reading text: where faults stand in it, what repeats in it, and where its documents end.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by unwrapping")]

mod documents;
mod locate;
mod notation;
mod repeated_keys;
mod spec_from_text;
