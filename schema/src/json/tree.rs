//! Where the keys and values of a text are written.

use std::borrow::Cow;

use crate::passwords::value_without_passwords;

/// A value, and the offset of its first byte.
pub(super) struct Node<'t> {
    pub(super) at: usize,
    pub(super) content: Content<'t>,
}

pub(super) enum Content<'t> {
    Scalar,
    List(Vec<Node<'t>>),
    /// Ordered by the keys as pointers show them. Equal keys follow each other as they are written.
    Object(Vec<Entry<'t>>),
}

pub(super) struct Entry<'t> {
    pub(super) key: Cow<'t, str>,
    pub(super) key_at: usize,
    pub(super) value: Node<'t>,
}

impl<'t> Node<'t> {
    /// The value of a text that `serde_json` has read, and so is JSON and not nested deeply.
    pub(super) fn of(text: &'t str) -> Self {
        Scanner { text, at: 0 }.node()
    }
}

impl Entry<'_> {
    /// A pointer does not show the secrets of a key.
    pub(super) fn shown_key(&self) -> Cow<'_, str> {
        value_without_passwords(&self.key)
    }
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Scanner<'t> {
    fn node(&mut self) -> Node<'t> {
        let (first, at) = (self.sign(), self.at);
        let content = match first {
            b'{' => {
                let mut entries = Vec::new();
                self.at += 1;
                while self.sign() != b'}' {
                    entries.push(Entry { key_at: self.at, key: self.string(), value: self.node() });
                }
                self.at += 1;
                entries.sort_by(|left, right| (left.shown_key(), &left.key).cmp(&(right.shown_key(), &right.key)));
                Content::Object(entries)
            }
            b'[' => {
                let mut items = Vec::new();
                self.at += 1;
                while self.sign() != b']' {
                    items.push(self.node());
                }
                self.at += 1;
                Content::List(items)
            }
            b'"' => {
                self.string();
                Content::Scalar
            }
            _ => {
                self.skip_until(|byte| b",]} \t\r\n".contains(&byte));
                Content::Scalar
            }
        };
        Node { at, content }
    }

    /// The byte that a key, a value or the end of a list or object begins with.
    fn sign(&mut self) -> u8 {
        self.skip_until(|byte| !b",: \t\r\n".contains(&byte));
        self.text.as_bytes()[self.at]
    }

    fn skip_until(&mut self, is_end: impl Fn(u8) -> bool) {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().position(|byte| is_end(*byte)).unwrap_or(rest.len());
    }

    fn string(&mut self) -> Cow<'t, str> {
        let begin = self.at;
        self.at += 1;
        while self.text.as_bytes()[self.at] != b'"' {
            self.at += if self.text.as_bytes()[self.at] == b'\\' { 2 } else { 1 };
        }
        self.at += 1;
        let written = &self.text[begin..self.at];
        match written.contains('\\') {
            true => Cow::Owned(serde_json::from_str(written).unwrap_or_default()),
            false => Cow::Borrowed(&written[1..written.len() - 1]),
        }
    }
}
