//! The allowed differences from LMCache: the closed list of reasons for which we may refuse specs that it accepts, and how it
//! stores specs that both accept. Data only, which [`crate::verdict`] uses.

mod shared;
mod types;

use l2_adapter::{FaultCode, Version};
use serde_json::{Map, Value};

pub(crate) use shared::SHARED;
pub(crate) use types::CONTRACTS;

/// A reason for which we may refuse a spec that LMCache accepts. There are no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reason {
    UnknownKey,
    Coerced,
    BoolAsNumber,
    OutOfRange,
    Blank,
    RepeatedKey,
    NotValidated,
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
        Reason::NotValidated,
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
            Reason::NotValidated => "not validated",
            Reason::NotJson => "not JSON",
            Reason::AtCreation => "at creation",
        }
    }

    /// Its meaning, in the documentation.
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
            Reason::NotValidated => "A value that LMCache ignores or stores without validating it.",
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

/// The allowed differences of one type.
pub(crate) struct Contract {
    pub(crate) adapter: &'static str,
    /// How keys are stored, except those that are stored unchanged under their own names.
    pub(crate) storage: &'static [Storage],
    /// The differences whose reason follows neither from the fault's code nor from LMCache's answer.
    pub(crate) listed: &'static [Listed],
    /// Documents that LMCache accepts on some machines only.
    pub(crate) machine_dependent: Option<MachineDependent>,
}

/// Documents that LMCache accepts on some machines only. We accept them unless they are checked for a machine.
pub(crate) struct MachineDependent {
    /// A description of these documents.
    pub(crate) doc: &'static str,
    /// Whether a document is one of them.
    pub(crate) covers: fn(&Map<String, Value>) -> bool,
}

/// How LMCache stores some keys.
pub(crate) enum Storage {
    /// Unchanged, under another name.
    Renamed { key: &'static str, attribute: &'static str },
    /// Converted by `value`.
    Converted {
        keys: &'static [&'static str],
        attribute: &'static str,
        doc: &'static str,
        value: fn(&Config<'_>) -> Value,
    },
    /// As a part of an attribute that is converted from other keys.
    Within { key: &'static str, attribute: &'static str },
    /// In an additional attribute, which is computed from keys that are also stored.
    Derived { attribute: &'static str, doc: &'static str, value: fn(&Config<'_>) -> Value },
    /// Unchanged if the document has the key. Otherwise the default depends on the machine.
    MachineDependent { key: &'static str, doc: &'static str },
    /// All undeclared keys, in one attribute.
    Rest { attribute: &'static str, doc: &'static str, value: fn(&Config<'_>) -> Value },
}

/// A config that we have parsed.
pub(crate) struct Config<'a> {
    /// Every key, with defaults and secrets.
    pub(crate) keys: &'a Map<String, Value>,
    /// The undeclared keys.
    pub(crate) rest: Map<String, Value>,
    /// The document it was read from.
    pub(crate) document: &'a Map<String, Value>,
    /// Whether it is inside another spec.
    pub(crate) is_nested: bool,
    /// The version of LMCache that stores it.
    pub(crate) version: Version,
}

impl Config<'_> {
    /// The value of a key, or null.
    pub(crate) fn get(&self, key: &str) -> &Value {
        self.keys.get(key).unwrap_or(&Value::Null)
    }

    /// The value of a key whose value is text.
    pub(crate) fn text(&self, key: &str) -> &str {
        self.get(key).as_str().unwrap_or_default()
    }
}

/// One allowed difference.
pub(crate) struct Listed {
    /// A JSON Pointer, in which `*` is any index or name.
    pub(crate) place: &'static str,
    pub(crate) code: FaultCode,
    pub(crate) reason: Reason,
    /// What LMCache does with it.
    pub(crate) theirs: &'static str,
    /// Whether it applies to this value.
    pub(crate) covers: fn(&Value) -> bool,
}

/// An allowed difference for any value.
pub(crate) const fn listed(place: &'static str, code: FaultCode, reason: Reason, theirs: &'static str) -> Listed {
    Listed { place, code, reason, theirs, covers: |_| true }
}

impl Contract {
    /// The contract of a type that LMCache has.
    pub(crate) fn of(adapter: &str) -> Option<&'static Contract> {
        CONTRACTS.iter().find(|contract| contract.adapter == adapter)
    }

    /// How the type's keys are stored, then the common keys.
    pub(crate) fn storages(&self) -> impl Iterator<Item = &'static Storage> {
        self.storage.iter().chain(SHARED.storage)
    }
}
