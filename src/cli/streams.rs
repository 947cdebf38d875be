//! The three streams of a process, handed in so that commands can be run without one.

use std::{
    error::Error,
    fmt::Arguments,
    io::{Read, Write},
};

use super::style::{ERROR, paint};

pub(super) struct Streams<'a> {
    pub(super) input: &'a mut dyn Read,
    pub(super) input_is_terminal: bool,
    pub(super) out: &'a mut dyn Write,
    pub(super) err: &'a mut dyn Write,
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
