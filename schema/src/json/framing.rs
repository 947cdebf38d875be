//! Finds the end of one JSON value in a stream of bytes, from brackets and strings alone.

/// How many open brackets are remembered. Those beyond are only counted, since no document nested so deeply can be read: an
/// endless row of brackets needs no memory.
const OPEN_MAX: usize = 1 << 12;

/// Follows the brackets and strings of one value. The input need not be JSON: a malformed value ends somewhere too.
#[derive(Debug, Default)]
pub(super) struct Frame {
    /// The brackets that are open, at most [`OPEN_MAX`].
    pub(super) open: Vec<u8>,
    /// How many brackets are open beyond those remembered.
    deeper: usize,
    string: bool,
    escaped: bool,
    broken: bool,
    last: u8,
    /// The number of blanks since the last line feed, if nothing else followed it.
    pub(super) indent: Option<usize>,
}

impl Frame {
    /// Takes bytes up to the first that closes the outermost bracket, or one that is not open. A sign that separates values, or begins
    /// a line, is taken only if it is the first. The result is their number, and whether the last one closed what is not open.
    pub(super) fn take(&mut self, bytes: &[u8]) -> (usize, bool) {
        let mut taken = 0;
        while let Some(byte) = bytes.get(taken).copied() {
            let begins_line = self.indent.is_some() && !is_blank(byte);
            if taken > 0 && (begins_line || matches!(byte, b',' | b']') && self.is_outermost()) {
                break;
            }
            let is_matched = self.push(byte);
            taken += 1;
            if !is_matched || matches!(byte, b'}' | b']') && self.is_outermost() {
                return (taken, !is_matched);
            }
            if self.string && !self.escaped {
                let rest = &bytes[taken..];
                taken += rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | b'\n')).unwrap_or(rest.len());
            }
        }
        (taken, false)
    }

    /// Takes a byte. The result is false if it closes a bracket that is not open.
    pub(super) fn push(&mut self, byte: u8) -> bool {
        match byte {
            // No JSON string holds a line feed. Ending it here keeps one missing quote from swallowing the input.
            b'\n' => {
                self.broken |= self.string;
                (self.string, self.escaped, self.indent) = (false, false, Some(0));
            }
            _ if self.escaped => self.escaped = false,
            b'\\' if self.string => self.escaped = true,
            b'"' => (self.string, self.last, self.indent) = (!self.string, byte, None),
            _ if self.string => {}
            b' ' | b'\t' | b'\r' => self.indent = self.indent.map(|blanks| blanks + 1),
            _ => {
                (self.last, self.indent) = (byte, None);
                return self.push_sign(byte);
            }
        }
        true
    }

    fn push_sign(&mut self, byte: u8) -> bool {
        match byte {
            b'{' | b'[' if self.open.len() == OPEN_MAX => self.deeper += 1,
            b'{' | b'[' => self.open.push(byte),
            b'}' | b']' if self.deeper > 0 => self.deeper -= 1,
            b'}' | b']' => {
                let is_matched = self.open.pop() == Some(if byte == b'}' { b'{' } else { b'[' });
                self.broken |= !is_matched;
                return is_matched;
            }
            _ => {}
        }
        true
    }

    /// Whether no bracket is open: a comma here separates values.
    pub(super) fn is_outermost(&self) -> bool {
        self.open.is_empty() && !self.string
    }

    /// Whether an object may begin here if the value is to be JSON.
    pub(super) fn object_may_begin(&self) -> bool {
        !self.broken && matches!(self.last, b'[' | b',' | b':')
    }
}

/// Whether JSON allows the byte between its tokens.
pub(super) const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}
