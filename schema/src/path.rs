//! The reader's place in a document: parent links on the stack. They become text only after a fault.

use std::{borrow::Cow, fmt::Write as _};

use crate::passwords::value_without_passwords;

/// A place in a document.
#[derive(Debug, Clone, Copy)]
pub enum Path<'a> {
    /// The document itself.
    Root,
    /// A key of an object.
    Key(&'a Path<'a>, &'a str),
    /// An item of a list.
    Index(&'a Path<'a>, usize),
    /// An entry of an object whose key must not be shown. It has the pointer of the object, and so has all inside it.
    Hidden(&'a Path<'a>),
}

impl Path<'_> {
    /// The JSON Pointer (RFC 6901) of this place; empty for the document itself.
    pub fn pointer(&self) -> String {
        if let Path::Root = self {
            return String::new();
        }
        let mut pointer = String::with_capacity(NAME_BYTES);
        self.write_pointer(&mut pointer);
        pointer
    }

    /// Returns whether places inside this one have their own pointers.
    fn write_pointer(&self, pointer: &mut String) -> bool {
        match self {
            Path::Root => true,
            Path::Key(parent, key) => {
                let shown = parent.write_pointer(pointer);
                if shown {
                    pointer.push('/');
                    push_escaped(pointer, key);
                }
                shown
            }
            Path::Index(parent, index) => {
                let shown = parent.write_pointer(pointer);
                if shown {
                    // Writing to a String cannot fail.
                    let _ = write!(pointer, "/{index}");
                }
                shown
            }
            Path::Hidden(parent) => {
                parent.write_pointer(pointer);
                false
            }
        }
    }

    /// The name of this place in messages: `` `ports[2]` `` for an item, `` `role` `` for a key.
    pub(crate) fn name(&self) -> String {
        let mut name = String::with_capacity(NAME_BYTES);
        self.write_name(&mut name);
        name
    }

    /// Appends [`name`](Self::name).
    pub(crate) fn write_name(&self, name: &mut String) {
        match self {
            Path::Root => name.push_str("the config"),
            Path::Key(_, key) => {
                name.push('`');
                name.push_str(&shown_key(key));
                name.push('`');
            }
            Path::Index(parent, index) => {
                parent.write_name(name);
                let quoted = name.ends_with('`');
                if quoted {
                    name.pop();
                }
                // Writing to a String cannot fail.
                let _ = write!(name, "[{index}]{}", if quoted { "`" } else { "" });
            }
            Path::Hidden(parent) => {
                name.push_str("an entry of ");
                parent.write_name(name);
            }
        }
    }
}

/// Room for most names and pointers, so that they are allocated once.
const NAME_BYTES: usize = 48;

/// Appends one reference token of a JSON Pointer.
pub(crate) fn push_escaped(pointer: &mut String, token: &str) {
    // An address may be a key by mistake.
    let token = &*value_without_passwords(token);
    if !token.contains(['~', '/']) {
        return pointer.push_str(token);
    }
    for character in token.chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            other => pointer.push(other),
        }
    }
}

/// The token that [`push_escaped`] wrote.
pub(crate) fn unescaped(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

/// A key as messages show it: an address may be a key by mistake, and its secrets must go before it is cut.
pub(crate) fn shown_key(key: &str) -> Cow<'_, str> {
    match value_without_passwords(key) {
        Cow::Borrowed(key) => shortened(key),
        Cow::Owned(key) => Cow::Owned(shortened(&key).into_owned()),
    }
}

/// The text, shortened if it is too long for a message.
pub(crate) fn shortened(text: &str) -> Cow<'_, str> {
    const CHARACTERS_MAX: usize = 60;
    if text.len() <= CHARACTERS_MAX {
        return Cow::Borrowed(text);
    }
    match text.char_indices().nth(CHARACTERS_MAX) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}
