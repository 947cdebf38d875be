//! The renderers, for a type that uses every attribute. The crate l2-adapter-agreement tests that parser and schema of derived
//! types agree.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod editors;
mod example;
mod fixture;
mod help;
mod markdown;
mod values;
