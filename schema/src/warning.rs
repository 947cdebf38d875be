//! Warnings: accepted, but worth attention. They are returned next to the value in [`Parsed`].

use std::fmt;

use serde::Serialize;

/// A config with the warnings about its document.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Parsed<T> {
    /// The config.
    pub value: T,
    /// The warnings, in the order of faults.
    pub warnings: Vec<Warning>,
}

impl<T> Parsed<T> {
    /// A value with its warnings.
    pub fn new(value: T, warnings: Vec<Warning>) -> Self {
        Self { value, warnings }
    }
}

/// A warning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Warning {
    /// Where, as a JSON Pointer (RFC 6901).
    pub pointer: String,
    /// What kind of warning.
    pub code: WarningCode,
    /// The message: a sentence that names the key.
    pub message: String,
}

impl Warning {
    /// A warning.
    pub fn new(pointer: impl Into<String>, code: WarningCode, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, message: message.into() }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.pointer, self.message)
    }
}

crate::fault::codes! {
    /// The kinds of warning. Codes are stable.
    WarningCode:

    /// A whole number was written with a fraction or exponent, `1.0`.
    IntegralFloat = "integral_float" @ Value,
    /// The key is deprecated.
    DeprecatedKey = "deprecated_key" @ Key,
    /// The key was written under a name kept only for old documents.
    LegacyKey = "legacy_key" @ Key,
    /// An undeclared key, which the type passes on, is near a declared one.
    NearKey = "near_key" @ Key,
    /// A string has what looks like a variable that a shell, Kubernetes or a template should have expanded, or is what reports show
    /// in place of a secret.
    Unexpanded = "unexpanded" @ Value,
    /// A string is no host, no `host:port` or no URL, and the type takes it all the same.
    Address = "address" @ Value,
    /// A warning the type itself declares, such as a setting without effect in this role.
    Advice = "advice" @ Value,
    /// A required key is absent, and an environment variable could supply it. Given only if a spec is checked without its
    /// environment; with an environment this is a fault or nothing.
    Environment = "environment" @ Object,
}
