//! Every attribute: which values a field with it accepts, and the codes with which it refuses others.
//!
//! ```text
//! types, common_keys, names, presence    the type, common keys, names of keys, absent keys
//! numbers, strings, shapes               values and their rules
//! hooks, machine, care, secrets          functions, paths, documentation, secrets
//! sound, wide                            computed defaults and examples; structs with many keys
//! addresses, unexpanded, foreign         hosts and URLs; variables that were not expanded; names of other systems
//! versions                               keys, values and rules of some versions of the peer
//! rendered                               help, Markdown, examples and schemas of one type
//! ```

mod addresses;
mod care;
mod common_keys;
mod foreign;
mod hooks;
mod machine;
mod names;
mod numbers;
mod presence;
mod rendered;
mod secrets;
mod shapes;
mod sound;
mod strings;
mod types;
mod unexpanded;
mod versions;
mod wide;

use l2_adapter::{Context, L2AdapterConfig, Parsed};
use serde_json::{Map, Value};

fn object(document: Value) -> Map<String, Value> {
    match document {
        Value::Object(map) => map,
        other => panic!("a test document must be an object, not {other}"),
    }
}

/// The config of a document that must be accepted.
#[track_caller]
fn accepted<T: L2AdapterConfig>(document: Value) -> T {
    match T::from_dict(&object(document)) {
        Ok(config) => config,
        Err(error) => panic!("{error}"),
    }
}

/// Pointer and code of every fault in a document that must be refused, in order.
#[track_caller]
fn refused<T: L2AdapterConfig>(document: Value) -> Vec<String> {
    let error = T::from_dict(&object(document)).expect_err("the document was accepted");
    error.faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect()
}

/// The only message of a document that must be refused.
#[track_caller]
fn message<T: L2AdapterConfig>(document: Value) -> String {
    let error = T::from_dict(&object(document)).expect_err("the document was accepted");
    assert_eq!(error.faults.len(), 1, "{error}");
    error.faults[0].message.clone()
}

/// A document with its warnings, as pointer and code.
#[track_caller]
fn warned<T: L2AdapterConfig>(document: Value) -> (T, Vec<String>) {
    let Parsed { value, warnings, .. } = T::parse(&object(document), &Context::empty()).expect("the document is valid");
    (value, warnings.iter().map(|warning| format!("{} {}", warning.pointer, warning.code)).collect())
}

/// Asserts that a written config parses to the same config.
#[track_caller]
fn round_trips<T: L2AdapterConfig + PartialEq>(config: &T) {
    let written = config.to_dict_with_secrets();
    match T::from_dict(&written) {
        Ok(read) => assert_eq!(read, *config, "written as {}", Value::Object(written)),
        Err(error) => panic!("{error}\nwritten as {}", Value::Object(written)),
    }
}
