//! The wording of findings. This code runs only after a fault or warning.

use l2_adapter_rules::{Integers, Versions, closest, one_of};
use serde_json::Value;

use super::{
    Origin, Place, Reader,
    corrected::corrected,
    rewrite::{meant_value, spaced},
};
use crate::{
    fault::{Fault, FaultCode},
    foreign::{Named, meant, meant_types},
    kind::Kind,
    passwords::value_without_passwords,
    path::{Path, shortened},
    violation::Violation,
    warning::{Warning, WarningCode},
};

impl Reader<'_> {
    /// Adds a fault whose words the caller has.
    pub(crate) fn push(&mut self, fault: Fault) {
        self.findings().push(fault);
    }

    /// Whether no more faults are listed.
    pub(crate) fn is_full(&self) -> bool {
        self.findings.as_ref().is_some_and(|findings| findings.is_full())
    }

    pub(crate) fn wrong_type<T>(&mut self, place: &Place<'_>, kind: Kind, value: &Value) -> Option<T> {
        self.report_type(place, kind, value);
        None
    }

    #[cold]
    fn report_type(&mut self, place: &Place<'_>, kind: Kind, value: &Value) {
        // What was written in place of an object with a password may be the password. No free-form value is shown.
        let is_hidden = kind.holds_secret() || matches!(kind, Kind::FreeObject | Kind::Anything);
        let place = if is_hidden { place.hidden() } else { *place };
        let expected = expected_type(kind).to_owned();
        let message = ["must be ", &expected, meant_value(kind, value)].concat();
        let suggestion = corrected(kind, &place, value).map(|meant| spaced(&meant));
        self.broken_rule(&place, Violation { code: FaultCode::WrongType, message, expected, suggestion }, value);
    }

    /// Reports a name of a type or of a variant that is no string: as text it would name none.
    pub(crate) fn wrong_name<T>(&mut self, place: &Place<'_>, value: &Value) -> Option<T> {
        self.must_be(place, FaultCode::WrongType, expected_type(Kind::String).to_owned(), value)
    }

    /// Reports a number beyond the bounds of its Rust type.
    pub(crate) fn out_of_range<T>(&mut self, place: &Place<'_>, kind: Kind, value: &Value) -> Option<T> {
        let expected = match kind {
            Kind::Integer { min, max } => {
                let Integers { low, high, .. } = Integers::left(min, max, place.rules);
                format!("between {low} and {high}")
            }
            Kind::Number { max } => format!("between -{max:e} and {max:e}"),
            _ => "in range".to_owned(),
        };
        self.must_be(place, FaultCode::OutOfRange, expected, value)
    }

    /// Reports a whole number that was read as a float and is so large that its last digits are lost.
    pub(crate) fn inexact_integer<T>(&mut self, place: &Place<'_>, value: &Value) -> Option<T> {
        let expected = "an integer with all its digits, without a fraction or exponent".to_owned();
        self.must_be(place, FaultCode::InexactInteger, expected, value)
    }

    #[cold]
    fn must_be<T>(&mut self, place: &Place<'_>, code: FaultCode, expected: String, value: &Value) -> Option<T> {
        let message = format!("must be {expected}");
        self.broken_rule(place, Violation { code, message, expected, suggestion: None }, value);
        None
    }

    #[cold]
    pub(crate) fn broken_rule(&mut self, place: &Place<'_>, violation: Violation, value: &Value) {
        let secret = self.hides(place.secret);
        let mut message = violation.message;
        // A string with a fault has no warning of its own about a variable.
        let text = value.as_str().filter(|_| !place.of_key);
        if let Some(words) = text.and_then(|text| self.unexpanded_words(text, place)) {
            message.extend([", and ", &words]);
        }
        let mut fault = self.fault(place, violation.code, &message);
        fault.expected = Some(violation.expected);
        fault.got = (!place.of_key).then(|| got(value, secret));
        fault.suggestion = violation.suggestion.filter(|_| !secret);
        self.push(fault);
    }

    #[cold]
    pub(crate) fn unknown_type(&mut self, place: &Place<'_>, name: &str, value: &Value) {
        let tables = self.context().adapter_tables();
        let known: Vec<&'static str> = tables.iter().filter_map(|table| table.adapter).collect();
        let (suggestion, more) = meant_types(name, &tables);
        let message = match known.as_slice() {
            [] => "is not a registered adapter type: none is registered".to_owned(),
            _ if !more.is_empty() => format!("names no registered adapter type: {more}"),
            known => format!("is not a registered adapter type; expected one of {}", known.join(", ")),
        };
        let (expected, suggestion) = (one_of_names(known.into_iter()), suggestion.map(str::to_owned));
        self.broken_rule(place, Violation { code: FaultCode::UnknownType, message, expected, suggestion }, value);
    }

    /// Reports a `type` that does not name the type whose table was applied. It is the document's first fault.
    #[cold]
    pub(crate) fn other_type(&mut self, around: &Path<'_>, expected: &'static str, value: &Value) {
        let path = Path::Key(around, "type");
        let place = Place::new(&path, &[], false);
        let listed = self.fault_count();
        if let Some(name) = value.as_str() {
            let (message, suggestion) = (format!("must be \"{expected}\" here"), closest(name, [expected]));
            let (expected, suggestion) = (format!("\"{expected}\""), suggestion.map(str::to_owned));
            self.broken_rule(&place, Violation { code: FaultCode::OtherType, message, expected, suggestion }, value);
        } else {
            let _: Option<()> = self.wrong_name(&place, value);
        }
        // A full list accepts no more faults, so there is none to move.
        if matches!(around, Path::Root) && self.fault_count() > listed {
            self.move_last_to_front();
        }
    }

    /// Reports an object without the key that would choose its table.
    pub(crate) fn missing_tag<T>(&mut self, place: &Place<'_>, names: impl Iterator<Item = &'static str>) -> Option<T> {
        let expected = Some(one_of_names(names));
        self.push(Fault { expected, ..self.fault(place, FaultCode::Missing, "is required") });
        None
    }

    /// Reports a string that is not one of some names: those of a choice, or those that select a table. `versions` are those of
    /// the peer that have the name, if there are any.
    #[cold]
    pub(crate) fn unknown_name<T>(
        &mut self,
        place: &Place<'_>,
        written: &str,
        named: impl Iterator<Item = Named> + Clone,
        versions: Option<&Versions>,
        value: &Value,
    ) -> Option<T> {
        let expected = one_of_names(named.clone().map(|named| named.name));
        // Which name it is stays hidden inside a secret.
        let is_hidden = self.hides(place.secret);
        let known = self.context().peer().zip(versions).filter(|_| !is_hidden);
        let meant = meant(written, named).filter(|_| known.is_none());
        let message = match (known, meant.filter(|meant| !meant.advice.is_empty() && !is_hidden)) {
            (Some((peer, versions)), _) => {
                format!("must be {expected}: \"{written}\" {}", peer.lacks_value(versions))
            }
            (None, Some(meant)) => format!("must be {expected}: {}", meant.advice),
            (None, None) => ["must be ", &expected].concat(),
        };
        let suggestion = meant.map(|meant| meant.name.to_owned());
        let violation = Violation { code: FaultCode::NotAllowed, message, expected, suggestion };
        self.broken_rule(place, violation, value);
        None
    }

    pub(crate) fn too_deep<T>(&mut self, place: &Place<'_>, value: &Value) -> Option<T> {
        let (code, message) = (FaultCode::Nesting, "is nested too deeply".to_owned());
        let expected = format!("at most {} levels of objects and lists", super::NESTING_MAX);
        self.broken_rule(place, Violation { code, message, expected, suggestion: None }, value);
        None
    }

    /// Warns of a string that is another address than its rules advise.
    #[cold]
    pub(crate) fn warn_of_addresses(&mut self, text: &str, place: &Place<'_>) {
        for rule in place.rules.iter().filter(|rule| rule.is_advice()) {
            let Some(other) = rule.other_address_at(text, place.usual_port()) else { continue };
            let mut message = rule.demand().replacen("must", "should", 1);
            if !self.hides(place.secret) {
                message.push_str(&format!(", and {}", other.found));
                message.extend(other.suggestion.map(|text| format!(": write `{text}`")));
            }
            self.warn(place, WarningCode::Address, &message);
        }
    }

    /// Adds a warning. The message ends a sentence that begins with the key's name.
    pub(crate) fn warn(&mut self, place: &Place<'_>, code: WarningCode, message: &str) {
        let origin = place.origin.or(self.scope.origin);
        self.findings().warn(|| {
            Warning::new(place.path.pointer(), code, format!("{} {message}", named(place.path, place.of_key, origin)))
        });
    }

    /// A fault whose message begins with the name of its place.
    pub(crate) fn fault(&self, place: &Place<'_>, code: FaultCode, message: &str) -> Fault {
        if self.is_full() {
            // It will not be listed, and building its pointer is the expensive part.
            return Fault::new(String::new(), code, String::new());
        }
        let origin = place.origin.or(self.scope.origin);
        let sentence = [&named(place.path, place.of_key, origin), " ", message].concat();
        let code = match origin {
            Origin::Document | Origin::Variable(_) => code,
            Origin::Computed(_) | Origin::DefaultFrom(_) => FaultCode::ComputedDefault,
        };
        Fault::new(place.path.pointer(), code, sentence)
    }
}

