//! The `nixl` channel: NVIDIA's transfer library moves the bytes. It is found and loaded when the first channel is created.
//!
//! The behaviour of NIXL (1.5.1) and of UCX below it was measured or read in their source; comments say which where code
//! depends on it.

mod agent;
mod backends;
mod channel;
mod environment;
mod interfaces;
mod library;
mod pieces;
mod renewal;
mod search;
mod symbols;
#[cfg(test)]
mod tests;

pub(crate) use self::{backends::BackendsError, library::LibraryError};
pub(super) use channel::NixlChannel;
