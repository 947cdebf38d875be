//! `#[derive(L2AdapterConfig)]` and its companions: field attributes become the tables that the schema crate reads by.
//!
//! A derive runs through three stages, each a folder: `syntax` reads tokens into the raw half of `model`, `check` adds the checked
//! half, `emit` turns both into tokens. `errors` gathers what all of them find; if it is anything, `stub` replaces `emit`.
//!
//! Use these macros through the `l2-adapter` crate.
//!
//! ```text
//! derive                from tokens to tokens: runs the stages
//! stub                  the output after an error
//! emit                  from the checked model to tokens
//! check                 from the raw to the checked model
//! syntax                from tokens to the raw model
//! foreign               names that users know from other crates
//! errors                collects the errors of all stages, and the checks left to the compiler
//! model                 the data between the stages
//! ```

#![forbid(unsafe_code)]

mod check;
mod derive;
mod emit;
mod errors;
mod foreign;
mod model;
mod stub;
mod syntax;

use proc_macro::TokenStream;

use crate::model::Derive;

/// Derives the config of an adapter type: its parser, help, schema, documentation and place in the registry.
///
/// The struct has named fields, each documented and each a key, and one field of type `CommonConfig` for the keys that
/// every adapter shares. `l2_adapter::attributes` shows every attribute at work.
///
/// On the struct, `type = "..."` is required; further ones are `factory`, `doc`, `crate`, `forbidden(...)`,
/// `common_key(...)`, `rule(...)`, `machine_rule(...)` and `warning(...)`.
///
/// On a field:
///
/// - of its absence, one of `required`, `default`, `default_from`, `default_with` with `default_doc`; nothing if it is an
///   `Option` or `Given`; also `required_if(...)`, `forbidden_unless(...)`;
/// - of its value, `allowed`, `min`, `max`, `above`, `below`, `multiple_of`, `power_of_two`, `not_blank`, `trimmed`,
///   `min_length`, `max_length`, `pattern`, `prefix`, `must_not_contain`, `exists`, `min_items`, `max_items`, `unique`,
///   `each(...)`, `keys(...)`;
/// - of its names, `key`, `alias`, `legacy`, `env`;
/// - of care, `secret`, `deprecated`, `unit`, `example`, `doc`;
/// - of functions, `parse_with`, `write_with`, `wire`;
/// - for fields that contain other keys, `extends`, `rest`.
#[proc_macro_derive(L2AdapterConfig, attributes(config))]
pub fn derive_l2_adapter_config(input: TokenStream) -> TokenStream {
    derive::run(Derive::Adapter, input.into()).into()
}

/// Derives a nested section: a struct that is the value of a key, or that other structs extend.
///
/// It accepts the attributes of `L2AdapterConfig`, except `type`, `factory` and `common_key`, and no `CommonConfig`.
#[proc_macro_derive(ConfigSection, attributes(config))]
pub fn derive_config_section(input: TokenStream) -> TokenStream {
    derive::run(Derive::Section, input.into()).into()
}

/// Derives a choice: an enum of allowed names, each documented.
///
/// On the enum, `ignore_case`, `doc`, `crate`; on a variant, `name`, `doc`. A variant without `name` goes by its own in
/// snake_case. It also gets `as_str`, `Display` and comparison with `str`.
#[proc_macro_derive(ConfigChoice, attributes(config))]
pub fn derive_config_choice(input: TokenStream) -> TokenStream {
    derive::run(Derive::Choice, input.into()).into()
}

/// Derives a tagged union: an enum of which one key, the tag, chooses the variant and so the other keys.
///
/// On the enum, `tag = "..."` is required; further ones are `doc` and `crate`; on a variant, `name` and `doc`. A variant
/// holds nothing, or one value of a type that derives `ConfigSection`.
#[proc_macro_derive(ConfigUnion, attributes(config))]
pub fn derive_config_union(input: TokenStream) -> TokenStream {
    derive::run(Derive::Union, input.into()).into()
}
