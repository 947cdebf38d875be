//! Cuts a stream of bytes into documents: one object, perhaps over many lines, a list of objects, or JSON Lines.
//!
//! The first document determines which of the three it is. Text that is neither is one document up to the line that begins an
//! object, and comments before a document are one fault. Memory is bounded by one document, and each byte is looked at a few times
//! at most, whatever the input is.

mod line;
mod outside;
mod partial;
mod pieces;

use partial::Partial;

use super::{
    framing::{Step, is_blank},
    position::Position,
    syntax::syntax_fault,
};
use crate::fault::Fault;

/// How long one document may be: far beyond any spec, and so short that even one with a fault in every byte pair can be
/// reported within some hundred megabytes.
pub const DOCUMENT_BYTES_MAX: usize = 1 << 20;

/// A document as it was cut out of its input.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Document {
    /// Where in the input it begins.
    pub start: Position,
    /// Its bytes, or the syntax fault that prevents it from being delimited.
    pub content: Result<Vec<u8>, Fault>,
}

impl Document {
    /// A document that is the whole of its source.
    pub fn whole(content: impl Into<Vec<u8>>) -> Self {
        Self { start: Position::START, content: Ok(content.into()) }
    }
}

/// Cuts an input into documents as it arrives.
///
/// ```
/// use l2_adapter_schema::DocumentSplitter;
///
/// let mut documents = DocumentSplitter::new();
/// let mut input = b"{\"type\": \"fs\"}\n{\"type\":".as_slice();
/// let first = documents.next_in(&mut input).unwrap();
/// assert_eq!(first.content.unwrap(), b"{\"type\": \"fs\"}");
/// assert_eq!(documents.next_in(&mut input), None, "the second line may go on");
/// let second = documents.finish().unwrap();
/// assert_eq!((second.start.line, second.content.unwrap()), (2, b"{\"type\":".to_vec()));
/// assert_eq!(documents.finish(), None);
/// ```
#[derive(Debug)]
pub struct DocumentSplitter {
    mode: Mode,
    /// The position of the next byte.
    next: Position,
    /// The column of the first byte of this line that is not blank.
    indent: Option<usize>,
    /// Whether that is the byte being taken. Its column does not tell: a byte that begins no character shares one with the next.
    begins_line: bool,
    /// Whether a document over several lines was complete: then this is not JSON Lines.
    spans_lines: bool,
    /// Whether no document has ended yet: then a list may begin.
    first: bool,
    document: Partial,
    /// A `[` and what follows it, until it is known whether it begins a list, and its position.
    held: Vec<u8>,
    held_start: Position,
    /// Where the comments begin that precede the next document.
    comment: Option<Position>,
    /// The document before which comments were reported.
    ready: Option<Document>,
    /// Whether a code block of Markdown is open.
    fenced: bool,
    /// Bytes to be read again, and how far that is done.
    again: Vec<u8>,
    again_at: usize,
    bytes_max: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Before a document of an input whose documents may span lines.
    Between,
    /// In an object, which ends with its brackets.
    Object,
    /// Before a line of JSON Lines.
    BetweenLines,
    /// In a document that ends with its line.
    Line { json_lines: bool },
    /// In the list, before an item.
    BeforeItem { after_comma: bool },
    /// In an item of the list.
    Item,
    /// After the list's end.
    AfterList,
    /// In text of another kind, until a line begins an object.
    Text,
    /// After a `[` that begins a list, or a line of text.
    Bracket { in_text: bool },
    /// In a comment, until `*/`.
    Comment { json_lines: bool },
    /// In a list whose brackets do not match.
    Lost,
    /// What remains has been reported.
    Ignoring,
}

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

impl DocumentSplitter {
    /// An input of which nothing was read.
    pub fn new() -> Self {
        Self::with_limit(DOCUMENT_BYTES_MAX)
    }

    /// As [`DocumentSplitter::new`] with another bound than [`DOCUMENT_BYTES_MAX`].
    pub fn with_limit(bytes_max: usize) -> Self {
        Self {
            mode: Mode::Between,
            next: Position::START,
            indent: None,
            begins_line: false,
            spans_lines: false,
            first: true,
            document: Partial::new(),
            held: Vec::new(),
            held_start: Position::START,
            comment: None,
            ready: None,
            fenced: false,
            again: Vec::new(),
            again_at: 0,
            bytes_max,
        }
    }

