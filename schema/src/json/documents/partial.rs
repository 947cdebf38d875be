//! The document that is being read.

use crate::json::{framing::Frame, position::Position};

#[derive(Debug)]
pub(super) struct Partial {
    pub(super) start: Position,
    pub(super) indent: usize,
    pub(super) text: Vec<u8>,
    pub(super) too_long: bool,
    pub(super) frame: Frame,
    /// Whether something precedes its first bracket on the line, such as a quote or `spec =`.
    pub(super) is_wrapped: bool,
    /// Where, if this one turns out to be broken, the next one begins: the length of `text` there, and its position.
    pub(super) next_begins: Option<(usize, Position)>,
}

impl Partial {
    pub(super) fn new() -> Self {
        Self {
            start: Position::START,
            indent: 1,
            text: Vec::new(),
            too_long: false,
            frame: Frame::default(),
            is_wrapped: false,
            next_begins: None,
        }
    }

    /// Appends bytes, or discards all if they are too many.
    pub(super) fn extend(&mut self, bytes: &[u8], bytes_max: usize) {
        self.too_long |= bytes.len() > bytes_max.saturating_sub(self.text.len());
        if self.too_long {
            self.text = Vec::new();
        } else {
            self.text.extend_from_slice(bytes);
        }
    }
}
