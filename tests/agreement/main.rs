//! Every registered type, and types that use the whole attribute language, agree with their exported schemas.
//!
//! With `--release` each type is tried with 200,000 documents, in a debug build with fewer. The tests of one type run
//! beside those of others.

#[path = "../torture/mod.rs"]
mod torture;

mod flips;
mod random;
