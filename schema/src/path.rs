//! The reader's place in a document: parent links on the stack. They become text only after a fault.

use std::borrow::Cow;

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
        let mut pointer = String::with_capacity(POINTER_BYTES);
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
                    push_token(pointer, key);
                }
                shown
            }
            Path::Index(parent, index) => Path::Key(parent, &index.to_string()).write_pointer(pointer),
            Path::Hidden(parent) => {
                parent.write_pointer(pointer);
                false
            }
        }
    }

    /// The name of this place in messages: `` `ports[2]` `` for an item, `` `role` `` for a key.
    pub(crate) fn name(&self) -> String {
        match self {
            Path::Root => "the config".to_owned(),
            Path::Key(_, key) => ["`", &shown_key(key), "`"].concat(),
            Path::Index(parent, index) => {
                let name = parent.name();
                let (name, quote) = name.strip_suffix('`').map_or((&*name, ""), |name| (name, "`"));
                format!("{name}[{index}]{quote}")
            }
            Path::Hidden(parent) => ["an entry of ", &parent.name()].concat(),
        }
    }
}

/// Room for most pointers, so that they are allocated once.
const POINTER_BYTES: usize = 48;

/// Appends one reference token of a JSON Pointer, after its `/`.
pub(crate) fn push_token(pointer: &mut String, token: &str) {
    pointer.push('/');
    // An address may be a key by mistake.
    match value_without_passwords(token) {
        token if token.contains(['~', '/']) => pointer.push_str(&token.replace('~', "~0").replace('/', "~1")),
        token => pointer.push_str(&token),
    }
}

/// The token that [`push_token`] wrote.
pub(crate) fn unescaped(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

/// Whether a pointer is `outer`, or leads into its value.
pub(crate) fn is_within(pointer: &str, outer: &str) -> bool {
    pointer.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
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
    match text.char_indices().nth(CHARACTERS_MAX) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}
