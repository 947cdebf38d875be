//! `pd`: hands KV chunks from a prefill node to a decode node.

mod config;
#[cfg(pd_runtime)]
mod protocol;
mod timing;

pub use config::{BufferDevice, PdL2AdapterConfig, ProxyProtocol, Role, TransferChannel};
pub use timing::Timing;
