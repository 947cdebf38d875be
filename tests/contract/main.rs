//! Our adapters honour the contract, and the contract suite detects adapters that do not.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by unwrapping")]

mod broken;
mod faults;
mod mock;
#[cfg(all(feature = "pd", target_os = "linux"))]
mod pd;
mod split;
