//! The rule on what a string names on the machine.

use std::io;

use super::Violation;
use crate::{fault::FaultCode, machine::Existing};

/// What a string is told that should name something which exists; `found` is what is there.
pub(crate) fn existing_violation(wanted: &[Existing], found: io::Result<Existing>) -> Option<Violation> {
    let expected = format!("an existing {} on this machine", either(wanted));
    let message = match found {
        Ok(found) if wanted.contains(&found) => return None,
        Ok(found) => format!("must be {expected}, not a {found}"),
        Err(error) if error.kind() == io::ErrorKind::NotFound => format!("must be {expected}"),
        Err(error) => format!("must be {expected}, which could not be looked at ({error})"),
    };
    Some(Violation { code: FaultCode::NotOnMachine, message, expected, suggestion: None })
}

/// Several of which one will do: "device or file".
pub(crate) fn either(existing: &[Existing]) -> String {
    existing.iter().map(Existing::to_string).collect::<Vec<_>>().join(" or ")
}

/// Whether rules ask for something on the machine, of the value or of one inside it.
pub(crate) fn ask_the_machine(rules: &[super::Rule]) -> bool {
    rules.iter().any(|rule| match rule {
        super::Rule::Exists(_) => true,
        super::Rule::Each(rules) | super::Rule::Keys(rules) => ask_the_machine(rules),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(found: io::Result<Existing>) -> Option<String> {
        existing_violation(&[Existing::Directory], found).map(|violation| violation.message)
    }

    #[test]
    fn what_is_there_is_said_where_it_is_something_else() {
        assert_eq!(told(Ok(Existing::Directory)), None);
        assert_eq!(
            told(Ok(Existing::File)).as_deref(),
            Some("must be an existing directory on this machine, not a file")
        );
    }

    #[test]
    fn why_it_could_not_be_looked_at_is_said_unless_nothing_is_there() {
        let nothing = told(Err(io::ErrorKind::NotFound.into()));
        assert_eq!(nothing.as_deref(), Some("must be an existing directory on this machine"));
        let refused = told(Err(io::Error::new(io::ErrorKind::PermissionDenied, "no leave")));
        let expected = "must be an existing directory on this machine, which could not be looked at (no leave)";
        assert_eq!(refused.as_deref(), Some(expected));
    }
}
