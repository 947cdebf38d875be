//! A prefill node and a decode node, driven as by a server, over `mock_memory` in one process.
//!
//! ```text
//! transfer, roles     chunks arrive completely; tasks of the other role
//! network, closing    network faults; closing and failed starts
//! proxy               notifications of the proxy
//! node                nodes for these tests
//! ```

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test says what it expects by unwrapping")]

mod closing;
mod network;
mod node;
mod proxy;
mod roles;
mod transfer;
