//! A prefill node and a decode node, driven as by a server, over `mock_memory` in one process.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test says what it expects by unwrapping")]

mod closing;
mod network;
mod node;
mod proxy;
mod roles;
mod transfer;
