//! The one place where the errors of a derive are gathered, and the checks that it leaves to the compiler. Nothing in here knows
//! attributes.

use std::cell::RefCell;

use l2_adapter_rules::closest;
use quote::ToTokens;
use syn::Type;

use crate::model::{Assertion, AssertionKind, Rule};

/// Gathers all errors of one derive, so that its user sees every one in one build, and the checks that it leaves to the compiler.
#[derive(Default)]
pub(crate) struct Errors {
    gathered: RefCell<Gathered>,
}

/// What was gathered.
#[derive(Default)]
#[must_use = "an error that is not shown lets an invalid struct compile"]
pub(crate) struct Gathered {
    pub(crate) errors: Vec<syn::Error>,
    pub(crate) assertions: Vec<Assertion>,
}

impl Errors {
    /// The result of `read`, and what it gathered.
    pub(crate) fn of<T>(read: impl FnOnce(&Self) -> T) -> (T, Gathered) {
        let errors = Self::default();
        (read(&errors), errors.gathered.into_inner())
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
        self.gathered.borrow_mut().errors.push(error);
    }

    /// Leaves a check to the compiler, whose error is shown at `tokens`.
    pub(crate) fn assert(&self, tokens: impl ToTokens, ty: &Type, rules: &[Rule], kind: AssertionKind) {
        let (tokens, ty, rules) = (tokens.into_token_stream(), ty.clone(), rules.to_vec());
        self.gathered.borrow_mut().assertions.push(Assertion { tokens, ty, rules, kind });
    }

    /// Adds what was gathered apart.
    pub(crate) fn append(&self, Gathered { errors, assertions }: Gathered) {
        self.gathered.borrow_mut().errors.extend(errors);
        self.gathered.borrow_mut().assertions.extend(assertions);
    }

    /// The number of errors so far: a stage that added some does not report what is missing because of them.
    pub(crate) fn count(&self) -> usize {
        self.gathered.borrow().errors.len()
    }
}

/// The error for a name that is not in `known`: it suggests the close one, or lists all.
pub(crate) fn unknown_name(what: &str, name: &str, known: &[&str]) -> String {
    match closest(name, known.iter().copied()) {
        Some(close) => format!("unknown {what} `{name}`; did you mean `{close}`?"),
        None => format!("unknown {what} `{name}`; known here are {}", known.join(", ")),
    }
}
