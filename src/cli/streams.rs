//! The three streams of a process, handed in so that commands can be run without one.

use std::{
    error::Error,
    fmt::Arguments,
    io::{Read, Write},
};

use super::style::{ERROR, paint};

/// What a command reads and writes.
pub struct Streams<'a> {
    /// Standard input.
    pub input: &'a mut dyn Read,
    /// Whether somebody types there: then it is only read when asked for by name, `-`.
    pub input_is_terminal: bool,
    /// Standard output, for data. Reports are coloured: let the writer take colours out where nobody can see them.
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
    /// Tells the user something beside the data. What standard error does not take is lost: there is nobody left to tell.
    pub(super) fn tell(&mut self, text: Arguments<'_>) {
        let _ = self.err.write_fmt(text);
    }

    /// Tells the user what went wrong, and why.
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
