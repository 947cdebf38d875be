//! The `nixl` channel: NVIDIA's transfer library moves the bytes. It is found and loaded when the first channel is created.
//!
//! The behaviour of NIXL (1.5.1) and of UCX below it was measured or read in their source; comments say which where code
//! depends on it.
//!
//! ```text
//! channel, renewal      peers and writes; a new agent for each connection
//! agent, pieces         one NIXL agent; the pieces of a write as descriptors
//! library               loads NIXL (search, symbols)
//! backends, interfaces  `nixl_backends`; network interfaces of UCX
//! environment           the process's environment
//! ```

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
