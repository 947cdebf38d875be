//! Names that users know from other crates, and their names here.

use syn::Type;

use crate::{
    errors::unknown_name,
    model::Shape,
    syntax::{path_of, shape_of, standard_name},
};

/// The error for an attribute, or for a rule in one, that is not in `known`.
pub(crate) fn unknown_attribute(what: &str, name: &str, known: &[&str]) -> String {
    match instead_of_attribute(name, known) {
        Some(instead) => format!("unknown {what} `{name}`: {instead}"),
        None => unknown_name(what, name, known),
    }
}

/// What to write instead of an attribute of serde, garde, validator or clap.
fn instead_of_attribute(name: &str, known: &[&str]) -> Option<&'static str> {
    Some(match name {
        "rename" | "alias" if known.contains(&"name") => "`name = \"...\"` names the variant, by one name",
        "rename" => "`key = \"...\"` names the key",
        "rename_all" => "write `key = \"...\"` on each field, or `name = \"...\"` on each variant",
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
    let other = match ty {
        Type::Group(group) => return instead_of_type(&group.elem),
        Type::Paren(paren) => return instead_of_type(&paren.elem),
        Type::Reference(reference) => match &*reference.elem {
            Type::Slice(_) => "a config owns its values: write `Vec<_>` instead of a slice",
            Type::Path(path) if path.path.is_ident("str") => {
                "a config owns its values: write `String` instead of `&str`"
            }
            Type::Path(path) if path.path.is_ident("Path") => {
                "a config owns its values: write `PathBuf` instead of `&Path`"
            }
            _ => "a config owns its values: write the type itself instead of a reference",
        },
        Type::Array(_) => "write `Vec<_>` with `min_items` and `max_items` instead of an array",
        Type::Tuple(_) => "write a struct that derives `ConfigSection` instead of a tuple: keys have names",
        _ => "",
    };
    if !other.is_empty() {
        return Some(other.to_owned());
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
        ("BTreeMap", 2) if !matches!(shape_of(arguments[0]), Shape::String | Shape::Unknown) => {
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
