//! Cuts a stream of bytes into documents: one object, perhaps over many lines, a list of objects, or JSON Lines.
//!
//! The first document determines which of the three it is. Text that is neither is one document up to the line that begins an
//! object, and comments before a document are one fault. Memory is bounded by one document, and each byte is looked at a few times
//! at most, whatever the input is.

mod line;
mod list;

use std::{collections::VecDeque, mem};

use line::{Line, begins_list, is_fence, kind_of};

use super::{
    Position,
    framing::{Frame, is_blank},
    notation,
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
#[derive(Debug, Default)]
pub struct DocumentSplitter {
    mode: Mode,
    /// Bytes of the input. Those before `at` are done with; of the others, `document` has the first.
    input: Vec<u8>,
    at: usize,
    /// The position of the byte at `at`.
    here: Position,
    ended: bool,
    /// Whether each line is a document, once it is known.
    json_lines: Option<bool>,
    /// Whether a document has ended: then no list may begin.
    begun: bool,
    /// Whether a byte order mark precedes the first document, which begins with it.
    marked: bool,
    document: Partial,
    /// Where the comments begin that precede the next document.
    comment: Option<Position>,
    /// At the most a document and the fault of the comments before it.
    found: VecDeque<Document>,
    /// Whether a code block of Markdown is open.
    fenced: bool,
    /// Another bound than [`DOCUMENT_BYTES_MAX`].
    bytes_max: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Mode {
    /// Before a document that is not in a list.
    #[default]
    Between,
    /// In a document that ends with its line.
    Line,
    /// In an object, which ends with its brackets.
    Object,
    /// In text of another kind, until a line begins an object.
    Text,
    /// In a comment, until `*/`.
    Comment,
    /// In the list, before an item.
    BeforeItem { after_comma: bool },
    /// In an item of the list.
    Item,
    /// After the last document. Something else is reported, with these words.
    Rest(Option<&'static str>),
}

#[derive(Debug, Default)]
struct Partial {
    start: Position,
    /// How many bytes it has, those that were discarded left out.
    length: usize,
    too_long: bool,
    frame: Frame,
    spans_lines: bool,
    /// Where, if this one turns out to be broken, the next one begins.
    next_begins: Option<usize>,
}

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// How many bytes of the input are held beyond those of a document.
const CHUNK_BYTES: usize = 64 << 10;

impl DocumentSplitter {
    /// An input of which nothing was read.
    pub fn new() -> Self {
        Self::default()
    }

    /// As [`DocumentSplitter::new`] with another bound than [`DOCUMENT_BYTES_MAX`].
    pub fn with_limit(bytes_max: usize) -> Self {
        Self { bytes_max: Some(bytes_max), ..Self::default() }
    }

    fn bytes_max(&self) -> usize {
        self.bytes_max.unwrap_or(DOCUMENT_BYTES_MAX)
    }

    /// The next document that ends within `input`, which is advanced as far as it was read. `None` when all of it is consumed.
    pub fn next_in(&mut self, input: &mut &[u8]) -> Option<Document> {
        loop {
            let document = self.next();
            if document.is_some() || input.is_empty() {
                return document;
            }
            let (chunk, rest) = input.split_at(input.len().min(CHUNK_BYTES));
            *input = rest;
            self.input.drain(..mem::take(&mut self.at));
            self.input.extend_from_slice(chunk);
        }
    }

    /// The next document after the end of the input. `None` if there are no more.
    pub fn finish(&mut self) -> Option<Document> {
        self.ended = true;
        if let Some(document) = self.next() {
            return Some(document);
        }
        match self.mode {
            Mode::Object => self.cut(),
            Mode::Item if self.document.frame.is_outermost() => self.end(Mode::BeforeItem { after_comma: false }),
            Mode::Text | Mode::Item => self.end(Mode::Rest(None)),
            Mode::BeforeItem { .. } => {
                self.mode = Mode::Rest(None);
                self.push(self.here, Err("ends inside a list: `]` is missing"));
            }
            _ => self.found.extend(self.comment.take().map(comments)),
        }
        self.found.pop_front()
    }

    fn next(&mut self) -> Option<Document> {
        loop {
            if let Some(document) = self.found.pop_front() {
                return Some(document);
            }
            // Each reads on, and gives `None` if bytes are missing.
            match self.mode {
                Mode::Between => self.between(),
                Mode::Line => self.line(),
                Mode::Object => self.object(),
                Mode::Text => self.text(),
                Mode::Comment => self.skip_comment(),
                Mode::BeforeItem { after_comma } => self.before_item(after_comma),
                Mode::Item => self.item(),
                Mode::Rest(predicate) => self.skip_rest(predicate),
            }?;
        }
    }

    fn between(&mut self) -> Option<()> {
        if self.here == Position::START {
            if self.rest().starts_with(BYTE_ORDER_MARK) {
                self.marked = true;
                self.skip(BYTE_ORDER_MARK.len());
            } else if BYTE_ORDER_MARK.starts_with(self.rest()) && !self.ended {
                return None;
            }
        }
        match self.byte_after_blanks()? {
            b'[' if !self.begun && begins_list(self.rest(), self.ended, false)? => {
                self.skip(1);
                self.mode = Mode::BeforeItem { after_comma: false };
                if mem::take(&mut self.marked) {
                    self.push(Position::START, Err("begins with a byte order mark: save it as UTF-8 without one"));
                }
            }
            b'[' if !self.begun => self.begin(Mode::Text),
            b'{' if self.json_lines != Some(true) => self.begin(Mode::Object),
            _ => self.begin(Mode::Line),
        }
        Some(())
    }

    fn line(&mut self) -> Option<()> {
        let rest = self.rest();
        let end = rest.iter().position(|byte| *byte == b'\n');
        self.take(end.unwrap_or(rest.len()));
        if end.is_none() && !self.ended {
            return None;
        }
        let Partial { start, length, too_long, spans_lines, .. } = self.document;
        let may_go_on = self.json_lines != Some(true);
        match if too_long || spans_lines { Line::Document } else { kind_of(&self.input[self.at..][..length]) } {
            Line::Comment { length, is_open } => {
                self.comment.get_or_insert(start);
                self.skip(length);
                self.mode = if is_open { Mode::Comment } else { Mode::Between };
            }
            Line::Fence if self.fenced => {
                self.skip(length);
                (self.mode, self.fenced) = (Mode::Between, false);
            }
            Line::Text | Line::Fence if may_go_on => self.mode = Mode::Text,
            Line::Open(frame) if may_go_on => (self.mode, self.document.frame) = (Mode::Object, frame),
            _ => self.end(Mode::Between),
        }
        Some(())
    }

    fn object(&mut self) -> Option<()> {
        let byte = *self.rest().first()?;
        let document = &mut self.document;
        // Only in text without indentation can an object inside this one begin no further right.
        if byte == b'{' && document.frame.indent.is_some_and(|blanks| blanks < document.start.column) {
            if !document.frame.object_may_begin() {
                self.cut();
                return Some(());
            }
            if !document.too_long {
                document.next_begins.get_or_insert(document.length);
            }
        }
        self.take_framed();
        let document = &self.document;
        let text = &self.input[self.at..][..document.length];
        let is_whole = document.frame.is_outermost();
        let is_json = || serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok();
        if document.next_begins.is_some() && (text.len() > self.bytes_max() || is_whole && !is_json()) {
            self.cut();
        } else if is_whole && document.spans_lines && text.starts_with(b"{") {
            self.json_lines = Some(false);
            self.end(Mode::Between);
        } else if is_whole {
            // What follows it on its line belongs to it.
            self.json_lines.get_or_insert(!document.spans_lines);
            self.mode = Mode::Line;
        }
        Some(())
    }

    fn text(&mut self) -> Option<()> {
        // Such text has comments of its own.
        self.comment = None;
        let byte = *self.rest().first()?;
        let begins_line = self.document.frame.indent.is_some();
        if begins_line && byte == b'{' {
            self.end(Mode::Between);
        } else if begins_line && byte == b'[' && begins_list(self.rest(), self.ended, true)? {
            self.end(Mode::BeforeItem { after_comma: false });
            self.skip(1);
        } else {
            self.take_framed();
        }
        Some(())
    }

    fn skip_comment(&mut self) -> Option<()> {
        let rest = self.rest();
        let end = rest.windows(2).position(|pair| pair == b"*/");
        self.skip(end.map_or(rest.len().saturating_sub(1), |end| end + 2));
        end.map(|_| self.mode = Mode::Between)
    }

    /// The bytes that the document does not have yet.
    fn rest(&self) -> &[u8] {
        &self.input[self.at + self.document.length..]
    }

    fn byte_after_blanks(&mut self) -> Option<u8> {
        let blanks = self.rest().iter().take_while(|byte| is_blank(**byte)).count();
        self.skip(blanks);
        self.rest().first().copied()
    }

    /// Leaves bytes behind, those of the document first.
    fn skip(&mut self, length: usize) {
        self.here = self.here.after(&self.input[self.at..][..length]);
        self.at += length;
        self.document.length = 0;
    }

    fn begin(&mut self, mode: Mode) {
        let start = if self.marked { Position::START } else { self.here };
        self.document = Partial { start, ..Partial::default() };
        self.mode = mode;
    }

    /// Takes the next bytes into the document, or discards all if they are too many.
    fn take(&mut self, length: usize) {
        self.document.length += length;
        self.document.too_long |= self.document.length > self.bytes_max() && self.document.next_begins.is_none();
        if self.document.too_long {
            self.skip(self.document.length);
        }
    }

    /// Returns whether these bytes close a bracket that is not open.
    fn take_framed(&mut self) -> bool {
        let Partial { length, frame, spans_lines, .. } = &mut self.document;
        let (length, is_mismatched) = frame.take(&self.input[self.at + *length..]);
        *spans_lines |= frame.indent.is_some();
        self.take(length);
        is_mismatched
    }

    fn end(&mut self, mode: Mode) {
        let text = &self.input[self.at..][..self.document.length];
        let end = text.iter().rposition(|byte| !is_blank(*byte)).map_or(0, |last| last + 1);
        self.fenced |= self.mode == Mode::Text && is_fence(&text[..end]);
        let mark = if mem::take(&mut self.marked) { BYTE_ORDER_MARK } else { &[] };
        let text = [mark, &text[..end]].concat();
        let is_too_long = self.document.too_long || text.len() > self.bytes_max();
        self.skip(self.document.length);
        self.mode = mode;
        let content = match is_too_long {
            true => Err(format!("is longer than {} bytes, the most that one document may have", self.bytes_max())),
            false => Ok(text),
        };
        self.push(self.document.start, content);
    }

    /// Ends a broken document, and before the line that begins another one. What was taken beyond is read again, by lines: so it is
    /// read no third time.
    fn cut(&mut self) {
        if let Some(length) = self.document.next_begins {
            self.document.length = length;
            self.json_lines = Some(true);
        }
        self.end(Mode::Between);
    }

    /// Adds a document, or what the text does instead of having one.
    fn push(&mut self, start: Position, content: Result<Vec<u8>, impl AsRef<str>>) {
        self.begun = true;
        self.found.extend(self.comment.take().map(comments));
        let content = content.map_err(|predicate| syntax_fault(predicate.as_ref()));
        self.found.push_back(Document { start, content });
    }
}

/// The fault of the comments that begin at `start`.
fn comments(start: Position) -> Document {
    Document { start, content: Err(syntax_fault(&format!("is not JSON: {}", notation::COMMENT))) }
}
