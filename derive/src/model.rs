//! What the stages hand to each other. The raw half holds what was written, unchecked, in the order it was written,
//! every part with its tokens; the checked half holds what is emitted, and can say nothing that must be refused.

use proc_macro2::{Ident, TokenStream};
use syn::{Expr, Path, Type, Visibility};

/// Something together with the tokens it was written with.
#[derive(Clone)]
pub(crate) struct Located<T> {
    pub(crate) value: T,
    pub(crate) tokens: TokenStream,
}

impl<T> Located<T> {
    pub(crate) fn new(value: T, tokens: TokenStream) -> Self {
        Self { value, tokens }
    }
}

/// A value in an attribute.
pub(crate) type Value = Located<ValueKind>;

/// What a value is by its tokens.
#[derive(Clone)]
pub(crate) enum ValueKind {
    Bool(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    List(Vec<Value>),
    /// A path or another constant expression: its value is known to the compiler only.
    Constant(Expr),
}

/// What a field's type is by its tokens. An alias, an enum or a section is `Unknown`: only the compiler knows it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shape {
    Bool,
    Integer { name: &'static str, min: i128, max: i128 },
    Float { name: &'static str, max: f64 },
    Text,
    Path,
    List(Box<Shape>),
    Map(Box<Shape>),
    Optional(Box<Shape>),
    Secret(Box<Shape>),
    /// `serde_json::Value` and `Map<String, Value>` are known to take no rules, but not by their tokens alone.
    Unknown,
}

// ---- raw ----

/// A struct as it was written.
pub(crate) struct RawStruct {
    pub(crate) ident: Ident,
    pub(crate) doc: Option<Located<String>>,
    pub(crate) attributes: StructAttributes,
    pub(crate) fields: Vec<RawField>,
}

/// The items of a struct's `#[config(...)]`.
#[derive(Default)]
pub(crate) struct StructAttributes {
    pub(crate) type_name: Option<Located<String>>,
    pub(crate) factory: Option<Path>,
    pub(crate) crate_path: Option<Path>,
    pub(crate) doc: Option<Located<String>>,
    pub(crate) forbidden: Vec<RawForbiddenKey>,
    pub(crate) shared_keys: Vec<RawSharedKeyRule>,
    pub(crate) rules: Vec<RawCrossRule>,
    pub(crate) warnings: Vec<RawCrossRule>,
    /// Whether something could not be read: what is missing may have been meant by it.
    pub(crate) is_damaged: bool,
}

/// `forbidden(key = "...", reason = "...")`
pub(crate) struct RawForbiddenKey {
    pub(crate) key: Located<String>,
    pub(crate) reason: Located<String>,
}

/// `shared_key(name = "...", forbidden | allowed = [...], reason = "...")`
pub(crate) struct RawSharedKeyRule {
    pub(crate) name: Located<String>,
    /// `None` where the key is forbidden.
    pub(crate) allowed: Option<Value>,
    pub(crate) reason: Located<String>,
}

/// `rule(name = "...", doc = "...", reads(...), check = path)`, and `warning(...)` likewise.
pub(crate) struct RawCrossRule {
    pub(crate) name: Located<String>,
    pub(crate) doc: Located<String>,
    pub(crate) reads: Vec<Ident>,
    pub(crate) check: Path,
}

/// A field as it was written.
pub(crate) struct RawField {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) doc: Option<Located<String>>,
    pub(crate) attributes: FieldAttributes,
}

/// The items of a field's `#[config(...)]`. A word is kept as the identifier it was written with.
#[derive(Default)]
pub(crate) struct FieldAttributes {
    pub(crate) required: Option<Ident>,
    pub(crate) default: Option<Value>,
    pub(crate) default_from: Option<Ident>,
    pub(crate) default_with: Option<Path>,
    pub(crate) default_doc: Option<Located<String>>,
    pub(crate) doc: Option<Located<String>>,
    pub(crate) rules: Vec<RawRule>,
    pub(crate) key: Option<Located<String>>,
    pub(crate) aliases: Vec<RawAlias>,
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
    /// Every item's name, for attributes that stand alone.
    pub(crate) names: Vec<Ident>,
    /// Whether something could not be read: what is missing may have been meant by it.
    pub(crate) is_damaged: bool,
}

/// A rule and the word that names it.
pub(crate) struct RawRule {
    pub(crate) name: Ident,
    pub(crate) kind: RawRuleKind,
}

/// What a rule says.
pub(crate) enum RawRuleKind {
    Allowed(Value),
    Range(RangeEnd, Value),
    MultipleOf(Value),
    PowerOfTwo,
    NotBlank,
    Trimmed,
    Length(Limit, Value),
    Pattern(Located<String>),
    Prefix(Located<String>),
    MustNotContain(Located<String>),
    Items(Limit, Value),
    Unique,
    Each(Vec<RawRule>),
    Keys(Vec<RawRule>),
}

/// Which end of a range, and whether it belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum RangeEnd {
    Min,
    Above,
    Max,
    Below,
}

