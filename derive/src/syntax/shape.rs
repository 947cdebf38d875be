//! The type of a field, as far as its tokens show. Types of the standard library are recognized by their names; everything else
//! is `Unknown` and left to the compiler.

use syn::{GenericArgument, Path, PathArguments, Type};

use crate::model::Shape;

/// The shape of a field's type.
pub(crate) fn shape_of(ty: &Type) -> Shape {
    let Some((name, arguments)) = standard_name(ty) else { return Shape::Unknown };
    if let Some(scalar) = scalar(&name) {
        return if arguments.is_empty() { scalar } else { Shape::Unknown };
    }
    let boxed = |ty: &Type| Box::new(shape_of(ty));
    match (name.as_str(), arguments.as_slice()) {
        ("String", []) => Shape::String,
        ("PathBuf", []) => Shape::Path,
        ("Vec", [item]) => Shape::List(boxed(item)),
        ("Option" | "Given", [content]) => Shape::Optional(boxed(content)),
        ("Secret", [content]) => match shape_of(content) {
            Shape::Optional(_) => Shape::Unknown,
            content => content,
        },
        ("BTreeMap", [key, value]) if shape_of(key) == Shape::String => Shape::Map(boxed(value)),
        _ => Shape::Unknown,
    }
}

/// Whether the tokens show that a type hides its value, or a value inside it.
pub(crate) fn hides(ty: &Type) -> bool {
    match standard_name(ty) {
        Some((name, arguments)) if ["Option", "Given", "Vec", "BTreeMap"].contains(&name.as_str()) => {
            arguments.into_iter().any(hides)
        }
        name => name.is_some_and(|(name, _)| name == "Secret"),
    }
}

/// The content of an `Option`.
pub(crate) fn option_content(ty: &Type) -> Option<Type> {
    match standard_name(ty)? {
        (name, arguments) if name == "Option" => arguments.into_iter().next().cloned(),
        _ => None,
    }
}

/// The values' type of a `BTreeMap<String, _>`.
pub(crate) fn map_value(ty: &Type) -> Option<Type> {
    match (shape_of(ty), standard_name(ty)?) {
        (Shape::Map(_), (_, arguments)) => arguments.into_iter().nth(1).cloned(),
        _ => None,
    }
}

/// The last segment of a type's path.
pub(crate) fn last_segment(ty: &Type) -> Option<String> {
    path_of(ty)?.segments.last().map(|segment| segment.ident.to_string())
}

/// The path of a type that is one.
pub(crate) fn path_of(ty: &Type) -> Option<&Path> {
    match ty {
        Type::Path(path) if path.qself.is_none() => Some(&path.path),
        // A type handed through `macro_rules!` arrives in an invisible group.
        Type::Group(group) => path_of(&group.elem),
        Type::Paren(paren) => path_of(&paren.elem),
        _ => None,
    }
}

/// The last segment of a path that is a lone name or begins in the standard library or in `l2_adapter`, and its type
/// arguments. Another `crate::Option` is not the standard one.
pub(crate) fn standard_name(ty: &Type) -> Option<(String, Vec<&Type>)> {
    let path = path_of(ty)?;
    let first = path.segments.first()?.ident.to_string();
    if path.segments.len() > 1 && !["std", "core", "alloc", "l2_adapter"].contains(&first.as_str()) {
        return None;
    }
    let last = path.segments.last()?;
    let arguments = match &last.arguments {
        PathArguments::None => Vec::new(),
        PathArguments::AngleBracketed(arguments) => {
            let types = arguments.args.iter().filter_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            });
            types.collect()
        }
        PathArguments::Parenthesized(_) => return None,
    };
    Some((last.ident.to_string(), arguments))
}

fn scalar(name: &str) -> Option<Shape> {
    let integer = |name: &'static str, min: i128, max: i128| Shape::Integer { name, min, max };
    Some(match name {
        "bool" => Shape::Bool,
        "i8" => integer("i8", i8::MIN.into(), i8::MAX.into()),
        "i16" => integer("i16", i16::MIN.into(), i16::MAX.into()),
        "i32" => integer("i32", i32::MIN.into(), i32::MAX.into()),
        "i64" => integer("i64", i64::MIN.into(), i64::MAX.into()),
        "u8" => integer("u8", 0, u8::MAX.into()),
        "u16" => integer("u16", 0, u16::MAX.into()),
        "u32" => integer("u32", 0, u32::MAX.into()),
        "u64" => integer("u64", 0, u64::MAX.into()),
        "f32" => Shape::Float { name: "f32", max: f32::MAX.into() },
        "f64" => Shape::Float { name: "f64", max: f64::MAX },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    #[test]
    fn standard_types_are_known_with_and_without_their_path() {
        for (ty, shape) in [
            (parse_quote!(Vec<String>), Shape::List(Box::new(Shape::String))),
            (parse_quote!(::std::vec::Vec<std::string::String>), Shape::List(Box::new(Shape::String))),
            (parse_quote!(Option<bool>), Shape::Optional(Box::new(Shape::Bool))),
            (parse_quote!(l2_adapter::Given<bool>), Shape::Optional(Box::new(Shape::Bool))),
            (parse_quote!(BTreeMap<String, bool>), Shape::Map(Box::new(Shape::Bool))),
            (parse_quote!(i8), Shape::Integer { name: "i8", min: -128, max: 127 }),
            (parse_quote!(u64), Shape::Integer { name: "u64", min: 0, max: u64::MAX.into() }),
            // Others of the same name.
            (parse_quote!(crate::String), Shape::Unknown),
            (parse_quote!(mine::Vec<u8>), Shape::Unknown),
            (parse_quote!(String<u8>), Shape::Unknown),
            (parse_quote!(usize), Shape::Unknown),
            (parse_quote!(Role), Shape::Unknown),
            (parse_quote!(BTreeMap<u8, u8>), Shape::Unknown),
            (parse_quote!([u8; 4]), Shape::Unknown),
        ] {
            let ty: Type = ty;
            assert_eq!(shape_of(&ty), shape, "{}", quote::quote!(#ty));
        }
    }
}
