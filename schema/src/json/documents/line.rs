//! Lines outside of objects and lists: comments, text of other kinds, and what is a document of its own.

use crate::json::{framing::Frame, notation};

/// What a line outside of objects and lists is.
pub(super) enum Line {
    /// Comments, the last of which may go on in the next line. Something else may follow them in this one.
    Comment { length: usize, is_open: bool },
    /// The line before or after a code block of Markdown.
    Fence,
    /// Text of another kind, which may have more lines.
    Text,
    /// A line whose brackets are closed in a later one.
    Open(Frame),
    /// A document, though perhaps a broken one.
    Document,
}

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
        frame if !frame.open.is_empty() => Line::Open(frame),
        _ if line.contains(['{', '}', '[', ']']) => Line::Document,
        _ => Line::Text,
    }
}

fn comments(text: &str) -> Option<Line> {
    let mut rest = text.trim_start();
    while let Some(comment) = rest.strip_prefix("/*") {
        match comment.split_once("*/") {
            Some((_, after)) => rest = after.trim_start(),
            None => return Some(Line::Comment { length: text.len(), is_open: true }),
        }
    }
    let is_comment =
        rest.starts_with("//") || rest.starts_with(';') || rest.starts_with('#') && !rest.starts_with("#!");
    match text.len() - rest.len() {
        _ if is_comment => Some(Line::Comment { length: text.len(), is_open: false }),
        length if length > text.len() - text.trim_start().len() => Some(Line::Comment { length, is_open: false }),
        _ => None,
    }
}

/// Whether the last line of a text begins or ends a code block of Markdown.
pub(super) fn is_fence(text: &[u8]) -> bool {
    let last = text.rsplit(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii_start();
    last.starts_with(b"```") && !last.contains(&b'{')
}

/// How far a `[` is followed to see whether it begins a list: no header of TOML is longer.
const HEADER_BYTES_MAX: usize = 128;

/// Whether the `[` that bytes begin with begins a list; `None` if that depends on the bytes to come, unless they `ended`.
pub(super) fn begins_list(bytes: &[u8], ended: bool, in_text: bool) -> Option<bool> {
    let bytes = &bytes[..bytes.len().min(HEADER_BYTES_MAX)];
    let line = match bytes.iter().position(|byte| matches!(byte, b'\n' | b'{' | b',' | b':')) {
        Some(last) => &bytes[..=last],
        None if ended || bytes.len() == HEADER_BYTES_MAX => bytes,
        None => return None,
    };
    let after = line[1..].trim_ascii_start();
    Some(match in_text {
        true => after.is_empty() || after.starts_with(b"{"),
        false => !str::from_utf8(line).is_ok_and(notation::is_header),
    })
}
