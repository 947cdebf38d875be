//! The renderers, on tables that no derive writes. tests/language/rendered.rs shows the pages of derived ones, and the crate
//! l2-adapter-agreement that parser and schema agree on their documents.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod editors;
mod example;
mod help;
mod markdown;

/// Where all tables of these tests are.
const HERE: l2_adapter_schema::Source = l2_adapter_schema::Source { file: "tables.rs", line: 1 };
