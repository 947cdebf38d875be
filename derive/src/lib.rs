//! `#[derive(L2AdapterConfig)]` and its companions: field attributes become the tables that the schema crate reads by.
//!
//! A derive runs through four stages, each a folder: `syntax` reads tokens into the raw half of `model`, `check`
//! turns it into the checked half, `emit` turns that into tokens. `errors` gathers what all of them find; if it is
//! anything, `stub` takes the place of `emit`.
//!
//! Use these macros through the `l2-adapter` crate.

#![forbid(unsafe_code)]

mod check;
mod derive;
mod emit;
mod errors;
mod model;
mod stub;
mod syntax;

use proc_macro::TokenStream;

/// Derives the config of an adapter type: its parser, help, schema, documentation and registration.
#[proc_macro_derive(L2AdapterConfig, attributes(config))]
pub fn derive_l2_adapter_config(input: TokenStream) -> TokenStream {
    derive::adapter(input.into()).into()
}

/// Derives a nested section: a struct that is the value of a key.
#[proc_macro_derive(ConfigSection, attributes(config))]
pub fn derive_config_section(input: TokenStream) -> TokenStream {
    derive::section(input.into()).into()
}

/// Derives a choice: an enum of allowed names.
#[proc_macro_derive(ConfigChoice, attributes(config))]
pub fn derive_config_choice(input: TokenStream) -> TokenStream {
    derive::choice(input.into()).into()
}

/// Derives a tagged union: an enum whose variant one key chooses.
#[proc_macro_derive(ConfigUnion, attributes(config))]
pub fn derive_config_union(input: TokenStream) -> TokenStream {
    derive::union(input.into()).into()
}
