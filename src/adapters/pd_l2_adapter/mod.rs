//! `pd`: hands KV chunks from a prefill node to a decode node.

#[cfg(pd_runtime)]
mod agenda;
mod config;
#[cfg(pd_runtime)]
#[allow(dead_code, unused_imports, reason = "the threads that will drive it are not written yet")]
mod protocol;
#[cfg(pd_runtime)]
#[allow(dead_code, unused_imports, reason = "the threads that will drive it are not written yet")]
mod receiver;
#[cfg(pd_runtime)]
#[allow(dead_code, unused_imports, reason = "the threads that will drive it are not written yet")]
mod sender;
#[cfg(all(test, pd_runtime))]
mod simulation;
mod timing;

pub use config::{BufferDevice, PdL2AdapterConfig, ProxyProtocol, Role, TransferChannel};
pub use timing::Timing;
