//! Names that users know from other crates, and their names here.

use quote::ToTokens;
use syn::Type;

use crate::{
    errors::unknown_name,
    model::Shape,
    syntax::{path_of, shape_of, standard_name},
};

/// The error for an attribute, or for a rule in one, that is not in `known`.
pub(crate) fn unknown_attribute(what: &str, name: &str, known: &[&str]) -> String {
    match instead_of_attribute(name) {
        Some(instead) => format!("unknown {what} `{name}`: {instead}"),
        None => unknown_name(what, name, known),
    }
}

/// What to write instead of an attribute of serde, garde, validator or clap.
fn instead_of_attribute(name: &str) -> Option<&'static str> {
    Some(match name {
        "rename" | "rename_all" => "`key = \"...\"` on a field and `name = \"...\"` on a variant name one each",
        "length" => "`min_length` and `max_length` bound a string, `min_items` and `max_items` a list",
        "minimum" => "write `min = ...`",
        "maximum" => "write `max = ...`",
        "range" => "`min`, `max`, `above` and `below` bound a number",
        "flatten" => "`extends` includes the keys of another struct, `rest` collects undeclared keys",
        "skip" => "every field is a key: compute other values from the config after it is read",
        "untagged" => "the key that `tag = \"...\"` names selects the variant",
        "with" | "serialize_with" | "deserialize_with" => "`parse_with` and `write_with` convert a value",
        "validate" | "custom" => "`parse_with` checks one value, `rule(...)` on the struct several",
        "email" | "url" | "regex" => "`pattern` takes a regular expression",
        "default_value" | "default_value_t" => "write `default = ...`",
        "help" | "about" | "description" => "the doc comment is the documentation",
        "nested" | "dive" => "a section is checked by its own attributes",
        "deny_unknown_fields" => "unknown keys are always refused",
        _ => return None,
    })
}

/// What to write instead of a type of the standard library that no field can have, itself or inside another type.
pub(crate) fn instead_of_type(ty: &Type) -> Option<String> {
    match ty {
        Type::Group(group) => return instead_of_type(&group.elem),
        Type::Paren(paren) => return instead_of_type(&paren.elem),
        Type::Reference(reference) => {
            let content = reference.elem.to_token_stream();
            return Some(format!("a config owns its values: write {} instead of `&{content}`", owned(&reference.elem)));
        }
        Type::Array(_) => {
            return Some("write `Vec<_>` with `min_items` and `max_items` instead of an array".to_owned());
        }
        Type::Tuple(_) => {
            return Some("write a struct that derives `ConfigSection` instead of a tuple: keys have names".to_owned());
        }
        _ => {}
    }
    let (name, arguments) = standard_name(ty)?;
    let is_standard = path_of(ty).is_some_and(|path| path.segments.len() > 1 && path.segments[0].ident != "l2_adapter");
    let instead = match (name.as_str(), arguments.len()) {
        ("usize", 0) => "write `u64`: which documents are valid must not depend on the machine that reads them",
        ("isize", 0) => "write `i64`: which documents are valid must not depend on the machine that reads them",
        ("u128", 0) => "write `u64`: JSON readers hold 64 bits",
        ("i128", 0) => "write `i64`: JSON readers hold 64 bits",
        ("char", 0) => "write `String` with `min_length = 1, max_length = 1`",
        ("HashMap", 2 | 3) => "write `BTreeMap<String, _>`: a config is written in a fixed order",
        ("HashSet" | "BTreeSet", 1 | 2) | ("VecDeque", 1) => "write `Vec<_>`; `unique` refuses repeated items",
        ("Arc" | "Rc" | "Box" | "Cow", 1) => "write the type inside it, owned",
        (name, 0) if name.starts_with("NonZero") => "write the integer with `min = 1`, or another rule against 0",
        ("IpAddr" | "Ipv4Addr" | "Ipv6Addr" | "SocketAddr", 0) if is_standard => {
            "write `String`, and convert it by `parse_with`"
        }
        ("BTreeMap", 2) if is_not_text(arguments[0]) => {
            "write `BTreeMap<String, _>`: the keys of an object are strings"
        }
        ("Duration", 0) if is_standard => "write a number with `unit = seconds`, or convert one by `parse_with`",
        ("Option" | "Given" | "Secret" | "Vec" | "BTreeMap", _) => {
            return arguments.into_iter().find_map(instead_of_type);
        }
        _ => return None,
    };
    Some(format!("`{name}` cannot be the type of a config field: {instead}"))
}

/// Whether the tokens show that the type is not a string.
fn is_not_text(ty: &Type) -> bool {
    !matches!(shape_of(ty), Shape::String | Shape::Unknown)
}

/// The owned type of a reference's target.
fn owned(ty: &Type) -> &'static str {
    match ty {
        Type::Slice(_) => "`Vec<_>`",
        Type::Path(path) if path.path.is_ident("str") => "`String`",
        Type::Path(path) if path.path.is_ident("Path") => "`PathBuf`",
        _ => "the type itself",
    }
}
