//! Lines and columns.

use std::collections::BTreeMap;

use serde::Serialize;

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
    ///
    /// ```
    /// use l2_adapter_schema::Position;
    ///
    /// assert_eq!(Position::START.after("{\n  \"ü\"".as_bytes()), Position { line: 2, column: 6 });
    /// ```
    #[must_use]
    pub fn after(self, bytes: &[u8]) -> Position {
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

/// The positions of byte offsets, in the order of the offsets given. One pass over the text, however many there are and
/// however long its lines.
pub(super) fn positions(text: &str, offsets: &[usize]) -> Vec<Position> {
    let mut found = BTreeMap::from_iter(offsets.iter().map(|offset| (*offset, Position::START)));
    let (mut passed, mut last) = (0, Position::START);
    for (offset, position) in &mut found {
        *position = last.after(&text.as_bytes()[passed..*offset]);
        (passed, last) = (*offset, *position);
    }
    offsets.iter().map(|offset| found[offset]).collect()
}
