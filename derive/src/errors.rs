//! The one place where the errors of a derive are gathered, and the checks that it leaves to the compiler. Nothing in here knows
//! attributes.

use std::cell::RefCell;

use l2_adapter_rules::closest;
use proc_macro2::TokenStream;
use quote::ToTokens;

use crate::model::{Assertion, AssertionKind};

/// Gathers all errors of one derive, so that its user sees every one in one build.
///
/// It must be read with [`finish`](Self::finish): an error that is collected and never shown would let an invalid struct
/// compile, so dropping it unread panics.
pub(crate) struct Errors {
    gathered: RefCell<Option<Vec<syn::Error>>>,
    assertions: RefCell<Vec<Assertion>>,
}

impl Errors {
    pub(crate) fn new() -> Self {
        Self { gathered: RefCell::new(Some(Vec::new())), assertions: RefCell::default() }
    }

    /// Adds an error under all of `tokens`.
    pub(crate) fn on(&self, tokens: impl ToTokens, message: impl std::fmt::Display) {
        self.add(syn::Error::new_spanned(tokens, message));
    }

    /// Adds an error under all of `tokens`, in place of what they should have been.
    pub(crate) fn refuse<T>(&self, tokens: impl ToTokens, message: impl std::fmt::Display) -> Option<T> {
        self.on(tokens, message);
        None
    }

    /// Adds an error of the parser.
    pub(crate) fn add(&self, error: syn::Error) {
        if let Some(errors) = self.gathered.borrow_mut().as_mut() {
            errors.push(error);
        }
    }

    /// Leaves a check to the compiler, whose error is shown at `tokens`.
    pub(crate) fn assert(&self, tokens: impl ToTokens, kind: AssertionKind) {
        self.assertions.borrow_mut().push(Assertion { tokens: tokens.into_token_stream(), kind });
    }

    /// The checks left to the compiler.
    pub(crate) fn take_assertions(&self) -> Vec<Assertion> {
        self.assertions.take()
    }

    /// Takes over what was gathered apart.
    pub(crate) fn append(&self, part: Self) {
        self.assertions.borrow_mut().append(&mut part.take_assertions());
        part.take().into_iter().for_each(|error| self.add(error));
    }

    /// The number of errors so far: a stage that added some does not report what is missing because of them.
    pub(crate) fn count(&self) -> usize {
        self.gathered.borrow().as_ref().map_or(0, Vec::len)
    }

    /// The errors, for callers that decide later whether to show them.
    pub(crate) fn take(self) -> Vec<syn::Error> {
        self.gathered.borrow_mut().take().unwrap_or_default()
    }

    /// The errors as `compile_error!` calls, or nothing if there are none.
    pub(crate) fn finish(self) -> Result<(), TokenStream> {
        let errors = self.take();
        if errors.is_empty() {
            return Ok(());
        }
        Err(errors.iter().map(syn::Error::to_compile_error).collect())
    }
}

impl Drop for Errors {
    fn drop(&mut self) {
        if !std::thread::panicking() && self.gathered.borrow().is_some() {
            panic!("the errors of a derive were dropped unread");
        }
    }
}

/// The error for a name that is not in `known`: it suggests the close one, or lists all.
pub(crate) fn unknown_name(what: &str, name: &str, known: &[&str]) -> String {
    match closest(name, known.iter().copied()) {
        Some(close) => format!("unknown {what} `{name}`; did you mean `{close}`?"),
        None => format!("unknown {what} `{name}`; known here are {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "dropped unread")]
    fn an_unread_sink_is_a_bug_even_without_errors() {
        drop(Errors::new());
    }
}
