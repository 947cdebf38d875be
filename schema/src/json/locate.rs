//! The places of a document's faults in its text.
//!
//! All pointers are looked up in one pass: they make a tree, and the scanner walks down it as far as the text agrees.

use std::collections::HashMap;

use super::{
    position::{Position, positions},
    scan::{Scanner, Token, decoded},
    syntax,
};
use crate::{
    fault::{Anchor, Fault, FaultCode},
    passwords::value_without_passwords,
    path::unescaped,
    warning::{Warning, WarningCode},
};

/// The positions of faults in the text they were found in: at the key for a key that should not be there (the second one
/// of a repeated key), at the object's brace for a key that is missing, at the value for everything else. Where the
/// pointer names nothing in the text, the nearest value around it is meant; where keys repeat, the last.
///
/// ```
/// use l2_adapter_schema::{Fault, FaultCode, Position, locate};
///
/// let text = "{\"role\": \"sender\",\n \"prot\": 1}";
/// let faults = [Fault::new("/prot", FaultCode::UnknownKey, "`prot` is not a key of `pd`")];
/// assert_eq!(locate(text, &faults), [Position { line: 2, column: 2 }]);
/// ```
pub fn locate(text: &str, faults: &[Fault]) -> Vec<Position> {
    let marks = faults.iter().map(|fault| {
        let part = match (fault.code, fault.code.anchor()) {
            (FaultCode::Syntax, _) => Part::EndOfJson,
            (FaultCode::RepeatedKey, _) => Part::SecondKey,
            (_, Anchor::Key) => Part::Key,
            (_, Anchor::Value) => Part::Value,
            (_, Anchor::Object) => Part::Around,
        };
        (fault.pointer.as_str(), part)
    });
    locate_parts(text, marks)
}

/// The positions of warnings in the text they were found in: at the key where that is what to look at, at the
/// object's brace for a key that the environment must supply, at the value for everything else.
pub fn locate_warnings(text: &str, warnings: &[Warning]) -> Vec<Position> {
    let marks = warnings.iter().map(|warning| {
        let part = match warning.code {
            WarningCode::DeprecatedKey | WarningCode::LegacyKey | WarningCode::NearKey => Part::Key,
            WarningCode::IntegralFloat | WarningCode::Unexpanded | WarningCode::Address | WarningCode::Advice => {
                Part::Value
            }
            WarningCode::Environment => Part::Around,
        };
        (warning.pointer.as_str(), part)
    });
    locate_parts(text, marks)
}

/// Which part of the text at a pointer is meant.
#[derive(Clone, Copy)]
enum Part {
    Key,
    SecondKey,
    Value,
    /// The value that holds this one.
    Around,
    EndOfJson,
}

fn locate_parts<'a>(text: &str, marks: impl Iterator<Item = (&'a str, Part)> + Clone) -> Vec<Position> {
    // Most documents have nothing to be found.
    if marks.clone().next().is_none() {
        return Vec::new();
    }
    let mut tree = PointerTree::new(marks.clone().map(|(pointer, _)| pointer));
    tree.walk(text);
    let offsets: Vec<usize> = marks
        .map(|(pointer, part)| match part {
            Part::EndOfJson => syntax::offset(text),
            _ => tree.offset(pointer, part),
        })
        .collect();
    positions(text, &offsets)
}

/// The pointers to find, as a tree of their tokens. Node 0 is the document.
struct PointerTree {
    nodes: Vec<Node>,
}

#[derive(Default)]
struct Node {
    children: HashMap<String, usize>,
    /// The last occurrence.
    found: Option<Found>,
    /// The first key that repeats one before it in the same object.
    second_key: Option<usize>,
}

/// Offsets of a value and of its key. An item of a list is its own key.
#[derive(Clone, Copy)]
struct Found {
    key: usize,
    value: usize,
}

/// An open object or list, and its node if some pointer leads there.
struct Level {
    node: Option<usize>,
    begin: usize,
    /// The number of the next item.
    index: usize,
    /// The node and offset of the key whose value is next.
    key: Option<(usize, usize)>,
    object: bool,
}

impl PointerTree {
    fn new<'a>(pointers: impl Iterator<Item = &'a str>) -> Self {
        let mut nodes = vec![Node::default()];
        for pointer in pointers {
            let mut node = 0;
            for token in tokens(pointer) {
                let next = nodes.len();
                let child = *nodes[node].children.entry(token).or_insert(next);
                if child == next {
                    nodes.push(Node::default());
                }
                node = child;
            }
        }
        Self { nodes }
    }

    /// Finds every node in the text.
    fn walk(&mut self, text: &str) {
        let mut levels: Vec<Level> = Vec::new();
        for event in Scanner::new(text) {
            match event.token {
                Token::Key(written) => {
                    if let Some(level) = levels.last_mut() {
                        let child = level.node.and_then(|node| self.child(node, &decoded(written)));
                        level.key = child.map(|child| (child, event.offset));
                    }
                }
                Token::Scalar => {
                    self.value(&mut levels, event.offset);
                }
                Token::Object | Token::List => {
                    let node = self.value(&mut levels, event.offset);
                    let object = matches!(event.token, Token::Object);
                    levels.push(Level { node, begin: event.offset, index: 0, key: None, object });
                }
                Token::End => {
                    levels.pop();
                }
            }
        }
    }

    /// Records the start of a value, and returns its node.
    fn value(&mut self, levels: &mut [Level], offset: usize) -> Option<usize> {
        let (node, key, around) = match levels.last_mut() {
            None => (0, offset, None),
            Some(level) if level.object => {
                let (node, key) = level.key.take()?;
                (node, key, Some(level.begin))
            }
            Some(level) => {
                let index = level.index;
                level.index += 1;
                (self.child(level.node?, &index.to_string())?, offset, None)
            }
        };
        let found = self.nodes[node].found.replace(Found { key, value: offset });
        if around.is_some_and(|begin| found.is_some_and(|earlier| earlier.key > begin)) {
            self.nodes[node].second_key.get_or_insert(key);
        }
        Some(node)
    }

    fn child(&self, node: usize, token: &str) -> Option<usize> {
        let children = &self.nodes[node].children;
        // A pointer does not show the secrets of a key.
        children.get(token).or_else(|| children.get(&*value_without_passwords(token))).copied()
    }

    /// The place of the part of a pointer that is to be marked.
    fn offset(&self, pointer: &str, part: Part) -> usize {
        if matches!(part, Part::SecondKey)
            && let Some(offset) = self.node(pointer).and_then(|node| self.nodes[node].second_key)
        {
            return offset;
        }
        let (mut node, mut here) = (0, self.nodes[0].found.map_or(0, |found| found.value));
        let (mut around, mut key) = (here, here);
        for token in tokens(pointer) {
            let child = self.child(node, &token);
            // What was found before the value around it belongs to an earlier occurrence of a repeated key.
            let found = child.and_then(|child| self.nodes[child].found).filter(|found| found.value > here);
            let (Some(child), Some(found)) = (child, found) else { return here };
            (node, around, here, key) = (child, here, found.value, found.key);
        }
        match part {
            Part::Key | Part::SecondKey => key,
            Part::Value | Part::EndOfJson => here,
            Part::Around => around,
        }
    }

    fn node(&self, pointer: &str) -> Option<usize> {
        tokens(pointer).try_fold(0, |node, token| self.child(node, &token))
    }
}

fn tokens(pointer: &str) -> impl Iterator<Item = String> {
    pointer.split('/').skip(1).map(unescaped)
}
