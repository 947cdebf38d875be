//! Strings: plain ones, paths, and the names of choices.

use std::path::{Path, PathBuf};

use l2_adapter_rules::{Literal, Rule, expected_access, is_plain_host, missing_path};
use serde_json::Value;

use crate::{
    fault::FaultCode,
    foreign::Named,
    kind::{ChoiceTable, Kind},
    peer::InVersion as _,
    read::{Place, Reader, is_placeholder},
    value::{ConfigValue, Secrets, check_rules},
    violation::Violation,
};

impl ConfigValue for String {
    const KIND: Kind = Kind::String;
    const SECRET: bool = false;

    #[inline]
    fn read(value: &Value, place: &Place<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let Some(text) = value.as_str() else { return reader.wrong_type(place, Self::KIND, value) };
        check_text(text, place, reader, value).then(|| text.to_owned())
    }

    #[inline]
    fn from_literal(literal: &Literal) -> Option<Self> {
        literal.as_text().map(str::to_owned)
    }

    fn to_json(&self, _: Secrets) -> Option<Value> {
        Some(Value::String(self.clone()))
    }
}

impl ConfigValue for PathBuf {
    const KIND: Kind = Kind::Path;
    const SECRET: bool = false;

    #[inline]
    fn read(value: &Value, place: &Place<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let Some(text) = value.as_str() else { return reader.wrong_type(place, Self::KIND, value) };
        check_text(text, place, reader, value).then(|| PathBuf::from(text))
    }

    #[inline]
    fn from_literal(literal: &Literal) -> Option<Self> {
        literal.as_text().map(PathBuf::from)
    }

    /// A path read from JSON is UTF-8; any other path is written with replacement characters.
    fn to_json(&self, _: Secrets) -> Option<Value> {
        Some(Value::String(self.to_string_lossy().into_owned()))
    }
}

/// Checks the rules on a string, which is `value` or a key that leads to it; the path for a valid string is inlined.
#[inline]
pub(crate) fn check_text(text: &str, place: &Place<'_>, reader: &mut Reader<'_>, value: &Value) -> bool {
    let mut is_host = false;
    for rule in place.rules {
        match rule {
            // The commonest rule, decided for the commonest strings.
            Rule::NotBlank if text.as_bytes().first().is_some_and(u8::is_ascii_graphic) => {}
            Rule::Host(_) if is_plain_host(text) => is_host = true,
            _ if is_settled(rule, text) => {}
            _ => return check_unusual_text(text, place, reader, value),
        }
    }
    // A plain host was scanned, and has no sign that begins a variable.
    is_host || !is_placeholder(text) || check_unusual_text(text, place, reader, value)
}

/// Whether a string satisfies a rule and needs no warning by it. Not inlined, so that the function above is.
#[inline(never)]
fn is_settled(rule: &Rule, text: &str) -> bool {
    match rule {
        Rule::Exists(_) | Rule::Access(_) => false,
        rule if rule.is_address() => rule.other_address(text).is_none(),
        rule => rule.accepts_text(text),
    }
}

/// Checks a string that has a fault, or that may have a warning.
#[cold]
fn check_unusual_text(text: &str, place: &Place<'_>, reader: &mut Reader<'_>, value: &Value) -> bool {
    // What a rule says of a text may tell something of it.
    let hidden = reader.hides(place.secret);
    let sound = check_rules(place, reader, value, |rule| match rule.accepts_text(text) {
        true => None,
        false if hidden => Some(Violation::of(rule)),
        false => Some(Violation::of_text(rule, text, place.usual_port())),
    });
    if !sound || !check_on_machine(text, place, reader, value) {
        return false;
    }
    reader.warn_of_addresses(text, place);
    reader.warn_of_unexpanded(text, place);
    true
}

/// Checks on the machine whether a path exists. What leads to something else than it should need not be usable: one broken rule
/// is reported.
fn check_on_machine(text: &str, place: &Place<'_>, reader: &mut Reader<'_>, value: &Value) -> bool {
    let Some(machine) = reader.context().machine() else { return true };
    let path = Path::new(text);
    let broken = place.rules.iter().find_map(|rule| match rule {
        Rule::Exists(wanted) => missing_path(wanted, machine.look(path)),
        Rule::Access(access) => Some((expected_access(*access), machine.refusal(path, *access)?)),
        _ => None,
    });
    let Some((expected, message)) = broken else { return true };
    let violation = Violation { code: FaultCode::NotOnMachine, message, expected, suggestion: None };
    reader.broken_rule(place, violation, value);
    false
}

/// Reads a string that is one of a choice's names; returns its index.
#[inline]
pub fn read_choice(
    choices: &'static ChoiceTable,
    value: &Value,
    place: &Place<'_>,
    reader: &mut Reader<'_>,
) -> Option<usize> {
    let Some(written) = value.as_str() else { return reader.wrong_type(place, Kind::Choice(choices), value) };
    let peer = reader.context().peer();
    let position = choices.position(written);
    match position {
        Some(index) if peer.has(&choices.variants[index].versions) => position,
        _ => {
            let versions = position.map(|index| &choices.variants[index].versions);
            let in_version = choices.variants.iter().filter(|choice| peer.has(&choice.versions));
            reader.unknown_name(place, written, in_version.map(Named::choice), versions, value)
        }
    }
}

/// The index of the choice that a table's default names.
#[inline]
pub fn choice_of_literal(choices: &'static ChoiceTable, literal: &Literal) -> Option<usize> {
    literal.as_text().and_then(|name| choices.position(name))
}
