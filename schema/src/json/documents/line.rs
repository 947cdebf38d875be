//! Lines outside of objects and lists: comments, text of other kinds, and what is a document of its own.

use crate::json::{framing::Frame, notation};

/// What a line outside of objects and lists is.
pub(super) enum Line {
    /// The line before or after a code block of Markdown.
    Fence,
    /// Text of another kind, or one whose brackets are closed later: it may have more lines.
    Text,
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
    if frame.has_open() || !line.contains(['{', '}', '[', ']']) { Line::Text } else { Line::Document }
}

/// How a comment begins and ends, if bytes begin with one.
pub(super) fn comment_of(bytes: &[u8]) -> Option<(&'static [u8], &'static [u8])> {
    let comments: [(&[u8], &[u8]); 4] = [(b"/*", b"*/"), (b"//", b"\n"), (b";", b"\n"), (b"#", b"\n")];
    comments.into_iter().find(|(begin, _)| bytes.starts_with(begin) && !bytes.starts_with(b"#!"))
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
