//! Patterns: the subset of regular expressions that Rust, ECMAScript and Python read alike.
//!
//! A pattern is a sequence of ASCII literals, `\`-escaped punctuation and classes such as `[A-Za-z0-9_-]`, each followed
//! by at most one of `?`, `*`, `+`, `{n}`, `{n,m}`; `^` may stand first and `$` last. There are no groups, alternatives,
//! `.`, shorthand or negated classes: the dialects disagree on some of them, and without nesting no input makes a
//! backtracking matcher explode. The derive refuses everything else at compile time.

use std::sync::OnceLock;

use regex_lite::Regex;

/// A pattern of a table. It is compiled once, when it is first matched.
#[derive(Debug)]
pub struct Pattern {
    source: &'static str,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// A pattern of the portable subset; the derive has checked that it is one.
    pub const fn new(source: &'static str) -> Self {
        Self { source, compiled: OnceLock::new() }
    }

    /// The pattern as it was written.
    pub const fn source(&self) -> &'static str {
        self.source
    }

    /// Whether the pattern ends in a `$` that is an anchor. Python's also matches before a final line feed.
    pub fn ends_anchored(&self) -> bool {
        self.source.strip_suffix('$').is_some_and(|rest| {
            let escapes = rest.len() - rest.trim_end_matches('\\').len();
            escapes.is_multiple_of(2)
        })
    }

    /// Whether the pattern matches somewhere in `text`. A pattern that is none matches nothing.
    pub fn matches(&self, text: &str) -> bool {
        self.compiled.get_or_init(|| Regex::new(self.source).ok()).as_ref().is_some_and(|regex| regex.is_match(text))
    }
}
