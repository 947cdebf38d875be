//! A scanner over text that `serde_json` has accepted: where objects, lists, keys and values begin.
//!
//! It keeps its own stack, so no nesting can exhaust that of the thread, and it makes progress on any text at all, so a text
//! that is not JSON is at worst scanned in vain.

use std::borrow::Cow;

/// One thing found, at its offset in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Event<'t> {
    pub(super) offset: usize,
    pub(super) token: Token<'t>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Token<'t> {
    /// The key of an object, as in the text, including quotes.
    Key(&'t str),
    /// A value that is an object begins.
    Object,
    /// A value that is a list begins.
    List,
    /// A value that is neither.
    Scalar,
    /// The innermost object or list ends.
    End,
}

pub(super) struct Scanner<'t> {
    text: &'t str,
    offset: usize,
    /// Whether each open container is an object.
    open: Vec<bool>,
    key_is_next: bool,
}

impl<'t> Scanner<'t> {
    pub(super) const fn new(text: &'t str) -> Self {
        Self { text, offset: 0, open: Vec::new(), key_is_next: false }
    }

    fn begin(&mut self, object: bool) -> Token<'t> {
        self.open.push(object);
        self.key_is_next = object;
        self.offset += 1;
        if object { Token::Object } else { Token::List }
    }

    fn end(&mut self) -> Token<'t> {
        self.open.pop();
        self.key_is_next = false;
        self.offset += 1;
        Token::End
    }

    fn string(&mut self) -> Token<'t> {
        let begin = self.offset;
        let bytes = self.text.as_bytes();
        self.offset += 1;
        while let Some(byte) = bytes.get(self.offset) {
            self.offset += 1;
            match byte {
                b'"' => break,
                b'\\' => self.offset += 1,
                _ => {}
            }
        }
        self.offset = self.offset.min(bytes.len());
        if std::mem::take(&mut self.key_is_next) {
            Token::Key(self.text.get(begin..self.offset).unwrap_or_default())
        } else {
            Token::Scalar
        }
    }

    fn word(&mut self) -> Token<'t> {
        let rest = &self.text.as_bytes()[self.offset..];
        let length = rest.iter().position(|byte| b",]} \t\r\n".contains(byte)).unwrap_or(rest.len());
        self.offset += length;
        Token::Scalar
    }
}

impl<'t> Iterator for Scanner<'t> {
    type Item = Event<'t>;

    fn next(&mut self) -> Option<Event<'t>> {
        loop {
            let offset = self.offset;
            let token = match *self.text.as_bytes().get(offset)? {
                b'{' => self.begin(true),
                b'[' => self.begin(false),
                b'}' | b']' => self.end(),
                b'"' => self.string(),
                b',' => {
                    self.key_is_next = self.open.last() == Some(&true);
                    self.offset += 1;
                    continue;
                }
                b':' | b' ' | b'\t' | b'\r' | b'\n' => {
                    self.offset += 1;
                    continue;
                }
                _ => self.word(),
            };
            return Some(Event { offset, token });
        }
    }
}

/// A key without quotes and escapes.
pub(super) fn decoded(written: &str) -> Cow<'_, str> {
    if written.contains('\\')
        && let Ok(key) = serde_json::from_str(written)
    {
        return Cow::Owned(key);
    }
    Cow::Borrowed(written.strip_prefix('"').and_then(|key| key.strip_suffix('"')).unwrap_or(written))
}
