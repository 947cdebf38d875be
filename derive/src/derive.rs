//! Each derive from tokens to tokens, as plain functions that tests can call.

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::{
    check::{Derive, check_choice, check_struct, check_union},
    emit::{emit_adapter, emit_choice, emit_section, emit_union, enclosed},
    errors::Errors,
    stub::{Owed, stub},
    syntax::{parse_enum, parse_struct},
};

pub(crate) fn adapter(input: TokenStream) -> TokenStream {
    run(input, Owed::Adapter, |input, errors| {
        let raw = parse_struct(input, Derive::Adapter.name(), errors)?;
        check_struct(raw, Derive::Adapter, errors).map(|checked| emit_adapter(&checked))
    })
}

pub(crate) fn section(input: TokenStream) -> TokenStream {
    run(input, Owed::Section, |input, errors| {
        let raw = parse_struct(input, Derive::Section.name(), errors)?;
        check_struct(raw, Derive::Section, errors).map(|checked| emit_section(&checked))
    })
}

pub(crate) fn choice(input: TokenStream) -> TokenStream {
    run(input, Owed::Choice, |input, errors| {
        let raw = parse_enum(input, "ConfigChoice", &["ignore_case", "crate", "doc"], errors)?;
        check_choice(raw, errors).map(|checked| emit_choice(&checked))
    })
}

pub(crate) fn union(input: TokenStream) -> TokenStream {
    run(input, Owed::Union, |input, errors| {
        let raw = parse_enum(input, "ConfigUnion", &["tag", "crate", "doc"], errors)?;
        check_union(raw, errors).map(|checked| emit_union(&checked))
    })
}

/// Runs the stages; answers with all errors and a stub if there is one.
fn run(
    input: TokenStream,
    owed: Owed,
    stages: impl FnOnce(&DeriveInput, &Errors) -> Option<TokenStream>,
) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let errors = Errors::new();
    let output = stages(&input, &errors);
    match (errors.finish(), output) {
        (Ok(()), Some(output)) => enclosed(output),
        (Ok(()), None) => {
            let error = syn::Error::new(input.ident.span(), "this derive failed without a reason: please report it");
            error.to_compile_error()
        }
        (Err(errors), _) => {
            let stub = stub(&input, owed);
            [errors, stub].into_iter().collect()
        }
    }
}
