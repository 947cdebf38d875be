//! From the checked model to tokens. This stage decides nothing: its input was checked, or it emits an assertion that the
//! compiler checks.
//!
//! Output is one `const _: () = { ... };` for each derive, so that no helper of ours is visible to its user. Paths are
//! absolute; local variables have the hygiene of the macro, so a user's function called `reader` stays theirs; statics,
//! which have no hygiene, have a prefix of their own.
//!
//! ```text
//! adapter               an adapter config's trait, schema and registration
//! section               structs: how their slots are numbered (slots), read (reading) and written (writing)
//! choice, union         enums of names; tagged unions
//! assertions            checks that only the compiler can make
//! table                 the constants that engine and renderers read
//! ```

mod adapter;
mod assertions;
mod choice;
mod reading;
mod section;
mod slots;
mod table;
mod union;
mod writing;

pub(crate) use adapter::emit_adapter;
pub(crate) use assertions::emit_alone;
pub(crate) use choice::emit_choice;
pub(crate) use section::emit_section;
pub(crate) use union::emit_union;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Path;

use crate::model::CheckedVersions;

/// The hidden module whose names the output uses, as [`enclosed`] imports it: a short name has fewer tokens to compile.
pub(crate) fn private_path() -> TokenStream {
    quote_spanned! {site()=> __l2_adapter }
}

/// A path whose errors are shown at `span`: the place of an expression is where its first token is.
fn respanned(path: &TokenStream, span: Span) -> TokenStream {
    path.clone()
        .into_iter()
        .map(|mut token| {
            token.set_span(span);
            token
        })
        .collect()
}

/// The versions of the peer that have something.
fn versions(versions: &CheckedVersions, private: &TokenStream) -> TokenStream {
    let end = |end: Option<&str>| match end {
        Some(text) => quote_spanned! {site()=> ::core::option::Option::Some(#text) },
        None => quote_spanned! {site()=> ::core::option::Option::None },
    };
    if versions.versions.are_all() {
        return quote_spanned! {site()=> #private::Versions::ALL };
    }
    let (since, until) = (end(versions.since), end(versions.until));
    quote_spanned! {site()=> #private::Versions::of(#since, #until) }
}

/// The hygiene of everything emitted.
pub(crate) fn site() -> Span {
    Span::mixed_site()
}

/// A static of the output. Items have no hygiene: the prefix keeps a user's constant `TABLE` theirs.
fn static_ident(name: &str) -> Ident {
    format_ident!("__L2_ADAPTER_{name}", span = site())
}

/// Hides the items of a derive from the code around them.
pub(crate) fn enclosed(items: TokenStream, crate_path: Option<&Path>) -> TokenStream {
    let path = crate_path.map_or_else(|| quote!(::l2_adapter), |path| quote!(#path));
    let private = private_path();
    quote_spanned! {site()=>
        const _: () = {
            #[allow(unused_imports)]
            use #path::__private as #private;
            #items
        };
    }
}

/// The traits whose functions replace those of types that cannot be parsed.
pub(crate) fn stand_ins(private: &TokenStream) -> TokenStream {
    quote_spanned! {site()=>
        #[allow(unused_imports)]
        use #private::{NotAScalar as _, NotASection as _, NotAValue as _};
    }
}
