//! Where the reader stands in a document: parent links on the stack. Text is made of them only after a fault.

use std::fmt::Write as _;

/// A place in a document.
#[derive(Debug, Clone, Copy)]
pub enum Path<'a> {
    /// The document itself.
    Root,
    /// A key of an object.
    Key(&'a Path<'a>, &'a str),
    /// An item of a list.
    Index(&'a Path<'a>, usize),
}

impl Path<'_> {
    /// The JSON Pointer (RFC 6901) of this place; empty for the document itself.
    pub fn pointer(&self) -> String {
        let mut pointer = String::new();
        self.write_pointer(&mut pointer);
        pointer
    }

    fn write_pointer(&self, pointer: &mut String) {
        match self {
            Path::Root => {}
            Path::Key(parent, key) => {
                parent.write_pointer(pointer);
                pointer.push('/');
                push_escaped(pointer, key);
            }
            Path::Index(parent, index) => {
                parent.write_pointer(pointer);
                // Writing to a String cannot fail.
                let _ = write!(pointer, "/{index}");
            }
        }
    }

    /// What a message calls this place: `` `ports[2]` `` for an item, `` `role` `` for a key.
    pub(crate) fn name(&self) -> String {
        match self {
            Path::Root => "the config".to_owned(),
            Path::Key(_, key) => format!("`{}`", shortened(key)),
            Path::Index(parent, index) => {
                let list = parent.name();
                format!("{}[{index}]`", list.strip_suffix('`').unwrap_or(&list))
            }
        }
    }
}

/// Appends one reference token of a JSON Pointer.
pub(crate) fn push_escaped(pointer: &mut String, token: &str) {
    for character in token.chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

/// The text, cut where it is too long for a message.
pub(crate) fn shortened(text: &str) -> String {
    const CHARACTERS_MAX: usize = 60;
    match text.char_indices().nth(CHARACTERS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
