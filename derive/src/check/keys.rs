//! Keys: in one struct each has one meaning.

use std::collections::HashMap;

use l2_adapter_rules::COMMON_KEYS;
use proc_macro2::TokenStream;
use quote::ToTokens;

use crate::{
    errors::Errors,
    model::{Derive, RawField, StructAttributes},
};

/// Checks that no key appears twice among fields, aliases and forbidden keys, and that none is a common key.
pub(super) fn check_keys(fields: &[RawField], attributes: &StructAttributes, derive: Derive, errors: &Errors) {
    let mut known: HashMap<String, String> = HashMap::new();
    let mut declare = |key: &str, what: String, tokens: TokenStream| {
        if derive == Derive::Adapter && key == "type" {
            errors.on(&tokens, "the key `type` names the adapter type: give this key another name");
        } else if derive == Derive::Adapter && COMMON_KEYS.iter().any(|(common, _)| *common == key) {
            let message = format!("the key `{key}` is one that every adapter shares: its value is in `CommonConfig`");
            errors.on(&tokens, message);
        }
        match known.get(key) {
            Some(first) => errors.on(&tokens, format!("the key `{key}` is declared twice: it is already {first}")),
            None => {
                known.insert(key.to_owned(), what);
            }
        }
    };
    for field in fields {
        let tokens =
            field.attributes.key.as_ref().map_or_else(|| field.ident.to_token_stream(), |key| key.tokens.clone());
        declare(&field.key(), format!("the key of `{}`", field.ident), tokens);
    }
    for field in fields {
        for alias in &field.attributes.aliases {
            declare(&alias.key.value, format!("another name of `{}`", field.ident), alias.key.tokens.clone());
        }
    }
    for key in &attributes.forbidden {
        declare(&key.key.value, "a forbidden key".to_owned(), key.key.tokens.clone());
    }
}
