//! Warnings: accepted, but worth attention. They are returned next to the value in [`Parsed`].

use std::fmt;

use serde::{Serialize, Serializer};

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

/// The kinds of warning. Codes are stable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum WarningCode {
    /// A whole number was written with a fraction or exponent, `1.0`.
    IntegralFloat,
    /// The key is deprecated.
    DeprecatedKey,
    /// The key was written under a name kept only for old documents.
    LegacyKey,
    /// An undeclared key, which the type passes on, is near a declared one.
    NearKey,
    /// A string has what looks like a variable that a shell, Kubernetes or a template should have expanded, or is what reports show
    /// in place of a secret.
    Unexpanded,
    /// A string is no host, no `host:port` or no URL, and the type takes it all the same.
    Address,
    /// A warning the type itself declares, such as a setting without effect in this role.
    Advice,
    /// A required key is absent, and an environment variable could supply it. Given only if a spec is checked without its
    /// environment; with an environment this is a fault or nothing.
    Environment,
}

impl WarningCode {
    /// The code in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            WarningCode::IntegralFloat => "integral_float",
            WarningCode::DeprecatedKey => "deprecated_key",
            WarningCode::LegacyKey => "legacy_key",
            WarningCode::NearKey => "near_key",
            WarningCode::Unexpanded => "unexpanded",
            WarningCode::Address => "address",
            WarningCode::Advice => "advice",
            WarningCode::Environment => "environment",
        }
    }
}

impl fmt::Display for WarningCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Serialize for WarningCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
