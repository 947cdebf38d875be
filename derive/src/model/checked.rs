//! The input of the last stage: what was written, and for each part what the checks made of it.

use std::rc::Rc;

use proc_macro2::{Ident, TokenStream};
use syn::{Path, Type, ext::IdentExt};

use super::{Literal, Located, RawCondition, RawField, RawSharedKeyRule, RawStruct, RawVersions, Rule, Shape};

/// A struct that can be emitted, its fields by their purpose.
pub(crate) struct CheckedStruct<'a> {
    pub(crate) raw: &'a RawStruct,
    pub(crate) base: Option<&'a RawField>,
    pub(crate) fields: Vec<CheckedField<'a>>,
    pub(crate) rest: Option<CheckedRest<'a>>,
    pub(crate) common: Option<&'a RawField>,
    /// Rules on common keys, each with the values that it allows.
    pub(crate) common_rules: Vec<(&'a RawSharedKeyRule, Option<Vec<Literal>>)>,
}

impl CheckedStruct<'_> {
    /// The name of a field in the table: its key, or the identifier of a field that is not a key.
    pub(crate) fn key(&self, field: &Ident) -> String {
        let is_meant = |other: &&CheckedField<'_>| other.raw.ident.unraw() == field.unraw();
        self.fields.iter().find(is_meant).map_or_else(|| field.unraw().to_string(), |field| field.raw.key.value.clone())
    }
}

/// A key.
pub(crate) struct CheckedField<'a> {
    pub(crate) raw: &'a RawField,
    pub(crate) value: Rc<FieldValue>,
    pub(crate) presence: Presence<'a>,
    /// Conditions, each with the values that it compares with.
    pub(crate) conditions: Vec<(&'a RawCondition, Vec<Literal>)>,
    pub(crate) examples: Vec<Literal>,
}

impl CheckedField<'_> {
    /// Whether the tokens show that the type is a config value.
    pub(crate) fn is_known(&self) -> bool {
        self.value.shape.is_known()
    }

    /// Whether the field depends only on its own key and its presence, without code of the struct.
    pub(crate) fn is_plain(&self) -> bool {
        let attributes = &self.raw.attributes;
        let computed = matches!(self.presence, Presence::Computed { .. } | Presence::DefaultFrom(_));
        let otherwise =
            !attributes.aliases.is_empty() || !self.conditions.is_empty() || attributes.deprecated.is_some();
        let otherwise = otherwise || !self.raw.versions.are_all();
        !computed && !otherwise && self.value.conversion.is_none() && attributes.spec_of.is_none()
    }
}

/// The value that is read for a field.
pub(crate) struct FieldValue {
    pub(crate) ty: Type,
    pub(crate) shape: Shape,
    pub(crate) secret: bool,
    /// The functions between the field and the value that is read.
    pub(crate) conversion: Option<Conversion>,
    pub(crate) rules: Vec<Rule>,
    /// Whether it is a secret that no placeholder can stand for, and that needs an example for it.
    pub(crate) lacks_placeholder: bool,
}

/// What happens when a key is absent.
pub(crate) enum Presence<'a> {
    Required,
    Optional,
    Default(Literal),
    /// The value of this field.
    DefaultFrom(&'a Ident),
    Computed {
        function: &'a Path,
        words: &'a Located<String>,
    },
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
pub(crate) struct CheckedRest<'a> {
    pub(crate) raw: &'a RawField,
    /// The type of the map's values.
    pub(crate) item: Type,
    pub(crate) rules: Vec<Rule>,
}

/// What only the compiler can check, because a type or a value is known to it alone.
pub(crate) struct Assertion {
    /// Where its failure points.
    pub(crate) tokens: TokenStream,
    pub(crate) ty: Type,
    /// Rules on values of the type.
    pub(crate) rules: Vec<Rule>,
    pub(crate) kind: AssertionKind,
}

/// What is asserted of the type and the rules.
pub(crate) enum AssertionKind {
    /// The rules suit the type.
    Rules,
    /// The rules, which suit the type, can be satisfied together.
    Together,
    /// The type has an obvious value under the rules; the message says what to do otherwise.
    Obvious(String),
    /// A default, an example or the value of a condition is a value of the type and satisfies the rules, in these versions of the peer.
    Literal(Purpose, Literal, RawVersions),
    /// The type hides its value if a field is marked secret, and only then. Whether it is marked.
    Secret(bool),
    /// The type is a struct that can be read from an object without keys.
    Defaults,
    /// The type is a free-form object.
    FreeForm,
    /// The type is a number, or a list or map of numbers.
    Unit,
    /// A field can have the type.
    Value,
    /// This function makes an adapter of the type. The code of an emitted struct requires this and the next anyway.
    Factory(Path),
    /// A function of the struct has the right signature, with the type as its output.
    Hook {
        function: Path,
        inputs: Vec<Type>,
        /// Whether it may refuse its inputs.
        fallible: bool,
    },
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
