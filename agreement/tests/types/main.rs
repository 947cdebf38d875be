//! Every registered type, and types that use every attribute, agree with their exported schemas.
//!
//! Without debug assertions types with every attribute are tested with 200,000 documents, others with 20,000; otherwise with fewer.
//!
//! The tests pass with serde_json's `preserve_order`. They cannot run with its `arbitrary_precision`, because the jsonschema crate
//! then still compares numbers beyond 64 bits as floats, and our parser digit by digit.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by unwrapping")]

#[path = "../../../tests/torture/depots.rs"]
mod depots;
#[path = "../../../tests/torture/mod.rs"]
mod torture;

mod mistakes;
mod random;
mod shown;
mod valid;