/// Which limit of a length or count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Limit {
    Least,
    Most,
}

/// `alias = "..."`, `legacy = "..."`
pub(crate) struct RawAlias {
    pub(crate) key: Located<String>,
    pub(crate) both: BothNames,
    pub(crate) legacy: bool,
}

/// What happens when a key and its alias are both there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BothNames {
    Refused,
    KeyWins,
    AliasWins,
}

/// `required_if(other = "v")`, `forbidden_unless(other = "v")`
pub(crate) struct RawCondition {
    pub(crate) effect: ConditionEffect,
    pub(crate) other: Ident,
    pub(crate) values: Vec<Value>,
    pub(crate) reason: Option<Located<String>>,
}

/// What a condition does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConditionEffect {
    RequiredIf,
    ForbiddenUnless,
}

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Bytes,
    KiB,
    MiB,
    GiB,
    Seconds,
    Milliseconds,
    Microseconds,
}

/// An enum of unit variants or of newtype variants, as it was written.
pub(crate) struct RawEnum {
    pub(crate) ident: Ident,
    pub(crate) visibility: Visibility,
    pub(crate) doc: Option<Located<String>>,
    pub(crate) attributes: EnumAttributes,
    pub(crate) variants: Vec<RawVariant>,
}

/// The items of an enum's `#[config(...)]`.
#[derive(Default)]
pub(crate) struct EnumAttributes {
    pub(crate) ignore_case: Option<Ident>,
    pub(crate) tag: Option<Located<String>>,
    pub(crate) crate_path: Option<Path>,
    pub(crate) doc: Option<Located<String>>,
}

/// A variant as it was written.
pub(crate) struct RawVariant {
    pub(crate) ident: Ident,
    pub(crate) doc: Option<Located<String>>,
    pub(crate) name: Option<Located<String>>,
    /// The type of its only field; `None` for a unit variant.
    pub(crate) content: Option<Type>,
}

// ---- checked ----

/// A struct that can be emitted.
pub(crate) struct CheckedStruct {
    pub(crate) ident: Ident,
    pub(crate) crate_path: Option<Path>,
    pub(crate) doc: String,
    pub(crate) role: Role,
    pub(crate) base: Option<Member>,
    pub(crate) fields: Vec<CheckedField>,
    pub(crate) rest: Option<CheckedRest>,
    pub(crate) shared: Option<Member>,
    pub(crate) forbidden: Vec<(String, String)>,
    pub(crate) shared_rules: Vec<CheckedSharedRule>,
    pub(crate) rules: Vec<CheckedCrossRule>,
    pub(crate) warnings: Vec<CheckedCrossRule>,
    pub(crate) assertions: Vec<Assertion>,
}

/// What a derived struct is.
pub(crate) enum Role {
    /// A nested section.
    Section,
    /// The config of an adapter type.
    Adapter { type_name: String, factory: Option<Path> },
}

/// A field of a struct that is no key of its own.
pub(crate) struct Member {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
}

/// A key.
pub(crate) struct CheckedField {
    pub(crate) ident: Ident,
    pub(crate) ty: Type,
    pub(crate) key: String,
    pub(crate) doc: String,
    pub(crate) presence: Presence,
    pub(crate) rules: Vec<Rule>,
    pub(crate) aliases: Vec<CheckedAlias>,
    pub(crate) env: Option<String>,
    pub(crate) conditions: Vec<CheckedCondition>,
    pub(crate) unit: Option<Unit>,
    pub(crate) secret: bool,
    pub(crate) deprecated: Option<String>,
    pub(crate) examples: Vec<Literal>,
    pub(crate) conversion: Option<Conversion>,
}

impl CheckedField {
    /// Whether only its own key and its presence decide what is read.
    pub(crate) fn is_plain(&self) -> bool {
        self.aliases.is_empty() && self.conditions.is_empty() && self.env.is_none() && self.deprecated.is_none()
    }
}

