//! The three streams of a process, passed as arguments so that commands can run without a process.

use std::{
    error::Error,
    fmt::Arguments,
    io::{Read, Write},
};

use super::style::{ERROR, paint};

/// The streams that a command reads and writes.
pub struct Streams<'a> {
    /// Standard input.
    pub input: &'a mut dyn Read,
    /// Whether it is a terminal: then it is read only if the arguments name it, `-`.
    pub input_is_terminal: bool,
    /// Standard output, for data. Reports are coloured: the writer removes colours if they are not wanted.
    pub out: &'a mut dyn Write,
    /// Standard error, for everything else; coloured likewise.
    pub err: &'a mut dyn Write,
}

impl std::fmt::Debug for Streams<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Streams").field("input_is_terminal", &self.input_is_terminal).finish_non_exhaustive()
    }
}

impl Streams<'_> {
    /// Writes a message to standard error. Write errors are ignored, because there is nowhere left to report them.
    pub(super) fn tell(&mut self, text: Arguments<'_>) {
        let _ = self.err.write_fmt(text);
    }

    /// Reports an error and its causes.
    pub(super) fn complain(&mut self, error: &dyn Error) {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            text = format!("{text}: {error}");
            cause = error.source();
        }
        self.tell(format_args!("{} {text}\n", paint(ERROR, "error:")));
    }
}