/// The beginning of a sentence about a place.
fn named(path: &Path<'_>, of_key: bool, origin: Origin) -> String {
    let mut name = match path {
        Path::Hidden(object) if of_key => format!("a key of {}", object.name()),
        _ if of_key => format!("the key {}", path.name()),
        _ => path.name(),
    };
    match origin {
        Origin::Document => {}
        Origin::Variable(variable) => name.push_str(&format!(", from the environment variable {variable},")),
        Origin::Computed(words) => name.push_str(&format!(", by default {words},")),
        Origin::DefaultFrom(key) => name.push_str(&format!(", by default as `{key}`,")),
    }
    name
}

fn one_of_names(names: impl Iterator<Item = &'static str>) -> String {
    one_of(names.map(|name| ["\"", name, "\""].concat()))
}

/// The values of a kind, as a noun with its article.
pub(crate) fn expected_type(kind: Kind) -> &'static str {
    match kind.unwrap_optional() {
        Kind::Boolean => "true or false",
        Kind::Integer { .. } => "an integer",
        Kind::Number { .. } => "a number",
        Kind::String | Kind::Path | Kind::Choice(_) => "a string",
        Kind::List(_) => "a list",
        Kind::Map(_) | Kind::Section(_) | Kind::Union(_) | Kind::FreeObject => "an object",
        Kind::AdapterSpec => "an adapter spec, an object with a `type`",
        Kind::Anything | Kind::Optional(_) => "any value",
    }
}

/// The JSON type of a value, as a noun with its article.
pub(crate) fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// What was found: the value of a plain scalar, else only its type.
pub(crate) fn got(value: &Value, secret: bool) -> String {
    match value {
        _ if secret => json_type(value).to_owned(),
        Value::String(text) => format!("{:?}", shortened(&value_without_passwords(text))),
        Value::Bool(_) | Value::Number(_) => shortened(&value.to_string()).into_owned(),
        _ => json_type(value).to_owned(),
    }
}
