//! What is agreed between LMCache and us: the closed list of reasons for which we may refuse what it accepts, and how it
//! stores what both accept. Data only; [`crate::verdict`] decides by it.

mod shared;
mod types;

use l2_adapter::{FaultCode, Version};
use serde_json::{Map, Value};

pub(crate) use shared::SHARED;
pub(crate) use types::CONTRACTS;

/// Why we may refuse what LMCache accepts. There is no other reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reason {
    UnknownKey,
    Coerced,
    BoolAsNumber,
    OutOfRange,
    Blank,
    RepeatedKey,
    NeverLookedAt,
    NotJson,
    AtCreation,
}

impl Reason {
    pub(crate) const ALL: &[Reason] = &[
        Reason::UnknownKey,
        Reason::Coerced,
        Reason::BoolAsNumber,
        Reason::OutOfRange,
        Reason::Blank,
        Reason::RepeatedKey,
        Reason::NeverLookedAt,
        Reason::NotJson,
        Reason::AtCreation,
    ];

    /// Its name in the documentation.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Reason::UnknownKey => "unknown key",
            Reason::Coerced => "coerced",
            Reason::BoolAsNumber => "bool as number",
            Reason::OutOfRange => "out of range",
            Reason::Blank => "blank",
            Reason::RepeatedKey => "repeated key",
            Reason::NeverLookedAt => "not validated",
            Reason::NotJson => "not JSON",
            Reason::AtCreation => "at creation",
        }
    }

    /// What it means.
    pub(crate) const fn doc(self) -> &'static str {
        match self {
            Reason::UnknownKey => "A key that LMCache does not know. It ignores it.",
            Reason::Coerced => {
                "A value of another type, which Python converts: `\"4\"` to 4, `3.9` to 3, `\"false\"` to true."
            }
            Reason::BoolAsNumber => "`true` or `false` where a number is needed. In Python they equal 1 and 0.",
            Reason::OutOfRange => {
                "A number without a meaning for this key, such as a port above 65535 or a negative capacity."
            }
            Reason::Blank => "An empty or blank string where a name is needed.",
            Reason::RepeatedKey => "A key that appears twice in an object. Python uses the last one.",
            Reason::NeverLookedAt => "A value that LMCache ignores or stores without validating it.",
            Reason::NotJson => {
                "Text that is not valid JSON but that Python's `json` reads: `NaN`, `Infinity`, numbers beyond the range \
                 of a float such as `1e400`, unpaired surrogates; and text nested deeper than 127 levels."
            }
            Reason::AtCreation => {
                "A spec from which LMCache makes a config, but for which, as far as we know, it cannot create an adapter."
            }
        }
    }
}

/// What is agreed about one type.
pub(crate) struct Contract {
    pub(crate) adapter: &'static str,
    /// How keys are stored that are not stored as they are, under their own name.
    pub(crate) keeping: &'static [Keeping],
    /// What we refuse where neither the code nor LMCache's answer says why.
    pub(crate) listed: &'static [Listed],
    /// What LMCache accepts on one machine and refuses on another.
    pub(crate) of_the_machine: Option<OfTheMachine>,
}

/// Documents that only a machine can decide about; we accept them unless we are asked to look at it.
pub(crate) struct OfTheMachine {
    /// What these documents have.
    pub(crate) doc: &'static str,
    /// Whether a document is one.
    pub(crate) covers: fn(&Map<String, Value>) -> bool,
}

/// How LMCache stores some keys.
pub(crate) enum Keeping {
    /// Unchanged, under another name.
    Renamed { key: &'static str, attribute: &'static str },
    /// Converted: `value` says to what.
    Made { keys: &'static [&'static str], attribute: &'static str, doc: &'static str, value: fn(&Config<'_>) -> Value },
    /// As a part of this attribute, which is made of another key.
    Within { key: &'static str, attribute: &'static str },
    /// In an attribute that is computed from keys which are also stored.
    Derived { attribute: &'static str, doc: &'static str, value: fn(&Config<'_>) -> Value },
    /// Where the document has the key, as it is; otherwise each machine has its own default.
    OfTheMachine { key: &'static str, doc: &'static str },
    /// All undeclared keys, in one attribute.
    Rest { attribute: &'static str, doc: &'static str, value: fn(&Config<'_>) -> Value },
}

/// A config as we have it.
pub(crate) struct Config<'a> {
    /// Every key, defaults included, secrets shown.
    pub(crate) keys: &'a Map<String, Value>,
    /// Those of them that no table declares.
    pub(crate) rest: Map<String, Value>,
    /// The document it was read from.
    pub(crate) document: &'a Map<String, Value>,
    /// Whether it stands in another one.
    pub(crate) is_nested: bool,
    /// The version of LMCache that stores it.
    pub(crate) version: Version,
}

impl Config<'_> {
    /// The value of a key; null where there is none.
    pub(crate) fn get(&self, key: &str) -> &Value {
        self.keys.get(key).unwrap_or(&Value::Null)
    }

    /// The text of a key that is text.
    pub(crate) fn text(&self, key: &str) -> &str {
        self.get(key).as_str().unwrap_or_default()
    }
}

/// One thing that we refuse.
pub(crate) struct Listed {
    /// Where, as a JSON Pointer whose `*` stands for any index or name.
    pub(crate) place: &'static str,
    pub(crate) code: FaultCode,
    pub(crate) reason: Reason,
    /// What LMCache does with it.
    pub(crate) theirs: &'static str,
    /// Whether it is about this value.
    pub(crate) covers: fn(&Value) -> bool,
}

/// A line of a contract's list, about any value.
pub(crate) const fn listed(place: &'static str, code: FaultCode, reason: Reason, theirs: &'static str) -> Listed {
    Listed { place, code, reason, theirs, covers: |_| true }
}

impl Contract {
    /// The contract with LMCache about a type that it has.
    pub(crate) fn of(adapter: &str) -> Option<&'static Contract> {
        CONTRACTS.iter().find(|contract| contract.adapter == adapter)
    }

    /// How keys are stored: those of the type, then those that every type has.
    pub(crate) fn keepings(&self) -> impl Iterator<Item = &'static Keeping> {
        self.keeping.iter().chain(SHARED.keeping)
    }
}
