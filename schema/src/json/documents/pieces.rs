//! Bytes that are taken in one piece, because no decision depends on each of them.

use super::{DocumentSplitter, Mode};

impl DocumentSplitter {
    /// Takes the rest of a line in one piece, because most inputs are JSON Lines.
    pub(super) fn take_to_line_end(&mut self, input: &mut &[u8]) {
        let length = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
        let (line, rest) = input.split_at(length);
        *input = rest;
        self.next = self.next.after(line);
        self.document.extend(line, self.bytes_max);
    }

    /// Whether the next bytes can be taken in one piece: inside brackets, and not where a line begins that may begin an object.
    pub(super) fn is_inside(&self) -> bool {
        self.document.frame.has_open()
            && match self.mode {
                Mode::Item => true,
                Mode::Object => self.indent.is_some() && self.document.next_begins.is_none(),
                _ => false,
            }
    }

    pub(super) fn take_inside(&mut self, input: &mut &[u8]) {
        let length = self.document.frame.push_inside(input);
        let (inside, rest) = input.split_at(length);
        *input = rest;
        self.next = self.next.after(inside);
        self.document.extend(inside, self.bytes_max);
    }
}
