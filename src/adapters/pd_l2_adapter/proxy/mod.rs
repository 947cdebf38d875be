//! Telling the proxy that a request's chunks have all arrived: asynchronous, with a bounded queue, retried, and without any
//! effect on stores.

mod http;
mod message;
mod notifier;
#[cfg(test)]
mod tests;
mod zmq;
mod zmtp;

pub(crate) use notifier::{ProxyCounters, ProxyNotifier, ProxySettings};
