//! What was written, unchecked, in the order it was written. What needs no other form once it is checked has no `Raw` in its name.
//! Attributes are declared in `syntax`, with the functions that read them.

use l2_adapter_rules::{BothNames, ConditionEffect, CrossRuleKind};
use proc_macro2::Ident;
use syn::{Path, Type};

use super::{Derive, Doc, Located, Rule, Shape, Value, Word};
use crate::syntax::{EnumAttributes, FieldAttributes, StructAttributes, VariantAttributes};

/// `since = "..."`, `until = "..."`: which versions of the peer have something.
#[derive(Default, Clone)]
pub(crate) struct RawVersions {
    pub(crate) since: Option<Located<String>>,
    pub(crate) until: Option<Located<String>>,
}

impl RawVersions {
    /// Whether no version lacks it.
    pub(crate) fn are_all(&self) -> bool {
        self.since.is_none() && self.until.is_none()
    }
}

/// A struct as it was written.
pub(crate) struct RawStruct {
    pub(crate) derive: Derive,
    pub(crate) ident: Ident,
    pub(crate) attributes: StructAttributes,
    pub(crate) fields: Vec<RawField>,
}

/// `also_known_as = ["...", "..."]`, `also_known_as(names = [...], advice = "...")`
pub(crate) struct ForeignNames {
    pub(crate) names: Vec<Located<String>>,
    /// What there is to know beyond the name that is meant; may be empty.
    pub(crate) advice: String,
}

/// An undeclared key that is known: `known = ["..."]`, `known(key = "...", also_known_as = [...], advice = "...")`
pub(crate) struct KnownKey {
    pub(crate) key: Located<String>,
    pub(crate) also_known_as: Vec<ForeignNames>,
}

/// `mistaken_for(what = "...", keys = [...], advice = "...", rewritten)`
pub(crate) struct OtherConfig {
    pub(crate) what: Located<String>,
    pub(crate) keys: Vec<Located<String>>,
    pub(crate) advice: Located<String>,
    pub(crate) rewritten: bool,
}

/// `spec_of(config = path, other = "v", outside = [...])`
pub(crate) struct RawNestedSpec {
    pub(crate) word: Ident,
    pub(crate) config: Path,
    /// Other fields, each with values of which it must have one.
    pub(crate) when: Vec<(Ident, Vec<Located<String>>)>,
    pub(crate) outside: Vec<Located<String>>,
}

/// `forbidden(key = "...", reason = "...")`
pub(crate) struct ForbiddenKey {
    pub(crate) key: Located<String>,
    pub(crate) reason: Located<String>,
}

/// `common_key(name = "...", forbidden | allowed = [...], reason = "...")`, with or without versions.
pub(crate) struct RawSharedKeyRule {
    pub(crate) name: Located<String>,
    /// `None` where the key is forbidden.
    pub(crate) allowed: Option<Value>,
    pub(crate) reason: Located<String>,
    pub(crate) versions: RawVersions,
}

/// `rule(name = "...", doc = "...", reads(...), check = path)`, with or without versions, and `machine_rule(...)` and `warning(...)` likewise.
pub(crate) struct RawCrossRule {
    pub(crate) kind: CrossRuleKind,
    pub(crate) name: Located<String>,
    pub(crate) doc: Located<Doc>,
    pub(crate) reads: Vec<Ident>,
    pub(crate) check: Path,
    pub(crate) versions: RawVersions,
}

/// A field as it was written.
pub(crate) struct RawField {
    pub(crate) ident: Ident,
    /// The JSON key.
    pub(crate) key: Located<String>,
    pub(crate) ty: Type,
    /// The type, as far as its tokens show.
    pub(crate) shape: Shape,
    /// Whether the tokens show that the type hides its value.
    pub(crate) hides: bool,
    pub(crate) versions: RawVersions,
    pub(crate) attributes: FieldAttributes,
}

/// A rule: its word and its argument.
pub(crate) struct RawRule {
    pub(crate) name: Ident,
    pub(crate) word: &'static Word,
    pub(crate) argument: RawArgument,
}

/// The argument of a rule.
pub(crate) enum RawArgument {
    /// None, or words: there is nothing to check.
    Checked(Rule),
    Value(Value),
    Text(Located<String>),
    Rules(Vec<RawRule>),
}

/// `alias = "..."`, `legacy = "..."`
pub(crate) struct Alias {
    pub(crate) key: Located<String>,
    pub(crate) both: BothNames,
    pub(crate) legacy: bool,
}

/// `required_if(other = "v")`, `forbidden_unless(other = absent)`
pub(crate) struct RawCondition {
    pub(crate) effect: ConditionEffect,
    pub(crate) other: Ident,
    /// None: that the other key is absent.
    pub(crate) values: Vec<Value>,
    pub(crate) reason: Option<Located<String>>,
}

/// An enum of unit variants or of newtype variants, as it was written.
pub(crate) struct RawEnum {
    pub(crate) derive: Derive,
    pub(crate) ident: Ident,
    pub(crate) attributes: EnumAttributes,
    pub(crate) variants: Vec<RawVariant>,
}

/// A variant as it was written.
pub(crate) struct RawVariant {
    pub(crate) ident: Ident,
    /// The name in JSON.
    pub(crate) name: Located<String>,
    pub(crate) versions: RawVersions,
    pub(crate) attributes: VariantAttributes,
    /// The type of its only field; `None` for a unit variant.
    pub(crate) content: Option<Type>,
}
