//! What users of other crates write out of habit, and what it is called here.

use quote::ToTokens;
use syn::{GenericArgument, PathArguments, Type};

/// What to write instead of an attribute of serde, garde, validator or clap.
pub(crate) fn instead_of_attribute(name: &str) -> Option<&'static str> {
    Some(match name {
        "rename" => "`key = \"...\"` names the key",
        "rename_all" => "`key = \"...\"` on each field names its key",
        "length" => "`min_length` and `max_length` bound a string, `min_items` and `max_items` a list",
        "range" => "`min`, `max`, `above` and `below` bound a number",
        "flatten" => "`extends` takes in the keys of another struct, `rest` those that nobody declared",
        "skip" => "every field is a key; compute others from the config after it is read",
        "untagged" => "a union is chosen by its `tag`",
        "with" => "`parse_with` and `write_with` convert a value",
        "validate" | "custom" => "`parse_with` checks one value, `rule(...)` on the struct several",
        "email" | "url" | "regex" => "`pattern` takes a regular expression",
        _ => return None,
    })
}

/// What to write instead of a type of the standard library that no field can have, itself or inside another type.
pub(crate) fn instead_of_type(ty: &Type) -> Option<String> {
    let path = match ty {
        Type::Path(path) if path.qself.is_none() => &path.path,
        Type::Group(group) => return instead_of_type(&group.elem),
        Type::Paren(paren) => return instead_of_type(&paren.elem),
        Type::Reference(reference) => {
            let content = reference.elem.to_token_stream();
            return Some(format!(
                "a config owns its values: write `String` or another owned type instead of `&{content}`"
            ));
        }
        _ => return None,
    };
    let segment = path.segments.last()?;
    let arguments: Vec<&Type> = match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => {
            let types = arguments.args.iter().filter_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            });
            types.collect()
        }
        _ => Vec::new(),
    };
    let name = segment.ident.to_string();
    let is_standard =
        path.segments.first().is_some_and(|first| ["std", "core", "alloc"].contains(&&*first.ident.to_string()));
    let instead = match (name.as_str(), arguments.len()) {
        ("usize", 0) => "write `u64`: what a document may say must not depend on the machine that reads it",
        ("isize", 0) => "write `i64`: what a document may say must not depend on the machine that reads it",
        ("u128", 0) => "write `u64`: JSON readers hold 64 bits",
        ("i128", 0) => "write `i64`: JSON readers hold 64 bits",
        ("char", 0) => "write `String` with `min_length = 1, max_length = 1`",
        ("HashMap", 2 | 3) => "write `BTreeMap<String, _>`: a config is written in a fixed order",
        ("HashSet" | "BTreeSet", 1 | 2) | ("VecDeque", 1) => "write `Vec<_>`; `unique` refuses repeated items",
        ("Arc" | "Rc", 1) => "write the type inside it",
        ("Duration", 0) if is_standard => "write a number with `unit = seconds`, or convert one by `parse_with`",
        ("Option" | "Given" | "Secret" | "Vec" | "BTreeMap", _) => {
            return arguments.into_iter().find_map(instead_of_type);
        }
        _ => return None,
    };
    Some(format!("`{name}` cannot be the type of a config field: {instead}"))
}
