//! Every registered type, and types that use the whole attribute language, agree with their exported schemas.
//!
//! Without debug assertions types with the whole language are tried with 200,000 documents, others with 20,000; else with fewer.
//!
//! They hold under serde_json's `preserve_order`. Under its `arbitrary_precision` they cannot be run: the jsonschema crate
//! then still compares numbers beyond 64 bits as floats, our parser digit by digit.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by unwrapping")]

#[path = "../../../tests/torture/depots.rs"]
mod depots;
#[path = "../../../tests/torture/mod.rs"]
mod torture;

mod probes;
mod random;
mod shown;
