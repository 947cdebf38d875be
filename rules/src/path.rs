//! The rules on paths that must exist on the machine, with rights: `exists` and `access`.

use std::{fmt, io, path::Path};

use crate::{Access, PathKind, RuleWith};

impl fmt::Display for PathKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}

impl<C: Copy + 'static> RuleWith<C> {
    /// Whether the rule, or one inside it, requires a path to exist on the machine.
    pub fn asks_the_machine(&self) -> bool {
        matches!(self, Self::Exists(_) | Self::Access(_)) || self.inner().iter().any(Self::asks_the_machine)
    }
}

/// The violation for a path that should exist, and what was expected; `found` is the result of examining the path. `None` if
/// the path is one of those wanted.
pub fn missing_path(wanted: &[PathKind], found: io::Result<PathKind>) -> Option<(String, String)> {
    let expected = format!("an existing {} on this machine", either(wanted));
    let message = match found {
        Ok(found) if wanted.contains(&found) => return None,
        Ok(found) => format!("must be {expected}, not a {found}"),
        Err(error) if error.kind() == io::ErrorKind::NotFound => format!("must be {expected}"),
        Err(error) => format!("must be {expected}, and the path cannot be accessed ({error})"),
    };
    Some((expected, message))
}

/// What is expected of a path that this process should be able to use.
pub fn expected_access(access: Access) -> String {
    format!("{} for this process on this machine", usable(access))
}

/// What is wrong with a path that this process cannot use; `at` is what keeps it from that, if that is another path, and what the
/// machine says of it.
pub fn refused_access(access: Access, at: Option<&Path>, error: &io::Error) -> String {
    match at {
        Some(at) => format!("must be {}, and {} cannot be used ({error})", expected_access(access), at.display()),
        None => format!("must be {} ({error})", expected_access(access)),
    }
}

pub(crate) const fn usable(access: Access) -> &'static str {
    match access {
        Access::Read => "readable",
        Access::Write => "readable and writable",
        Access::Create => "a directory that is writable or can be created",
    }
}

/// Alternatives: "device or file".
pub(crate) fn either(existing: &[PathKind]) -> String {
    existing.iter().map(PathKind::to_string).collect::<Vec<_>>().join(" or ")
}
