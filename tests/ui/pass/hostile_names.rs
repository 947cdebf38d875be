//! Names that would disturb output without hygiene or absolute paths, and no prelude, neither that of types nor that of attributes.

#![no_implicit_prelude]
#![allow(non_camel_case_types, dead_code, non_snake_case)]

use ::l2_adapter::{CommonConfig, ConfigChoice, ConfigSection, ConfigUnion, Context, L2AdapterConfig, ThisMachine};

// Types and values with the names of the prelude and of primitives.
struct Result;
struct Option;
struct String;
struct Vec;
struct Some;
struct None;
struct Ok;
struct Err;
struct Box;
struct Self_;
struct str;
struct usize;
struct bool;
struct Table;
struct Field;
struct Kind;
struct Presence;

mod std {}
mod core {}
mod l2_adapter_schema {}
mod serde_json {}

// Values and functions with the names of what the output may call its own.
const TABLE: u16 = 5;
const CHOICES: u16 = 5;
const PATTERN_0: u16 = 5;
const READER: u16 = 5;
fn reader() -> u16 {
    5
}
fn object() -> u16 {
    5
}
fn field_limit(_: &u16) {}
fn value() -> u16 {
    5
}
fn map(limit: &u16, other: &u16) -> ::std::result::Result<(), &'static ::std::primitive::str> {
    if limit <= other {
        ::std::result::Result::Ok(())
    } else {
        ::std::result::Result::Err("must not be above `result`")
    }
}
fn machine(
    _: &dyn ::l2_adapter::Machine,
    machine: &::std::primitive::str,
) -> ::std::result::Result<(), ::std::string::String> {
    if machine == "/" {
        ::std::result::Result::Ok(())
    } else {
        ::std::result::Result::Err(::std::convert::From::from("must be the root"))
    }
}
fn tag(_: &u16) -> ::std::result::Result<(), &'static ::std::primitive::str> {
    ::std::result::Result::Ok(())
}
fn input_0(text: ::std::string::String) -> ::std::result::Result<u16, ::std::string::String> {
    text.parse().map_err(|_| ::std::convert::From::from("must be a number"))
}
fn wire(limit: &u16) -> ::std::string::String {
    ::std::string::ToString::to_string(limit)
}

/// Has fields with hostile names.
#[derive(::core::fmt::Debug, L2AdapterConfig)]
#[config(type = "hostile")]
#[config(rule(name = "map", doc = "A rule.", reads(limit, result), check = map))]
#[config(machine_rule(name = "machine", doc = "A rule.", reads(machine), check = machine))]
#[config(warning(name = "tag", doc = "A warning.", reads(r#type_), check = tag))]
struct Hostile {
    /// Limit.
    #[config(default = TABLE, max = PATTERN_0)]
    limit: u16,
    /// Result.
    #[config(default_with = object, default_doc = "five")]
    result: u16,
    /// Self.
    #[config(default_with = value, default_doc = "five")]
    self_: u16,
    /// A raw identifier.
    #[config(default = 5)]
    r#type_: u16,
    /// Another.
    #[config(default = 5)]
    r#fn: u16,
    /// Some.
    #[config(default_from = limit)]
    Some: u16,
    /// Map.
    #[config(default = READER)]
    map: u16,
    /// Key.
    #[config(default_with = reader, default_doc = "five")]
    key: u16,
    /// Slot.
    #[config(default = 5)]
    slot: u16,
    /// Slots.
    #[config(default = 5)]
    slots: u16,
    /// Path.
    #[config(default = 5)]
    path: u16,
    /// Writer.
    #[config(default = 5)]
    writer: u16,
    /// Value.
    #[config(default = "5", parse_with = input_0, write_with = wire, pattern = "^[0-9]+$")]
    value: u16,
    /// A text.
    #[config(default = "a", pattern = "^[a-z]$")]
    text: ::std::string::String,
    /// A machine.
    #[config(default = "/", exists = directory)]
    machine: ::std::string::String,
    /// An option.
    option: ::std::option::Option<u16>,
    /// A list.
    #[config(default = [])]
    list: ::std::vec::Vec<Choice>,
    /// A union.
    union: ::std::option::Option<Union>,
    _shared: CommonConfig,
}

/// Has variants with hostile names.
#[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy, ::core::cmp::PartialEq, ConfigChoice)]
enum Choice {
    /// Some.
    Some,
    /// None.
    None,
    /// Ok.
    Ok,
    /// Err.
    Err,
    /// Self.
    Self_,
    /// A keyword.
    r#Type,
}

/// Has variants with hostile names.
#[derive(::core::fmt::Debug, ConfigUnion)]
#[config(tag = "type")]
enum Union {
    /// Some.
    Some(Section),
    /// None.
    None,
}

/// Has no keys.
#[derive(::core::fmt::Debug, ConfigSection)]
struct Section {}

fn main() {
    let config = <Hostile as L2AdapterConfig>::from_str(
        r#"{"type": "hostile", "type_": 6, "fn": 7, "list": ["some", "none", "type"]}"#,
    );
    let ::std::result::Result::Ok(config) = config else { ::core::panic!("refused") };
    ::core::assert_eq!((config.limit, config.result, config.self_, config.Some), (5, 5, 5, 5));
    ::core::assert_eq!((config.r#type_, config.r#fn, config.value), (6, 7, 5));
    ::core::assert_eq!(config.list, [Choice::Some, Choice::None, Choice::Type]);
    let union = <Hostile as L2AdapterConfig>::from_str(r#"{"union": {"type": "some"}}"#).map(|config| config.union);
    ::core::assert!(::core::matches!(
        union,
        ::std::result::Result::Ok(::std::option::Option::Some(Union::Some(Section {})))
    ));
    ::core::assert!(<Hostile as L2AdapterConfig>::from_str(r#"{"limit": 5, "result": 4}"#).is_err());
    let here = Context::empty().with_machine(&ThisMachine);
    let ::std::result::Result::Ok(value) = "{\"machine\": \"/..\"}".parse::<::serde_json::Value>() else {
        ::core::panic!()
    };
    let ::std::option::Option::Some(document) = value.as_object() else { ::core::panic!() };
    let ::std::result::Result::Err(error) = <Hostile as L2AdapterConfig>::parse(document, &here) else {
        ::core::panic!("accepted")
    };
    ::core::assert_eq!(error.faults.len(), 1);
}
