//! Lines outside of objects and lists: comments, text of other kinds, and what is a document of its own.

use crate::json::{framing::Frame, notation};

/// What a line outside of objects and lists is.
#[derive(Debug)]
pub(super) enum Line {
    /// Comments; after them, from the byte `rest` on, there may be something else.
    Comment { rest: usize },
    /// A comment that goes on in the next line.
    OpenComment,
    /// The line before or after a code block of Markdown.
    Fence,
    /// Text of another kind, which may have more lines.
    Text,
    /// A line whose brackets are closed in a later one.
    Open(Frame),
    /// A document, though perhaps a broken one.
    Document,
}

/// What kind of line some bytes are.
pub(super) fn kind_of(bytes: &[u8]) -> Line {
    // Most lines are objects.
    if bytes.trim_ascii_start().starts_with(b"{") {
        return Line::Document;
    }
    let Ok(text) = str::from_utf8(bytes) else { return Line::Document };
    let line = text.trim();
    if let Some(comments) = comments(text) {
        return comments;
    }
    if is_fence(line.as_bytes()) {
        return Line::Fence;
    }
    if notation::of_lines(line).is_some() {
        return Line::Text;
    }
    if serde_json::from_str::<serde::de::IgnoredAny>(line).is_ok() {
        return Line::Document;
    }
    let mut frame = Frame::default();
    line.bytes().for_each(|byte| _ = frame.push(byte));
    match frame {
        frame if frame.has_open() => Line::Open(frame),
        _ if line.contains(['{', '}', '[', ']']) => Line::Document,
        _ => Line::Text,
    }
}

/// The comments that a line begins with.
fn comments(text: &str) -> Option<Line> {
    let mut rest = text.trim_start();
    while let Some(comment) = rest.strip_prefix("/*") {
        match comment.split_once("*/") {
            Some((_, after)) => rest = after.trim_start(),
            None => return Some(Line::OpenComment),
        }
    }
    let is_comment =
        rest.starts_with("//") || rest.starts_with(';') || rest.starts_with('#') && !rest.starts_with("#!");
    match text.len() - rest.len() {
        _ if is_comment => Some(Line::Comment { rest: text.len() }),
        begin if begin > text.len() - text.trim_start().len() => Some(Line::Comment { rest: begin }),
        _ => None,
    }
}

/// Whether the last line of a text begins or ends a code block of Markdown.
pub(super) fn is_fence(text: &[u8]) -> bool {
    let last = text.rsplit(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii_start();
    last.starts_with(b"```") && !last.contains(&b'{')
}

/// Whether a line is the header of a table in TOML, or of a section in INI.
pub(super) fn is_header(line: &[u8]) -> bool {
    str::from_utf8(line).is_ok_and(notation::is_header)
}
