//! A prefill node and a decode node, as a server drives them, over `mock_memory` in one process.

#![cfg(target_os = "linux")]

mod node;
mod proxy;
mod roles;
mod transfer;
