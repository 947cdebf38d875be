//! What was written, unchecked, in the order it was written. What needs no other form once it is checked has no `Raw` in its name.

use l2_adapter_rules::{BothNames, ConditionEffect, CrossRuleKind, Unit};
use proc_macro2::Ident;
use syn::{Path, Type};

use super::{Derive, Doc, Located, Rule, Shape, Value, Word};

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
    /// The text of `doc`, else that of the doc comment.
    pub(crate) doc: Option<Located<Doc>>,
    pub(crate) attributes: StructAttributes,
    pub(crate) fields: Vec<RawField>,
}

/// The items of a struct's `#[config(...)]`.
#[derive(Default)]
pub(crate) struct StructAttributes {
    pub(crate) type_name: Option<Located<String>>,
    pub(crate) factory: Option<Path>,
    pub(crate) crate_path: Option<Path>,
    pub(crate) doc: Option<Located<Doc>>,
    pub(crate) default: Option<Ident>,
    pub(crate) also_known_as: Vec<ForeignNames>,
    pub(crate) mistaken_for: Vec<OtherConfig>,
    pub(crate) forbidden: Vec<ForbiddenKey>,
    pub(crate) common_keys: Vec<RawSharedKeyRule>,
    pub(crate) rules: Vec<RawCrossRule>,
    /// Whether something could not be parsed, which may have been the missing item.
    pub(crate) is_damaged: bool,
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
    pub(crate) doc: Option<Located<Doc>>,
    pub(crate) attributes: FieldAttributes,
}

/// The items of a field's `#[config(...)]`. A word is kept as its identifier.
#[derive(Default)]
pub(crate) struct FieldAttributes {
    pub(crate) required: Option<Ident>,
    pub(crate) default: Option<Value>,
    /// `default` without a value: a section with the defaults of its own keys.
    pub(crate) own_defaults: Option<Ident>,
    pub(crate) default_from: Option<Ident>,
    pub(crate) default_with: Option<Path>,
    pub(crate) default_doc: Option<Located<String>>,
    pub(crate) doc: Option<Located<Doc>>,
    pub(crate) rules: Vec<RawRule>,
    pub(crate) key: Option<Located<String>>,
    pub(crate) aliases: Vec<Alias>,
    pub(crate) also_known_as: Vec<ForeignNames>,
    pub(crate) spec_of: Option<RawNestedSpec>,
    pub(crate) known: Vec<KnownKey>,
    pub(crate) env: Option<Located<String>>,
    pub(crate) secret: Option<Ident>,
    pub(crate) deprecated: Option<Located<String>>,
    pub(crate) unit: Option<Located<Unit>>,
    pub(crate) examples: Vec<Value>,
    pub(crate) conditions: Vec<RawCondition>,
    pub(crate) parse_with: Option<Path>,
    pub(crate) write_with: Option<Path>,
    pub(crate) wire: Option<Type>,
    pub(crate) rest: Option<Ident>,
    pub(crate) extends: Option<Ident>,
    pub(crate) versions: RawVersions,
    /// Every item's name, for attributes that exclude all others.
    pub(crate) names: Vec<Ident>,
    /// Whether something could not be parsed, which may have been the missing item.
    pub(crate) is_damaged: bool,
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
    pub(crate) doc: Option<Located<Doc>>,
    pub(crate) attributes: EnumAttributes,
    pub(crate) variants: Vec<RawVariant>,
}

/// The items of an enum's `#[config(...)]`.
#[derive(Default)]
pub(crate) struct EnumAttributes {
    pub(crate) ignore_case: Option<Ident>,
    pub(crate) tag: Option<Located<String>>,
    pub(crate) crate_path: Option<Path>,
    pub(crate) doc: Option<Located<Doc>>,
    /// Whether something could not be parsed, which may have been the missing item.
    pub(crate) is_damaged: bool,
}

/// A variant as it was written.
pub(crate) struct RawVariant {
    pub(crate) ident: Ident,
    pub(crate) doc: Option<Located<Doc>>,
    /// The name in JSON.
    pub(crate) name: Located<String>,
    pub(crate) versions: RawVersions,
    pub(crate) also_known_as: Vec<ForeignNames>,
    /// The type of its only field; `None` for a unit variant.
    pub(crate) content: Option<Type>,
}
