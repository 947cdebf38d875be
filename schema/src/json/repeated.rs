//! Keys that appear twice in one object. A JSON value no longer has them: it keeps only the last of two.

use std::collections::HashSet;

use serde_json::Value;

use super::tree::{Content, Node};
use crate::{
    fault::{Fault, FaultCode},
    path::{push_token, shown_key},
};

/// The repeated keys of a text, in document order, each place once. `value` is what `serde_json` made of the text.
pub(crate) fn repeated_keys(text: &str, value: &Value) -> Vec<Fault> {
    // A key that repeats another leaves an entry less than keys were written: counting is cheaper than remembering.
    if entries(value) == Some(written_keys(text)) {
        return Vec::new();
    }
    find(text, &Node::of(text)).into_iter().map(|(_, fault)| fault).collect()
}

/// How many colons a text has outside of strings.
fn written_keys(text: &str) -> usize {
    let (mut keys, mut in_string) = (0, false);
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => in_string = !in_string,
            b'\\' => _ = bytes.next(),
            b':' if !in_string => keys += 1,
            _ => {}
        }
    }
    keys
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

/// The same with the offset of each key.
pub(super) fn find(text: &str, root: &Node<'_>) -> Vec<(usize, Fault)> {
    // The pointers of many repeated keys below one long key could exceed any memory, so their total size is bounded by that of
    // the text. Ordinary texts never reach this limit.
    let mut search = Search { pointer: String::new(), pointer_bytes_left: text.len() + (1 << 20), found: Vec::new() };
    search.node(root);
    let mut found = search.found;
    found.sort_by_key(|(offset, _)| *offset);
    let mut reported = HashSet::new();
    found.retain(|(_, fault)| reported.insert(fault.pointer.clone()));
    found
}

struct Search {
    /// That of the value that is being searched.
    pointer: String,
    pointer_bytes_left: usize,
    found: Vec<(usize, Fault)>,
}

impl Search {
    fn node(&mut self, node: &Node<'_>) {
        let length = self.pointer.len();
        match &node.content {
            Content::Object(entries) => {
                for same in entries.chunk_by(|left, right| left.key == right.key) {
                    push_token(&mut self.pointer, &same[0].key);
                    match same {
                        [first, ..] if first.key.starts_with(RESERVED) => {
                            let message = format!("a key must not begin with `{RESERVED}`: that is reserved");
                            self.report(first.key_at, FaultCode::UnknownKey, message);
                        }
                        [_, second, ..] => {
                            let key = shown_key(&second.key);
                            let message =
                                format!("`{key}` appears more than once in this object: remove the duplicates");
                            self.report(second.key_at, FaultCode::RepeatedKey, message);
                        }
                        _ => {}
                    }
                    same.iter().for_each(|entry| self.node(&entry.value));
                    self.pointer.truncate(length);
                }
            }
            Content::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    push_token(&mut self.pointer, &index.to_string());
                    self.node(item);
                    self.pointer.truncate(length);
                }
            }
            Content::Scalar => {}
        }
    }

    fn report(&mut self, offset: usize, code: FaultCode, message: String) {
        if let Some(left) = self.pointer_bytes_left.checked_sub(self.pointer.len()) {
            self.pointer_bytes_left = left;
            self.found.push((offset, Fault::new(&*self.pointer, code, message)));
        }
    }
}
