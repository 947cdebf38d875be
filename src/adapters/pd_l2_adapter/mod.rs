//! `pd`: transfers KV chunks from a prefill node to a decode node.
//!
//! ```text
//! simulation            the drivers in a simulated world, with faults from a seed
//! sizing, pairs         sizes of chunks and buffers; comparison of a deployment's specs. Pure
//! node                  the adapter: threads of TP ranks, and what a server sees of them
//! proxy                 notifications of the proxy
//! driver                the work of a rank's thread between two waits, in any world
//! control               gRPC between sender and receiver
//! sender, receiver      the two state machines. Pure
//! protocol              the messages between them. Pure
//! config, timing        the spec's keys
//! usable, on_machine    the specs that no node can start with, anywhere or on this machine
//! agenda, space         deadlines by name; free ranges of a buffer. Pure
//! advice, host, runtime advice on system errors; hosts in specs; the async runtime of a thread
//! ```
//!
//! A module uses only modules below it, except that `config` names `node` as its factory.

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
#[cfg(pd_runtime)]
mod on_machine;
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
mod usable;

#[cfg(all(pd_runtime, any(fuzzing, test)))]
pub(crate) use self::{control::fuzz_control_messages, proxy::fuzz_zmtp};
pub use config::{BufferDevice, PdL2AdapterConfig, ProxyProtocol, Role, TransferChannel};
#[cfg(pd_runtime)]
pub use node::{PdL2Adapter, RequestWords};
pub use timing::Timing;
