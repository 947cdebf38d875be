//! The input of the last stage: it cannot express anything that must be refused.

use l2_adapter_rules::{ConditionEffect, Unit, Versions};
use proc_macro2::{Ident, TokenStream};
use syn::{Path, Type};

use super::{Alias, Doc, ForbiddenKey, ForeignNames, KnownKey, Literal, OtherConfig, Rule};

/// Which versions of the peer have something: what is known of them, and what is emitted.
#[derive(Clone, Copy)]
pub(crate) struct CheckedVersions {
    pub(crate) versions: Versions,
    pub(crate) since: Option<&'static str>,
    pub(crate) until: Option<&'static str>,
}

impl CheckedVersions {
    /// All versions.
    pub(crate) const ALL: Self = Self { versions: Versions::ALL, since: None, until: None };
}

/// A struct that can be emitted.
pub(crate) struct CheckedStruct {
    pub(crate) doc: Doc,
    /// Whether an object without keys may lack one.
    pub(crate) required: bool,
    /// The place where `Default` is requested.
    pub(crate) default: Option<Ident>,
    pub(crate) role: Role,
    pub(crate) also_known_as: Vec<ForeignNames>,
    pub(crate) mistaken_for: Vec<OtherConfig>,
    pub(crate) base: Option<Member>,
    pub(crate) fields: Vec<CheckedField>,
    pub(crate) rest: Option<CheckedRest>,
    pub(crate) common: Option<Member>,
    pub(crate) forbidden: Vec<ForbiddenKey>,
    pub(crate) common_rules: Vec<CheckedSharedRule>,
    pub(crate) rules: Vec<CheckedCrossRule>,
    pub(crate) machine_rules: Vec<CheckedCrossRule>,
    pub(crate) warnings: Vec<CheckedCrossRule>,
    pub(crate) assertions: Vec<Assertion>,
}

/// The spec that a free-form object is where other keys say so.
pub(crate) struct NestedSpec {
    pub(crate) config: Path,
    pub(crate) when: Vec<(String, Vec<String>)>,
    pub(crate) outside: Vec<String>,
}

/// The kind of a derived struct.
pub(crate) enum Role {
    /// A nested section.
    Section,
    /// The config of an adapter type.
    Adapter { type_name: String, factory: Option<Path> },
}

/// A field of a struct that is not a key.
pub(crate) struct Member {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
}

/// A key.
pub(crate) struct CheckedField {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    /// Whether the tokens show that the type is a config value.
    pub(crate) is_known: bool,
    pub(crate) key: String,
    pub(crate) doc: Doc,
    pub(crate) presence: Presence,
    pub(crate) rules: Vec<Rule>,
    pub(crate) aliases: Vec<Alias>,
    pub(crate) also_known_as: Vec<ForeignNames>,
    pub(crate) nested_spec: Option<NestedSpec>,
    pub(crate) env: Option<String>,
    pub(crate) conditions: Vec<CheckedCondition>,
    pub(crate) unit: Option<Unit>,
    pub(crate) secret: bool,
    pub(crate) deprecated: Option<String>,
    pub(crate) examples: Vec<Literal>,
    pub(crate) conversion: Option<Conversion>,
    pub(crate) versions: CheckedVersions,
}

impl CheckedField {
    /// Whether the field depends only on its own key and its presence, without code of the struct.
    pub(crate) fn is_plain(&self) -> bool {
        let computed = matches!(self.presence, Presence::Computed { .. } | Presence::DefaultFrom { .. });
        let otherwise = !self.aliases.is_empty() || !self.conditions.is_empty() || self.deprecated.is_some();
        let otherwise = otherwise || !self.versions.versions.are_all();
        !computed && !otherwise && self.conversion.is_none() && self.nested_spec.is_none()
    }
}

/// What happens when a key is absent.
pub(crate) enum Presence {
    Required,
    Optional,
    Default(Literal),
    /// The index of the field in `fields`, and the word that names it.
    DefaultFrom {
        index: usize,
        word: Ident,
    },
    Computed {
        function: Path,
        words: String,
    },
}

/// The types a constant expression can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scalar {
    Bool,
    Number(&'static str),
    String,
}

/// A condition on another key.
pub(crate) struct CheckedCondition {
    pub(crate) effect: ConditionEffect,
    pub(crate) other: String,
    /// None: that the other key is absent.
    pub(crate) values: Vec<Literal>,
    pub(crate) reason: String,
}

