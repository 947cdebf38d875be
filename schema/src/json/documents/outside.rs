//! What is read outside of objects and lists: comments, which are one fault together, and text of another kind, which is one
//! document up to the line that begins an object.

use super::{
    Document, DocumentSplitter, Mode,
    line::{Line, is_header, kind_of},
    partial::Partial,
};
use crate::json::{notation, position::Position, syntax::syntax_fault};

/// How many bytes are held after a `[`: more than any header of TOML has.
const HELD_MAX: usize = 128;

/// The fault of the comments that begin at `start`.
pub(super) fn comments(start: Position) -> Document {
    Document { start, content: Err(syntax_fault(&format!("is not JSON: {}", notation::COMMENT))) }
}

impl DocumentSplitter {
    /// The document, or first a fault for the comments before it.
    pub(super) fn after_comments(&mut self, document: Document) -> Document {
        match self.comment.take() {
            Some(start) => {
                self.ready = Some(document);
                comments(start)
            }
            None => document,
        }
    }

    /// Ends a line outside of objects and lists.
    pub(super) fn end_line(&mut self, json_lines: bool) -> Option<Document> {
        let between = if json_lines { Mode::BetweenLines } else { Mode::Between };
        match if self.document.too_long { Line::Document } else { kind_of(&self.document.text) } {
            Line::Comment { rest } => {
                let Partial { start, mut text, .. } = std::mem::replace(&mut self.document, Partial::new());
                self.comment.get_or_insert(start);
                self.mode = between;
                if rest < text.len() {
                    let position = start.after(&text[..rest]);
                    text.push(b'\n');
                    self.replay(text.split_off(rest), position);
                }
                None
            }
            Line::OpenComment => {
                let Partial { start, .. } = std::mem::replace(&mut self.document, Partial::new());
                self.comment.get_or_insert(start);
                self.mode = Mode::Comment { json_lines };
                None
            }
            Line::Fence if self.fenced => {
                self.fenced = false;
                self.document = Partial::new();
                self.mode = between;
                None
            }
            Line::Text | Line::Fence if !json_lines && !self.document.is_wrapped => {
                // Such text has comments of its own.
                self.comment = None;
                self.mode = Mode::Text;
                self.append(b'\n');
                None
            }
            Line::Open(frame) if !json_lines && !self.document.is_wrapped => {
                (self.document.frame, self.document.is_wrapped) = (frame, true);
                self.mode = Mode::Object;
                self.append(b'\n');
                None
            }
            _ => Some(self.end(between)),
        }
    }

    pub(super) fn text(&mut self, byte: u8, here: Position) -> Option<Document> {
        match byte {
            b'{' if self.begins_line => {
                let ended = self.end(Mode::Between);
                self.between(byte, here);
                return Some(ended);
            }
            b'[' if self.begins_line => self.hold(byte, here, true),
            _ => self.append(byte),
        }
        None
    }

    pub(super) fn hold(&mut self, byte: u8, here: Position, in_text: bool) {
        (self.held, self.held_start) = (vec![byte], here);
        self.mode = Mode::Bracket { in_text };
    }

    pub(super) fn bracket(&mut self, byte: u8, in_text: bool) -> Option<Document> {
        self.held.push(byte);
        let is_decided = matches!(byte, b'\n' | b'{' | b',' | b':') || self.held.len() >= HELD_MAX;
        if is_decided { self.end_bracket(in_text) } else { None }
    }

    /// Begins the list, or the line of text, that a `[` begins.
    pub(super) fn end_bracket(&mut self, in_text: bool) -> Option<Document> {
        let mut held = std::mem::take(&mut self.held);
        let after = held.get(1..).unwrap_or_default().trim_ascii_start();
        let is_list = if in_text { after.is_empty() || after.starts_with(b"{") } else { !is_header(&held) };
        if is_list {
            let ended = in_text.then(|| self.end(Mode::Between));
            self.mode = Mode::BeforeItem { after_comma: false };
            self.replay(held.split_off(1), self.held_start.after(b"["));
            return ended;
        }
        if !in_text {
            self.begin(self.held_start, Mode::Text);
        }
        (self.mode, self.comment) = (Mode::Text, None);
        self.document.extend(&held, self.bytes_max);
        None
    }

    pub(super) fn skip_comment(&mut self, byte: u8, json_lines: bool) {
        let is_end = byte == b'/' && self.held.last() == Some(&b'*');
        self.held = vec![byte];
        if is_end {
            self.held.clear();
            self.mode = if json_lines { Mode::BetweenLines } else { Mode::Between };
        }
    }

    /// Has bytes read again, which begin at `position`.
    pub(super) fn replay(&mut self, mut bytes: Vec<u8>, position: Position) {
        bytes.extend(self.again.drain(..).skip(self.again_at));
        (self.again, self.again_at) = (bytes, 0);
        (self.next, self.indent) = (position, None);
    }
}
