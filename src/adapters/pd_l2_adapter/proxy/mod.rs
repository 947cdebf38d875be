//! Telling the proxy that a request's chunks have all arrived: asynchronous, with a bounded queue, retried, and without any
//! effect on stores.

#[cfg(any(fuzzing, test))]
mod fuzz;
mod http;
mod message;
mod notifier;
#[cfg(test)]
mod tests;
mod unsent;
mod zmq;
mod zmtp;

#[cfg(any(fuzzing, test))]
pub(crate) use fuzz::fuzz_zmtp;
pub(crate) use notifier::{ProxyCounters, ProxyNotifier, ProxySettings};
