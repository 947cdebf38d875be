//! Every registered type, and types that use the whole attribute language, agree with their exported schemas.
//!
//! With `--release` each type is tried with 200,000 documents, in a debug build with fewer. The tests of one type run
//! beside those of others.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by unwrapping")]

#[path = "../torture/mod.rs"]
mod torture;

mod flips;
mod random;
