//! From the checked model to tokens. This stage decides nothing: its input was checked, or it emits an assertion that the
//! compiler checks.
//!
//! Output is one `const _: () = { ... };` for each derive, so that no helper of ours is visible to its user. Paths are
//! absolute; local variables have the hygiene of the macro, so a user's function called `reader` stays theirs; statics,
//! which have no hygiene, have a prefix of their own.
//!
//! ```text
//! section               structs: how their slots are numbered, read (reading) and written
//! adapter               an adapter config's trait, schema and registration
//! choice, union         enums of names; tagged unions
//! assertions            checks that only the compiler can make
//! table                 the constants that engine and renderers read
//! ```

mod adapter;
mod assertions;
mod choice;
mod reading;
mod section;
mod table;
mod union;

pub(crate) use adapter::{adapter_impls, emit_adapter};
pub(crate) use assertions::{emit_alone, emit_assertions};
pub(crate) use choice::{emit_choice, name_impls};
pub(crate) use section::emit_section;
pub(crate) use union::emit_union;

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{DeriveInput, Path};

use crate::model::RawVersions;

/// Tokens with the hygiene of everything emitted. [`enclosed`] imports the hidden module of the crate as `__l2_adapter`.
macro_rules! emit {
    ($($tokens:tt)*) => { quote::quote_spanned! {proc_macro2::Span::mixed_site()=> $($tokens)*} };
}
pub(crate) use emit;

/// Tokens whose errors are shown at other tokens: the place of an expression is where its first token is.
macro_rules! emit_at {
    ($place:expr=> $($tokens:tt)*) => { quote::quote_spanned! {$crate::emit::place($place)=> $($tokens)*} };
}
use emit_at;

/// The place of tokens, with the hygiene of everything emitted.
fn place(tokens: &impl syn::spanned::Spanned) -> Span {
    tokens.span().resolved_at(Span::mixed_site())
}

/// The versions of the peer that have something.
fn versions(versions: &RawVersions) -> TokenStream {
    if versions.are_all() {
        return emit! { __l2_adapter::Versions::ALL };
    }
    let [since, until] = [&versions.since, &versions.until].map(|end| optional(end.as_ref()));
    emit! { __l2_adapter::Versions::of(#since, #until) }
}

/// An `Option` as an expression.
fn optional(value: Option<impl quote::ToTokens>) -> TokenStream {
    match value {
        Some(value) => emit! { __l2_adapter::Some(#value) },
        None => emit! { __l2_adapter::None },
    }
}

/// Hides the items of a derive from the code around them, and imports the hidden module of the crate: a short path has fewer
/// tokens to compile. The traits stand in for those of types that cannot be parsed.
pub(crate) fn enclosed(items: TokenStream, crate_path: Option<&Path>) -> TokenStream {
    let path = crate_path.map_or_else(|| quote!(::l2_adapter), |path| quote!(#path));
    emit! {
        const _: () = {
            #[allow(unused_imports)]
            use #path::__private::{self as __l2_adapter, NotAScalar as _, NotAValue as _};
            #items
        };
    }
}

/// An impl for the type of a derive, of a trait or its own.
pub(crate) fn implement(input: &DeriveInput, of: TokenStream, items: TokenStream) -> TokenStream {
    let (ident, (generics, arguments, bounds)) = (&input.ident, input.generics.split_for_impl());
    emit! {
        #[automatically_derived]
        #[allow(dead_code, unused_variables)]
        impl #generics #of #ident #arguments #bounds { #items }
    }
}

/// `ConfigValue`, by the value's kind, the bodies of its functions, and further items.
pub(crate) fn value_impl(
    input: &DeriveInput,
    kind: TokenStream,
    read: TokenStream,
    to_json: TokenStream,
    more: Option<TokenStream>,
) -> TokenStream {
    let items = emit! {
        const KIND: __l2_adapter::Kind = #kind;
        const SECRET: ::core::primitive::bool = false;

        fn read(
            value: &__l2_adapter::serde_json::Value,
            place: &__l2_adapter::Place<'_>,
            reader: &mut __l2_adapter::Reader<'_>,
        ) -> __l2_adapter::Option<Self> {
            #read
        }

        fn to_json(&self, secrets: __l2_adapter::Secrets) -> __l2_adapter::Option<__l2_adapter::serde_json::Value> {
            #to_json
        }

        #more
    };
    implement(input, emit! { __l2_adapter::ConfigValue for }, items)
}
