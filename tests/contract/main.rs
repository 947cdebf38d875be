//! Adapters of this repository keep the contract, and the suite that says so can fail.
#![allow(clippy::unwrap_used, reason = "a test says what it expects by unwrapping")]

mod broken;
mod faults;
mod mock;
mod split;
