//! What a declarative config *is*: field tables, the engine that reads a JSON document by them, faults, and the renderers
//! (help, JSON Schema, Markdown, example). Pure: no I/O, no registry, no environment of its own.
//!
//! The tables are written by `#[derive(L2AdapterConfig)]` and its companions; use them through the `l2-adapter` crate.

#![forbid(unsafe_code)]
#![deny(clippy::disallowed_methods)]

#[doc(hidden)]
pub mod check;
mod context;
mod equality;
mod fault;
mod given;
mod kind;
mod literal;
mod machine;
mod path;
mod read;
mod render;
mod rule;
mod secret;
mod sound;
mod spec;
mod suggest;
mod table;
mod text;
mod value;
mod warning;

pub use context::{AdapterTypes, Context};
pub use fault::{Anchor, ConfigError, Fault, FaultCode};
pub use given::Given;
pub use kind::{Choice, ChoiceTable, Kind, UnionTable, UnionVariant};
pub use literal::{Literal, LiteralOf, NotAScalar, Scalar};
pub use machine::{Existing, Machine};
pub use path::Path;
pub use read::{
    ConfigDefaults, DefaultFor, HookResult, NESTING_MAX, NO_SLOT, NotASection, NotAValue, Object, Place, Reader,
    RuleError, Section, SectionType, ValueType, Variable, Writer, Written, begin, default_from, parse, parse_silently,
    parse_value, read_section, read_tag, read_unit_variant, read_variant, section_json, unit_variant_json, unsettled,
};
pub use render::{
    Extent, editor_schema_of, editor_spec_schema, example, example_text, help, markdown, markdown_all, schema_of,
    spec_schema,
};
pub use rule::{BLANK, Bound, Pattern, Rule, Violation, describe_all};
pub use secret::{REDACTED, Secret};
pub use sound::unsound;
pub use spec::{AdapterEntry, AdapterSpec, ErasedConfig};
pub use suggest::closest as closest_name;
pub use table::{
    Alias, BothNames, Condition, ConditionEffect, CrossRule, Field, ForbiddenKey, Presence, Rest, SharedKeyDemand,
    SharedKeyRule, Source, Table, Unit, summary,
};
pub use text::{
    DOCUMENT_BYTES_MAX, Document, Documents, NotUtf8, Paint, Part, Placed, Position, Report, Target, from_text, locate,
    locate_warnings, utf8,
};
pub use value::{ConfigValue, Secrets, choice_of_literal, read_choice};
pub use warning::{Parsed, Warning, WarningCode};
