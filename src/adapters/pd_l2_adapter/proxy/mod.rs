//! Notifies the proxy that all chunks of a request have arrived: asynchronously, with a bounded queue and retries, and without
//! any effect on stores.
//!
//! ```text
//! notifier              the thread
//! http, zmq             one protocol each; `unsent` is their error
//! message, zmtp         the messages; the bytes of ZMTP. Pure
//! fuzz                  a fuzz target
//! ```

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
