//! Errors of a registry and of lookups in it.

use std::fmt;

use l2_adapter_schema::{Source, visible};

/// An error of a registry, or of a lookup in it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RegistryError {
    /// Several types have the same name.
    DuplicateTypes(
        /// Pairs of such types, never empty.
        Vec<DuplicateType>,
    ),
    /// No type has this name.
    UnknownType {
        /// The name.
        name: String,
        /// All names.
        known: Vec<&'static str>,
        /// The name nearest to the given one.
        suggestion: Option<&'static str>,
    },
}

/// Two types with the same name.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DuplicateType {
    /// The name.
    pub name: &'static str,
    /// Where the type registered first is declared.
    pub first: Source,
    /// Where the other is declared.
    pub second: Source,
}

impl fmt::Display for RegistryError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DuplicateTypes(duplicates) => {
                for (index, DuplicateType { name, first, second }) in duplicates.iter().enumerate() {
                    let separator = if index == 0 { "" } else { "; " };
                    write!(
                        formatter,
                        "{separator}two L2 adapter types are named `{name}`, at {first} and at {second}: rename one of them"
                    )?;
                }
                Ok(())
            }
            Self::UnknownType { name, known, suggestion } => {
                write!(formatter, "no L2 adapter type is named `{}`", visible(name))?;
                match suggestion {
                    Some(suggestion) => write!(formatter, "; did you mean `{suggestion}`?")?,
                    None => formatter.write_str(".")?,
                }
                match known.as_slice() {
                    [] => {
                        write!(formatter, " None is registered: link the crate that has it with `use the_crate as _;`")
                    }
                    known => write!(formatter, " Registered types: {}", known.join(", ")),
                }
            }
        }
    }
}

impl std::error::Error for RegistryError {}
