//! `pd`: transfers KV chunks from a prefill node to a decode node.

#[cfg(pd_runtime)]
mod advice;
#[cfg(pd_runtime)]
mod agenda;
mod config;
#[cfg(pd_runtime)]
mod control;
#[cfg(pd_runtime)]
mod driver;
#[cfg(pd_runtime)]
mod host;
#[cfg(pd_runtime)]
mod node;
#[cfg(feature = "cli")]
pub(crate) mod pairs;
#[cfg(pd_runtime)]
mod protocol;
#[cfg(pd_runtime)]
mod proxy;
#[cfg(pd_runtime)]
mod receiver;
#[cfg(pd_runtime)]
mod runtime;
#[cfg(pd_runtime)]
mod sender;
#[cfg(all(test, pd_runtime))]
mod simulation;
#[cfg(all(feature = "cli", pd_runtime))]
pub(crate) mod sizing;
#[cfg(pd_runtime)]
mod space;
mod timing;

#[cfg(all(pd_runtime, any(fuzzing, test)))]
pub(crate) use self::{control::fuzz_control_messages, proxy::fuzz_zmtp};
pub use config::{BufferDevice, PdL2AdapterConfig, ProxyProtocol, Role, TransferChannel};
#[cfg(pd_runtime)]
pub use node::{PdL2Adapter, RequestWords};
pub use timing::Timing;