/// `parse_with` and `write_with`.
#[derive(Clone)]
pub(crate) struct Conversion {
    pub(crate) parse: Path,
    pub(crate) write: Path,
    /// The type that is read and written, without the `Option` of an optional field.
    pub(crate) wire: Type,
    /// Whether the field is an `Option` of the converted type.
    pub(crate) optional: bool,
}

/// Where undeclared keys go.
pub(crate) struct CheckedRest {
    pub(crate) ident: Ident,
    /// The type of the map's values.
    pub(crate) item: Type,
    pub(crate) doc: Doc,
    pub(crate) rules: Vec<Rule>,
    pub(crate) secret: bool,
    pub(crate) known: Vec<KnownKey>,
}

/// A rule on a common key.
pub(crate) struct CheckedSharedRule {
    pub(crate) key: String,
    pub(crate) allowed: Option<Vec<Literal>>,
    pub(crate) reason: String,
    pub(crate) versions: CheckedVersions,
}

/// A rule over several fields.
pub(crate) struct CheckedCrossRule {
    pub(crate) name: String,
    pub(crate) doc: Doc,
    pub(crate) reads: Vec<Read>,
    pub(crate) check: Path,
    pub(crate) versions: CheckedVersions,
}

/// The fields that a cross-field rule reads.
pub(crate) struct Read {
    pub(crate) ident: Ident,
    /// The name in the table: the JSON key, or the identifier of the field of common keys.
    pub(crate) key: String,
}

/// What only the compiler can check, because a type or a value is known to it alone.
#[derive(Clone)]
pub(crate) struct Assertion {
    /// Where its failure points.
    pub(crate) tokens: TokenStream,
    pub(crate) kind: AssertionKind,
}

/// The assertion.
#[derive(Clone)]
pub(crate) enum AssertionKind {
    /// Rules suit a type.
    Rules { ty: Type, rules: Vec<Rule> },
    /// Rules that suit a type can be satisfied together.
    Together { ty: Type, rules: Vec<Rule> },
    /// A type has an obvious value under rules; the message says what to do otherwise.
    Obvious { ty: Type, rules: Vec<Rule>, message: String },
    /// A default, an example or the value of a condition is a value of a type and satisfies its rules, in these versions of the peer.
    Literal { purpose: Purpose, ty: Type, rules: Vec<Rule>, literal: Literal, versions: CheckedVersions },
    /// Whether a type hides its value.
    Secret { ty: Type, hides: bool },
    /// That a struct can be read from an object without keys.
    Defaults { ty: Type },
    /// That a type is a free-form object.
    FreeForm { ty: Type },
    /// That a field can have a type.
    Value { ty: Type },
    /// A function has the right signature. The code of an emitted struct requires that anyway.
    Hook(Box<Hook>),
}

/// A function of a struct, by its purpose.
#[derive(Clone)]
pub(crate) enum Hook {
    /// `default_with`: makes a value of a type.
    Computes(Path, Type),
    /// `parse_with`: converts the wire type to a value.
    Parses(Path, Type, Type),
    /// `write_with`: converts a value to the wire type.
    Writes(Path, Type, Type),
    /// `check`: takes values of these types, optionally after the machine.
    Checks { check: Path, machine: bool, reads: Vec<Type> },
    /// `factory`: makes an adapter of the struct.
    Creates(Path, Ident),
}

/// The purpose of a literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Default,
    Example,
    Allowed,
    Bound,
    Condition,
}

/// An enum of names that can be emitted.
pub(crate) struct CheckedChoice {
    pub(crate) doc: Doc,
    pub(crate) ignore_case: bool,
    pub(crate) variants: Vec<CheckedVariant>,
}

/// A tagged union that can be emitted.
pub(crate) struct CheckedUnion {
    pub(crate) doc: Doc,
    pub(crate) tag: String,
    pub(crate) variants: Vec<CheckedVariant>,
}

/// A variant and its name in JSON.
pub(crate) struct CheckedVariant {
    pub(crate) ident: Ident,
    pub(crate) name: String,
    pub(crate) doc: Doc,
    pub(crate) also_known_as: Vec<ForeignNames>,
    pub(crate) content: Option<Type>,
    pub(crate) versions: CheckedVersions,
}
