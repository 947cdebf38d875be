//! Faults of a document: one [`Fault`] for each violation, with a stable code, and [`ConfigError`], which holds them all.

use std::fmt;

use l2_adapter_rules::{Rule, each, text_equals};
use serde::Serialize;

use crate::warning::Warning;

/// An enum of stable codes, each with its word and the part of the text that it marks.
macro_rules! codes {
    ($(#[$of_all:meta])* $codes:ident: $($(#[$doc:meta])* $variant:ident = $code:literal @ $anchor:ident,)*) => {
        $(#[$of_all])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
        #[non_exhaustive]
        pub enum $codes {
            $($(#[$doc])* #[serde(rename = $code)] $variant,)*
        }

        impl $codes {
            /// Every code, in the order they are documented.
            pub const ALL: &'static [$codes] = &[$($codes::$variant),*];

            /// The code in reports.
            pub const fn as_str(self) -> &'static str {
                match self { $($codes::$variant => $code),* }
            }

            /// Which part of the text this code marks.
            pub const fn anchor(self) -> $crate::Anchor {
                match self { $($codes::$variant => $crate::Anchor::$anchor),* }
            }
        }

        impl std::fmt::Display for $codes {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use codes;

codes! {
    /// The kinds of fault. Codes are stable: a program may branch on them.
    FaultCode:

    /// The text is not JSON.
    Syntax = "syntax" @ Value,
    /// A key appears twice in one object.
    RepeatedKey = "repeated_key" @ Key,
    /// A required key is absent.
    Missing = "missing" @ Object,
    /// A required key is absent and so is the environment variable that could supply it.
    MissingEnvironment = "missing_environment" @ Object,
    /// No such key.
    UnknownKey = "unknown_key" @ Key,
    /// The key must not be there.
    ForbiddenKey = "forbidden_key" @ Key,
    /// The key is there in other versions of the peer.
    OtherVersion = "other_version" @ Key,
    /// A key and its alias are both there.
    ConflictingKeys = "conflicting_keys" @ Key,
    /// The value has another JSON type.
    WrongType = "wrong_type" @ Value,
    /// The value is not one of the allowed values.
    NotAllowed = "not_allowed" @ Value,
    /// A number is too small or too large.
    OutOfRange = "out_of_range" @ Value,
    /// An integer of 2^53 or more, or beyond 64 bits, was read as a float, which has lost its last digits.
    InexactInteger = "inexact_integer" @ Value,
    /// A number is not a multiple of the required factor.
    NotMultiple = "not_multiple" @ Value,
    /// A number is not a power of two.
    NotPowerOfTwo = "not_power_of_two" @ Value,
    /// A string is empty or consists of blanks.
    Blank = "blank" @ Value,
    /// A string begins or ends with blanks.
    NotTrimmed = "not_trimmed" @ Value,
    /// A string has too few or too many characters.
    Length = "length" @ Value,
    /// A string does not match its pattern.
    Pattern = "pattern" @ Value,
    /// A string does not begin as it must.
    Prefix = "prefix" @ Value,
    /// A string contains forbidden text.
    ForbiddenText = "forbidden_text" @ Value,
    /// A string is no host, no `host:port` or no URL.
    Address = "address" @ Value,
    /// A list or map has too few or too many entries.
    ItemCount = "item_count" @ Value,
    /// Two items of a list are equal.
    RepeatedItem = "repeated_item" @ Value,
    /// `type` names another adapter type than the expected one.
    OtherType = "other_type" @ Value,
    /// `type` is not a registered adapter type.
    UnknownType = "unknown_type" @ Value,
    /// A field's own function refused the value.
    ParseWith = "parse_with" @ Value,
    /// A default that was computed, or copied from another key, breaks a rule of its own key.
    ComputedDefault = "computed_default" @ Object,
    /// A rule over several fields is broken.
    Rule = "rule" @ Value,
    /// The path of the value does not exist on the machine, or a rule that reads the machine is violated.
    NotOnMachine = "not_on_machine" @ Value,
    /// Objects and lists are nested too deeply.
    Nesting = "nesting" @ Value,
}

impl FaultCode {
    /// The codes that a document accepted by the exported schema may still be refused with, and why a schema cannot
    /// say it: rules over several fields, fields with a function of their own, computed defaults, presence that an environment variable
    /// may satisfy, what exists on a machine, integers whose digits are lost, nesting depth, and of addresses more than the
    /// characters they are made of.
    pub const BEYOND_SCHEMA: &'static [FaultCode] = &[
        FaultCode::Rule,
        FaultCode::ParseWith,
        FaultCode::ComputedDefault,
        FaultCode::MissingEnvironment,
        FaultCode::NotOnMachine,
        FaultCode::InexactInteger,
        FaultCode::Nesting,
        FaultCode::Address,
    ];

    /// The code of a value that violates a rule.
    pub const fn of_rule(rule: &Rule) -> Self {
        Self::named(rule.word().code)
    }

    const fn named(code: &str) -> Self {
        let mut index = 0;
        while !text_equals(Self::ALL[index].as_str(), code) {
            index += 1;
        }
        Self::ALL[index]
    }
}

/// Every rule's code is one: the lookup of another does not compile.
const _: () = each!(word in Rule::WORDS => { let _ = FaultCode::named(word.code); });

/// The part of the text that a fault or warning marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Anchor {
    /// The key that the pointer names.
    Key,
    /// The value that the pointer names.
    Value,
    /// The opening brace of the object that lacks the key.
    Object,
}

/// A fault of a document, and how to fix it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Fault {
    /// Where, as a JSON Pointer (RFC 6901) from the document's root; of a missing key, the key's own.
    pub pointer: String,
    /// What kind of fault.
    pub code: FaultCode,
    /// The message: a sentence that names the key.
    pub message: String,
    /// The accepted values, if a phrase can describe them.
    pub expected: Option<String>,
    /// What was found: the value of a plain scalar, else only its JSON type. Secrets, containers, free-form values and
    /// values of unknown keys are never shown.
    pub got: Option<String>,
    /// What to write instead: a key or value that is close, what another system's name means, or a whole spec.
    pub suggestion: Option<String>,
}

impl Fault {
    /// A fault that has only a place, a code and a message.
    pub fn new(pointer: impl Into<String>, code: FaultCode, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, message: message.into(), expected: None, got: None, suggestion: None }
    }

    /// The pointer, the message, and the parts that the message omits.
    pub(crate) fn statement(&self) -> impl fmt::Display {
        fmt::from_fn(|formatter| {
            if !self.pointer.is_empty() {
                write!(formatter, "{}: ", self.pointer)?;
            }
            formatter.write_str(&self.message)?;
            // Other messages already contain it: "must be ...".
            if let (FaultCode::Missing | FaultCode::MissingEnvironment, Some(expected)) = (self.code, &self.expected) {
                write!(formatter, ", expected {expected}")?;
            }
            match &self.got {
                // The type of a value under an unknown key does not help a reader.
                Some(got) if self.code != FaultCode::UnknownKey => write!(formatter, ", got {got}"),
                _ => Ok(()),
            }
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.statement().fmt(formatter)?;
        match &self.suggestion {
            Some(suggestion) => write!(formatter, "; did you mean `{suggestion}`?"),
            None => Ok(()),
        }
    }
}

/// Everything that is wrong with one document, in a fixed order: declared fields, common keys, rules over several fields, then
/// unknown keys in document order. For text, repeated keys come first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ConfigError {
    /// The adapter type whose table was applied; `None` if the type is unknown.
    pub adapter_type: Option<&'static str>,
    /// The faults; never empty. No more are listed after their pointers take 16 MiB in total.
    pub faults: Vec<Fault>,
    /// The warnings about the rest of the document, in the same order.
    pub warnings: Vec<Warning>,
}

impl ConfigError {
    /// An error with these faults, of which there must be at least one.
    pub fn new(adapter_type: Option<&'static str>, faults: Vec<Fault>) -> Self {
        debug_assert!(!faults.is_empty(), "a ConfigError without faults");
        Self { adapter_type, faults, warnings: Vec::new() }
    }

    /// The placeholder error of an invalid object whose faults the reader still holds.
    #[doc(hidden)]
    pub const fn placeholder() -> Self {
        Self { adapter_type: None, faults: Vec::new(), warnings: Vec::new() }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.adapter_type.unwrap_or("L2 adapter");
        if let [fault] = self.faults.as_slice() {
            return write!(formatter, "invalid {name} config: {fault}");
        }
        write!(formatter, "invalid {name} config, {} faults:", self.faults.len())?;
        for fault in &self.faults {
            write!(formatter, "\n  {fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}