    /// The next document that ends within `input`, which is advanced past it. `None` when all of `input` is consumed.
    pub fn next_in(&mut self, input: &mut &[u8]) -> Option<Document> {
        if let Some(document) = self.ready.take() {
            return Some(document);
        }
        while let Some(byte) = self.again.get(self.again_at).copied() {
            self.again_at += 1;
            if let Some(document) = self.take(byte) {
                return Some(self.after_comments(document));
            }
        }
        while let Some((byte, rest)) = input.split_first() {
            *input = rest;
            if let Some(document) = self.take(*byte) {
                return Some(self.after_comments(document));
            }
            if matches!(self.mode, Mode::Line { .. }) {
                self.take_to_line_end(input);
            } else if self.is_inside() {
                self.take_inside(input);
            } else if self.again_at < self.again.len() {
                return self.next_in(input);
            }
        }
        None
    }

    /// The next document after the end of the input. `None` if there are no more.
    pub fn finish(&mut self) -> Option<Document> {
        loop {
            if let Some(document) = self.next_in(&mut [].as_slice()) {
                return Some(document);
            }
            let ended = match self.mode {
                Mode::Bracket { in_text } => self.end_bracket(in_text),
                Mode::Line { json_lines } => self.end_line(json_lines),
                _ => break,
            };
            if let Some(document) = ended {
                return Some(self.after_comments(document));
            }
        }
        let last = match self.mode {
            Mode::Object if self.document.next_begins.is_some() => Some(self.cut()),
            Mode::Object | Mode::Text => Some(self.end(Mode::Ignoring)),
            Mode::Item if self.document.frame.is_outermost() => Some(self.end(Mode::BeforeItem { after_comma: false })),
            Mode::Item => Some(self.end(Mode::Ignoring)),
            Mode::BeforeItem { .. } => {
                Some(self.report(self.next, "ends inside a list: `]` is missing", Mode::Ignoring))
            }
            _ => None,
        };
        match last {
            Some(document) => Some(self.after_comments(document)),
            None => self.comment.take().map(outside::comments),
        }
    }

    fn take(&mut self, byte: u8) -> Option<Document> {
        let here = self.next;
        let blank = is_blank(byte);
        self.begins_line = !blank && self.indent.is_none();
        if byte == b'\n' {
            self.indent = None;
        } else if !blank {
            self.indent.get_or_insert(here.column);
        }
        self.next = here.after_byte(byte);
        match self.mode {
            Mode::Between => self.between(byte, here),
            Mode::Object => self.object(byte, here),
            Mode::Text => self.text(byte, here),
            Mode::Bracket { in_text } => self.bracket(byte, in_text),
            Mode::Comment { json_lines } => {
                self.skip_comment(byte, json_lines);
                None
            }
            Mode::Line { json_lines } if byte == b'\n' => self.end_line(json_lines),
            Mode::Line { .. } => {
                self.append(byte);
                None
            }
            Mode::Item => self.item(byte),
            _ if blank => None,
            Mode::BetweenLines => {
                self.begin(here, Mode::Line { json_lines: true });
                self.append(byte);
                None
            }
            Mode::BeforeItem { after_comma } => self.before_item(byte, here, after_comma),
            // It ends the code block in which the list is.
            Mode::AfterList if self.fenced && byte == b'`' => {
                self.mode = Mode::Ignoring;
                None
            }
            Mode::AfterList => Some(self.report(here, "continues after the end of its list", Mode::Ignoring)),
            Mode::Lost => {
                let predicate = "cannot be read further: fix the brackets of the previous item, then check again";
                Some(self.report(here, predicate, Mode::Ignoring))
            }
            Mode::Ignoring => None,
        }
    }

    fn between(&mut self, byte: u8, here: Position) -> Option<Document> {
        let first = self.first;
        let mark_read = self.document.text.len();
        let goes_on = mark_read > 0 || here == Position::START;
        if first && goes_on && BYTE_ORDER_MARK.get(mark_read) == Some(&byte) {
            if mark_read == 0 {
                self.begin(here, self.mode);
            }
            self.append(byte);
            return None;
        }
        match byte {
            _ if is_blank(byte) && mark_read == 0 => return None,
            _ if is_blank(byte) => {}
            b'[' if first && mark_read == 0 => {
                self.hold(byte, here, false);
                return None;
            }
            b'[' if first => {
                self.document.text.clear();
                let predicate = "begins with a byte order mark: save it as UTF-8 without one";
                return Some(self.report(Position::START, predicate, Mode::BeforeItem { after_comma: false }));
            }
            _ => {
                let mode = if byte == b'{' { Mode::Object } else { Mode::Line { json_lines: false } };
                if mark_read == 0 {
                    self.begin(here, mode);
                }
                self.mode = mode;
                self.document.frame.push(byte);
            }
        }
        self.append(byte);
        None
    }

