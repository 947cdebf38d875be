//! Keys that appear twice in one object. A JSON value no longer has them: it keeps only the last of two.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    fmt::Write as _,
};

use serde_json::Value;

use super::scan::{Scanner, Token, decoded};
use crate::{
    fault::{Fault, FaultCode},
    path::{push_escaped, shown_key},
};

/// The repeated keys of a text, in document order, each place once. `value` is what `serde_json` made of the text.
pub(crate) fn repeated_keys(text: &str, value: &Value) -> Vec<Fault> {
    // A key that repeats another leaves an entry less than keys were written: counting is cheaper than remembering.
    let written = Scanner::new(text).filter(|event| matches!(event.token, Token::Key(_))).count();
    if entries(value) == Some(written) { Vec::new() } else { find(text) }
}

/// The prefix of keys that represent numbers if serde_json's `arbitrary_precision` is on. Such keys are always refused, so that
/// a feature of another crate does not change the meaning of a document.
const RESERVED: &str = "$serde_json::private::";

/// How many entries all objects in a value have; `None` where a key is reserved. It nests no deeper than `serde_json` reads.
fn entries(value: &Value) -> Option<usize> {
    match value {
        Value::Object(map) if map.keys().any(|key| key.starts_with(RESERVED)) => None,
        Value::Object(map) => Some(map.len() + map.values().map(entries).sum::<Option<usize>>()?),
        Value::Array(items) => items.iter().map(entries).sum(),
        _ => Some(0),
    }
}

/// An open object or list, and how far the scanner has come in it.
enum Level<'t> {
    Object { seen: HashMap<Cow<'t, str>, usize>, key: Cow<'t, str> },
    List { index: usize },
}

fn find(text: &str) -> Vec<Fault> {
    // The pointers of many repeated keys below one long key could exceed any memory, so their total size is bounded by that of
    // the text. Ordinary texts never reach this limit.
    let mut pointer_bytes_left = text.len() + (1 << 20);
    let mut levels: Vec<Level<'_>> = Vec::new();
    let mut reported = HashSet::new();
    let mut faults = Vec::new();
    for event in Scanner::new(text) {
        match event.token {
            Token::Key(written) => {
                let is_second = note_key(&mut levels, decoded(written));
                let is_reserved = decoded(written).starts_with(RESERVED);
                if !is_second && !is_reserved {
                    continue;
                }
                let pointer = pointer(&levels);
                let Some(left) = pointer_bytes_left.checked_sub(pointer.len()) else { break };
                pointer_bytes_left = left;
                if reported.insert(pointer.clone()) {
                    faults.push(if is_second { fault(pointer, &decoded(written)) } else { reserved(pointer) });
                }
            }
            Token::Object => levels.push(Level::Object { seen: HashMap::new(), key: Cow::Borrowed("") }),
            Token::List => levels.push(Level::List { index: 0 }),
            Token::Scalar => value_ended(&mut levels),
            Token::End => {
                levels.pop();
                value_ended(&mut levels);
            }
        }
    }
    faults
}

/// Records a key of the innermost object; returns whether this is its second occurrence.
fn note_key<'t>(levels: &mut [Level<'t>], name: Cow<'t, str>) -> bool {
    let Some(Level::Object { seen, key }) = levels.last_mut() else { return false };
    let times = seen.entry(name.clone()).or_default();
    *times += 1;
    *key = name;
    *times == 2
}

fn value_ended(levels: &mut [Level<'_>]) {
    if let Some(Level::List { index }) = levels.last_mut() {
        *index += 1;
    }
}

fn pointer(levels: &[Level<'_>]) -> String {
    let mut pointer = String::new();
    for level in levels {
        match level {
            Level::Object { key, .. } => {
                pointer.push('/');
                push_escaped(&mut pointer, key);
            }
            // Writing to a String cannot fail.
            Level::List { index } => drop(write!(pointer, "/{index}")),
        }
    }
    pointer
}

fn reserved(pointer: String) -> Fault {
    Fault::new(pointer, FaultCode::UnknownKey, format!("a key must not begin with `{RESERVED}`: that is reserved"))
}

fn fault(pointer: String, key: &str) -> Fault {
    let message = format!("`{}` appears more than once in this object: remove the duplicates", shown_key(key));
    Fault::new(pointer, FaultCode::RepeatedKey, message)
}
