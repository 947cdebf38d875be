//! The output of a derive that found errors: impls that are never called, so that the errors shown are those of the attributes
//! and not the dozens that a missing impl would add.

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::{
    emit::{SectionParts, adapter_impls, emit, name_impls, section_impl, value_impl},
    model::Derive,
};

/// Impls without content.
pub(crate) fn stub(input: &DeriveInput, derive: Derive) -> TokenStream {
    let never = emit! { ::core::unimplemented!() };
    let section = || {
        let parts = SectionParts {
            slots: emit! { 0 },
            table: emit! { __l2_adapter::Table::NO_KEYS },
            slot: emit! { __l2_adapter::NO_SLOT },
            read_map: never.clone(),
            read_slots: never.clone(),
            write: TokenStream::new(),
        };
        section_impl(input, &parts)
    };
    let value = || {
        let none = emit! { __l2_adapter::None };
        value_impl(input, emit! { __l2_adapter::Kind::Anything }, none.clone(), none, None)
    };
    match derive {
        // An adapter config must be Send, Sync and Debug, and the type parameters have no such bounds.
        Derive::Adapter if !input.generics.params.is_empty() => section(),
        Derive::Adapter => [section(), adapter_impls(input, &"", None, never)].into_iter().collect(),
        Derive::Section => [section(), value()].into_iter().collect(),
        Derive::Choice => [value(), name_impls(input, emit! { "" })].into_iter().collect(),
        Derive::Union => value(),
    }
}