    fn object(&mut self, byte: u8, here: Position) -> Option<Document> {
        let document = &mut self.document;
        // Only in text without indentation can an object inside this one begin no further right.
        let begins_line = self.begins_line && here.line > document.start.line;
        let may_be_next = byte == b'{' && begins_line && here.column <= document.indent;
        let cannot_go_on = may_be_next && !document.frame.object_may_begin();
        if cannot_go_on && document.next_begins.is_none() {
            let ended = self.end(Mode::Between);
            self.between(byte, here);
            return Some(ended);
        }
        if may_be_next && !document.too_long {
            document.next_begins.get_or_insert((document.text.len(), here));
        }
        document.frame.push(byte);
        if document.next_begins.is_some() && (cannot_go_on || document.text.len() >= self.bytes_max) {
            document.text.push(byte);
            return Some(self.cut());
        }
        self.append(byte);
        let document = &self.document;
        if !document.frame.is_outermost() {
            return None;
        }
        if here.line == document.start.line {
            self.mode = Mode::Line { json_lines: !self.spans_lines };
            return None;
        }
        if document.next_begins.is_some() && serde_json::from_slice::<serde::de::IgnoredAny>(&document.text).is_err() {
            return Some(self.cut());
        }
        self.spans_lines = true;
        if document.is_wrapped {
            // What follows it on its line belongs to it.
            self.mode = Mode::Line { json_lines: false };
            return None;
        }
        Some(self.end(Mode::Between))
    }

    fn before_item(&mut self, byte: u8, here: Position, after_comma: bool) -> Option<Document> {
        match byte {
            b']' if after_comma => Some(self.report(here, "has a comma before the end of its list", Mode::AfterList)),
            b']' => {
                self.mode = Mode::AfterList;
                None
            }
            b',' => {
                let mode = Mode::BeforeItem { after_comma: true };
                Some(self.report(here, "has a comma where an object should be", mode))
            }
            _ => {
                self.begin(here, Mode::Item);
                self.item(byte)
            }
        }
    }

    /// An item ends at a comma or at the list's end, so that the items around a malformed one are not lost.
    fn item(&mut self, byte: u8) -> Option<Document> {
        if self.document.frame.is_outermost() && matches!(byte, b',' | b']') {
            let mode = if byte == b',' { Mode::BeforeItem { after_comma: true } } else { Mode::AfterList };
            return Some(self.end(mode));
        }
        let step = self.document.frame.push(byte);
        self.append(byte);
        (step == Step::Mismatched).then(|| self.end(Mode::Lost))
    }

    fn begin(&mut self, start: Position, mode: Mode) {
        self.document = Partial { start, indent: self.indent.unwrap_or(start.column), ..Partial::new() };
        self.mode = mode;
    }

    fn append(&mut self, byte: u8) {
        self.document.extend(&[byte], self.bytes_max);
    }

    fn end(&mut self, mode: Mode) -> Document {
        let was_text = matches!(self.mode, Mode::Text | Mode::Bracket { .. });
        (self.mode, self.first) = (mode, false);
        let Partial { start, mut text, too_long, .. } = std::mem::replace(&mut self.document, Partial::new());
        text.truncate(text.iter().rposition(|byte| !is_blank(*byte)).map_or(0, |last| last + 1));
        self.fenced |= was_text && line::is_fence(&text);
        let content = if too_long {
            let predicate = format!("is longer than {} bytes, the most that one document may have", self.bytes_max);
            Err(syntax_fault(&predicate))
        } else {
            Ok(text)
        };
        Document { start, content }
    }

    /// Ends a broken document before the line that begins another one. What was read beyond is read again, by lines: so
    /// it is read no third time.
    fn cut(&mut self) -> Document {
        if let Some((length, position)) = self.document.next_begins {
            let beyond = self.document.text.split_off(length);
            self.replay(beyond, position);
        }
        self.end(Mode::BetweenLines)
    }

    fn report(&mut self, start: Position, predicate: &str, mode: Mode) -> Document {
        (self.mode, self.first) = (mode, false);
        Document { start, content: Err(syntax_fault(predicate)) }
    }
}

impl Default for DocumentSplitter {
    fn default() -> Self {
        Self::new()
    }
}
