//! The output of a derive that found errors: impls that are never called, so that the errors shown are those of the attributes
//! and not the dozens that a missing impl would add.

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::{
    emit::{adapter_impls, emit, implement, name_impls, value_impl},
    model::Derive,
};

/// Impls without content.
pub(crate) fn stub(input: &DeriveInput, derive: Derive) -> TokenStream {
    let section = || {
        let table = emit! { const TABLE: &'static __l2_adapter::Table = __l2_adapter::Table::NO_KEYS; };
        implement(input, emit! { __l2_adapter::Section for }, table)
    };
    let value = || {
        let none = emit! { __l2_adapter::None };
        value_impl(input, emit! { __l2_adapter::Kind::Anything }, none.clone(), none, None)
    };
    match derive {
        // An adapter config must be Send, Sync and Debug, and the type parameters have no such bounds.
        Derive::Adapter if !input.generics.params.is_empty() => section(),
        Derive::Adapter => {
            [section(), adapter_impls(input, &"", None, emit! { ::core::unimplemented!() })].into_iter().collect()
        }
        Derive::Section => [section(), value()].into_iter().collect(),
        Derive::Choice => [value(), name_impls(input, emit! { "" })].into_iter().collect(),
        Derive::Union => value(),
    }
}
