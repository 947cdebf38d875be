//! The renderers, on a type that uses the whole language. That parser and schema agree on documents of whole types is shown by
//! the crate l2-adapter-agreement, on derived ones.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod editors;
mod example;
mod fixture;
mod help;
mod markdown;
mod values;
