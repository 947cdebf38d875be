//! The renderers, on a type that uses the whole language.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod agreement;
mod editors;
mod example;
mod fixture;
mod help;
mod keys;
mod markdown;
mod mutants;
mod values;
mod verdict;
