//! Lines and columns, and those of a document's faults.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use serde_json::Value;

use super::{
    repeated, syntax,
    tree::{Content, Entry, Node},
};
use crate::{
    fault::{Anchor, Fault, FaultCode},
    path::unescaped,
    warning::Warning,
};

/// A place in a text. Lines end at `\n`; columns count characters (Unicode scalar values), of which a `\r` is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Position {
    /// The line; the first is 1.
    pub line: usize,
    /// The column; the first is 1.
    pub column: usize,
}

impl Position {
    /// Where every text begins.
    pub const START: Position = Position { line: 1, column: 1 };

    /// The place after `bytes` when they begin here. Bytes that are not UTF-8 count as far as they begin characters.
    pub(super) fn after(self, bytes: &[u8]) -> Position {
        let line_ends = bytes.iter().filter(|byte| **byte == b'\n').count();
        match bytes.iter().rposition(|byte| *byte == b'\n') {
            Some(last) => Position { line: self.line + line_ends, column: 1 + characters(&bytes[last + 1..]) },
            None => Position { column: self.column + characters(bytes), ..self },
        }
    }

    /// This place of a text that begins at `start` of another, as a place of that other text.
    #[must_use]
    pub fn within(self, start: Position) -> Position {
        match self.line {
            1 => Position { line: start.line, column: start.column + self.column - 1 },
            line => Position { line: start.line + line - 1, column: self.column },
        }
    }
}

impl Default for Position {
    fn default() -> Self {
        Self::START
    }
}

fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0b1100_0000 != 0b1000_0000).count()
}

/// The positions of faults in the text they were found in: at the key for a key that should not be there (the second one
/// of a repeated key), at the object's brace for a key that is missing, at the value for everything else. Where the
/// pointer names nothing in the text, the nearest value around it is meant; where keys repeat, the last.
pub fn locate(text: &str, faults: &[Fault]) -> Vec<Position> {
    find(text, faults.iter().map(|fault| (fault.pointer.as_str(), fault.code.anchor(), Some(fault.code))))
}

/// The positions of warnings in the text they were found in: at the key where that is what to look at, at the
/// object's brace for a key that the environment must supply, at the value for everything else.
pub fn locate_warnings(text: &str, warnings: &[Warning]) -> Vec<Position> {
    find(text, warnings.iter().map(|warning| (warning.pointer.as_str(), warning.code.anchor(), None)))
}

fn find<'a>(
    text: &str,
    marks: impl ExactSizeIterator<Item = (&'a str, Anchor, Option<FaultCode>)> + Clone,
) -> Vec<Position> {
    // Most documents have nothing to be found.
    if marks.len() == 0 {
        return Vec::new();
    }
    if let Err(error) = serde_json::from_str::<Value>(text) {
        return positions(text, &vec![syntax::offset(text, &error); marks.len()]);
    }
    let root = Node::of(text);
    let is_repeated = |code| code == Some(FaultCode::RepeatedKey);
    let repeated: HashMap<String, usize> = match marks.clone().any(|(.., code)| is_repeated(code)) {
        true => repeated::find(text, &root).into_iter().map(|(offset, fault)| (fault.pointer, offset)).collect(),
        false => HashMap::new(),
    };
    let offsets: Vec<usize> = marks
        .map(|(pointer, anchor, code)| match repeated.get(pointer) {
            Some(second_key) if is_repeated(code) => *second_key,
            _ => offset(&root, pointer, anchor),
        })
        .collect();
    positions(text, &offsets)
}

/// The place of the part of a pointer that is to be marked.
fn offset(root: &Node<'_>, pointer: &str, anchor: Anchor) -> usize {
    let (mut node, mut around, mut key) = (root, root.at, root.at);
    for token in pointer.split('/').skip(1).map(unescaped) {
        let child = match &node.content {
            Content::Object(entries) => entry(entries, &token).map(|entry| (&entry.value, entry.key_at)),
            // An item of a list is its own key.
            Content::List(items) => {
                token.parse().ok().and_then(|index: usize| items.get(index)).map(|item| (item, item.at))
            }
            Content::Scalar => None,
        };
        let Some((value, key_at)) = child else { return node.at };
        (around, key, node) = (node.at, key_at, value);
    }
    match anchor {
        Anchor::Key => key,
        Anchor::Value => node.at,
        Anchor::Object => around,
    }
}

/// The last entry whose key is shown so.
fn entry<'n, 't>(entries: &'n [Entry<'t>], token: &str) -> Option<&'n Entry<'t>> {
    let end = entries.partition_point(|entry| *entry.shown_key() <= *token);
    entries[..end].last().filter(|entry| entry.shown_key() == token)
}

/// The positions of byte offsets, in the order of the offsets given. One pass over the text, however many there are and
/// however long its lines.
fn positions(text: &str, offsets: &[usize]) -> Vec<Position> {
    let mut found = BTreeMap::from_iter(offsets.iter().map(|offset| (*offset, Position::START)));
    let (mut passed, mut last) = (0, Position::START);
    for (offset, position) in &mut found {
        *position = last.after(&text.as_bytes()[passed..*offset]);
        (passed, last) = (*offset, *position);
    }
    offsets.iter().map(|offset| found[offset]).collect()
}