/// What happens when a key is absent.
pub(crate) enum Presence {
    Required,
    Optional,
    Default(Literal),
    /// The index of the field in `fields`, and the word that names it.
    DefaultFrom { index: usize, word: Ident },
    Computed { function: Path, words: String },
}

/// A constant of a table.
#[derive(Clone)]
pub(crate) enum Literal {
    Bool(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    List(Vec<Literal>),
    /// A constant expression, of this scalar type where it is known.
    Constant { expression: Expr, scalar: Option<Scalar> },
}

/// The types a constant expression can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scalar {
    Bool,
    Number(&'static str),
    Text,
}

/// A rule of a table.
#[derive(Clone)]
pub(crate) enum Rule {
    Allowed(Vec<Literal>),
    Range(RangeEnd, Literal),
    MultipleOf(u64),
    PowerOfTwo,
    NotBlank,
    Trimmed,
    Length(Limit, usize),
    Pattern(String),
    Prefix(String),
    MustNotContain(String),
    Items(Limit, usize),
    Unique,
    Each(Vec<Rule>),
    Keys(Vec<Rule>),
}

/// Another name of a key.
pub(crate) struct CheckedAlias {
    pub(crate) key: String,
    pub(crate) both: BothNames,
    pub(crate) legacy: bool,
}

/// A condition on another key.
pub(crate) struct CheckedCondition {
    pub(crate) effect: ConditionEffect,
    pub(crate) other: String,
    pub(crate) values: Vec<Literal>,
    pub(crate) reason: String,
}

/// `parse_with` and `write_with`.
pub(crate) struct Conversion {
    pub(crate) parse: Path,
    pub(crate) write: Path,
    /// The type that is read and written, without the `Option` of an optional field.
    pub(crate) wire: Type,
    /// Whether the field is an `Option` of what the functions convert.
    pub(crate) optional: bool,
}

/// Where undeclared keys go.
pub(crate) struct CheckedRest {
    pub(crate) ident: Ident,
    /// The type of the map's values.
    pub(crate) item: Type,
    pub(crate) doc: String,
    pub(crate) rules: Vec<Rule>,
    pub(crate) secret: bool,
}

/// A rule on a shared key.
pub(crate) struct CheckedSharedRule {
    pub(crate) key: String,
    pub(crate) allowed: Option<Vec<Literal>>,
    pub(crate) reason: String,
}

/// A rule over several fields.
pub(crate) struct CheckedCrossRule {
    pub(crate) name: String,
    pub(crate) doc: String,
    pub(crate) reads: Vec<Read>,
    pub(crate) check: Path,
}

/// What a rule over several fields reads.
pub(crate) struct Read {
    pub(crate) ident: Ident,
    /// The name in the table: the JSON key, or the identifier of the field of shared keys.
    pub(crate) key: String,
}

/// What only the compiler can check, because a type or a value is known to it alone.
pub(crate) struct Assertion {
    /// Where its failure points.
    pub(crate) tokens: TokenStream,
    pub(crate) kind: AssertionKind,
}

/// What is asserted.
pub(crate) enum AssertionKind {
    /// Rules suit a type, and can be kept together.
    Rules { ty: Type, rules: Vec<Rule> },
    /// A literal is a value of a type and keeps its rules.
    Literal { what: LiteralUse, ty: Type, rules: Vec<Rule>, literal: Literal },
    /// Whether a type hides its value.
    Secret { ty: Type, hides: bool },
}

/// What a literal is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LiteralUse {
    Default,
    Example,
    Condition,
}

/// An enum of names that can be emitted.
pub(crate) struct CheckedChoice {
    pub(crate) ident: Ident,
    pub(crate) visibility: Visibility,
    pub(crate) crate_path: Option<Path>,
    pub(crate) doc: String,
    pub(crate) ignore_case: bool,
    pub(crate) variants: Vec<CheckedVariant>,
}

/// A tagged union that can be emitted.
pub(crate) struct CheckedUnion {
    pub(crate) ident: Ident,
    pub(crate) crate_path: Option<Path>,
    pub(crate) doc: String,
    pub(crate) tag: String,
    pub(crate) variants: Vec<CheckedVariant>,
}

/// A variant and its name in JSON.
pub(crate) struct CheckedVariant {
    pub(crate) ident: Ident,
    pub(crate) name: String,
    pub(crate) doc: String,
    pub(crate) content: Option<Type>,
}
