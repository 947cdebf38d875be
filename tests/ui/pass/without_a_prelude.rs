//! The output needs no prelude, neither that of types nor that of attributes.

#![no_implicit_prelude]

use ::l2_adapter::{CommonConfig, ConfigChoice, ConfigSection, ConfigUnion, L2AdapterConfig};

/// A colour.
#[derive(::core::fmt::Debug, ConfigChoice)]
enum Colour {
    /// Red.
    Red,
}

/// A backend.
#[derive(::core::fmt::Debug, ConfigUnion)]
#[config(tag = "kind")]
enum Backend {
    /// In a colour.
    Coloured(Section),
    /// Nowhere.
    Nowhere,
}

/// Colours.
#[derive(::core::fmt::Debug, ConfigSection)]
struct Section {
    /// A colour.
    #[config(default = "red")]
    colour: Colour,
}

/// Keeps chunks somewhere.
#[derive(::core::fmt::Debug, L2AdapterConfig)]
#[config(type = "store")]
#[config(rule(name = "any", doc = "Any.", reads(name), check = any))]
struct StoreConfig {
    /// A backend.
    backend: ::std::option::Option<Backend>,
    /// A name.
    #[config(default = "", max_length = 9, parse_with = parse, write_with = write)]
    name: ::std::string::String,
    common: CommonConfig,
}

fn any(_: &::std::string::String) -> ::std::result::Result<(), ::std::string::String> {
    ::std::result::Result::Ok(())
}

fn parse(text: ::std::string::String) -> ::std::result::Result<::std::string::String, ::std::string::String> {
    ::std::result::Result::Ok(text)
}

fn write(text: &::std::string::String) -> ::std::string::String {
    ::std::clone::Clone::clone(text)
}

fn main() {
    let config = <StoreConfig as L2AdapterConfig>::from_str(r#"{"backend": {"kind": "nowhere"}}"#);
    ::core::assert!(::core::matches!(
        config,
        ::std::result::Result::Ok(StoreConfig { backend: ::std::option::Option::Some(Backend::Nowhere), .. })
    ));
}
