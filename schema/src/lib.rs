//! Declarative configs: field tables, the engine that parses a JSON document with them, faults, and the renderers (help, JSON
//! Schema, Markdown, example). Pure: no I/O, no registry, no environment of its own.
//!
//! ```text
//! table wing        table, kind, literal, given, secret     what a type says of its keys, as constants
//!                   compile_time                            what the compiler checks of a table
//! engine            context, path, read, value, spec        reads a JSON value by a table
//!                   peer                                    the program that documents are for, in one version
//!                   machine, equality, violation            what it asks the file system, how it compares, violated rules
//!                   foreign                                 what the names of other systems mean here
//!                   fault, warning                          what it found; passwords in URLs are shown nowhere
//! text wing         json                                    from text to values, and from faults back to lines and columns
//! renderers         render                                  help, JSON Schema, Markdown, examples
//! tests of users    sound                                   what `assert_sound` asserts
//! ```
//!
//! Text calls the engine, the engine and the renderers read tables, and tables know only the rules of the crate
//! `l2-adapter-rules`. The tables are written by `#[derive(L2AdapterConfig)]` and its companions; use them through the
//! `l2-adapter` crate.

#![forbid(unsafe_code)]
#![deny(clippy::disallowed_methods)]

#[doc(hidden)]
pub mod compile_time;
mod context;
mod equality;
mod fault;
mod foreign;
mod given;
mod json;
mod kind;
mod literal;
mod machine;
mod passwords;
mod path;
mod peer;
mod read;
mod render;
mod secret;
mod sound;
mod spec;
mod table;
mod value;
mod violation;
mod warning;

pub use context::{AdapterTypes, Context};
pub use fault::{Anchor, ConfigError, Fault, FaultCode};
pub use foreign::{ForeignNames, OtherConfig, meant_types};
pub use given::Given;
pub use json::{
    DOCUMENT_BYTES_MAX, Document, DocumentSplitter, Paint, Part, Placed, Position, Report, Target, from_text, locate,
    locate_warnings, visible, write_visible_json,
};
pub use kind::{Choice, ChoiceTable, Kind, UnionTable, UnionVariant};
pub use l2_adapter_rules::{
    Access, BLANK, BothNames, ConditionEffect, CrossRuleKind, Leave, Literal, OtherAddress, PathKind, Pattern, Rule,
    Unit, Version, Versions, closest as closest_name, counted, describe_all, unexpanded,
};
pub use literal::{LiteralOf, LiteralValue, NotAScalar, Scalar};
pub use machine::Machine;
pub use passwords::without_passwords;
pub use path::Path;
pub use peer::{InVersion, Peer};
pub use read::{
    ConfigDefaults, DefaultFor, FieldSlot, HookResult, NESTING_MAX, NO_SLOT, NotAValue, Object, Place, Reader,
    RuleError, Section, ValueType, Writer, Written, default_from, found, initial, is_met, needs_visit, parse,
    parse_silently, parse_value, read_section, read_tag, read_unit_variant, section_json, unit_variant_json,
};
pub use render::{
    Extent, editor_schema_of, editor_spec_schema, example, example_text, help, help_of_key, markdown, markdown_all,
    schema_of, spec_schema,
};
pub use secret::{REDACTED, Secret};
pub use sound::unsound;
pub use spec::{AdapterEntry, AdapterSpec, ErasedConfig, NestedSpec};
pub use table::{
    Alias, CommonKeyDemand, CommonKeyRule, Condition, CrossRule, Field, ForbiddenKey, KnownKey, Presence, Rest, Source,
    Table, summary,
};
pub use value::{ConfigValue, Secrets, choice_of_literal, read_choice};
pub use violation::Violation;
pub use warning::{Parsed, Warning, WarningCode};
