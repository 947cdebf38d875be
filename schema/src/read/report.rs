//! How the reader words what it found. Everything in here runs after a fault or warning only.

use serde_json::Value;

use super::{Place, Reader};
use crate::{
    fault::{Fault, FaultCode},
    kind::Kind,
    path::{Path, shortened},
    rule::{Bound, Rule, Violation},
    warning::{Warning, WarningCode},
};

/// Why a `parse_with` function or a rule over several fields refuses.
///
/// ```
/// use l2_adapter_schema::RuleError;
///
/// fn equally_long(left: &[u16], right: &[u16]) -> Result<(), RuleError> {
///     if left.len() == right.len() {
///         return Ok(());
///     }
///     Err(RuleError::new(format!("must have {} entries, one for each rank", left.len())).at("peer_alloc_port"))
/// }
/// assert!(equally_long(&[1], &[2, 3]).is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleError {
    pub(crate) message: String,
    pub(crate) at: Option<String>,
}

impl RuleError {
    /// A refusal. The message ends a sentence that begins with the key's name: "must be ...", "needs ...".
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), at: None }
    }

    /// Where to point, relative to the object the rule is on: `"ports"`, or `"ports/2"` for an item.
    #[must_use]
    pub fn at(mut self, pointer: impl Into<String>) -> Self {
        self.at = Some(pointer.into());
        self
    }
}

impl<T: Into<String>> From<T> for RuleError {
    fn from(message: T) -> Self {
        Self::new(message)
    }
}

impl Reader<'_> {
    /// Adds a fault whose words the caller has.
    pub(crate) fn push(&mut self, fault: Fault) {
        self.findings().push(fault);
    }

    /// Whether no more faults are listed.
    pub(crate) fn is_full(&self) -> bool {
        self.findings.as_ref().is_some_and(|findings| findings.is_full())
    }

    /// Reports a value of the wrong JSON type.
    pub(crate) fn wrong_type<T>(&mut self, place: &Place<'_>, kind: Kind, value: &Value) -> Option<T> {
        self.report_type(place, kind, value);
        None
    }

    #[cold]
    fn report_type(&mut self, place: &Place<'_>, kind: Kind, value: &Value) {
        let expected = expected_type(kind);
        let mut fault = self.fault(place, FaultCode::WrongType, &format!("must be {expected}"));
        fault.expected = Some(expected.to_owned());
        fault.got = Some(match kind {
            Kind::FreeObject | Kind::Anything => json_type(value).to_owned(),
            _ => got(value, place.secret),
        });
        self.push(fault);
    }

    /// Reports a number beyond the bounds of its Rust type.
    #[cold]
    pub(crate) fn out_of_range<T>(&mut self, place: &Place<'_>, kind: Kind, value: &Value) -> Option<T> {
        let expected = match kind {
            Kind::Integer { min, max } => {
                let (min, max) = narrowed(min, max, place.rules);
                format!("between {min} and {max}")
            }
            Kind::Number { max } => format!("between {} and {max:e}", format_args!("-{max:e}")),
            _ => "in range".to_owned(),
        };
        let mut fault = self.fault(place, FaultCode::OutOfRange, &format!("must be {expected}"));
        fault.expected = Some(expected);
        fault.got = Some(got(value, place.secret));
        self.push(fault);
        None
    }

    /// Reports a broken rule.
    #[cold]
    pub(crate) fn broken_rule(&mut self, place: &Place<'_>, violation: Violation, value: &Value) {
        let mut fault = self.fault(place, violation.code, &violation.message);
        fault.expected = Some(violation.expected);
        fault.got = (!place.of_key).then(|| got(value, place.secret));
        fault.suggestion = violation.suggestion;
        self.push(fault);
    }

    /// Reports nesting beyond [`super::NESTING_MAX`].
    pub(crate) fn too_deep<T>(&mut self, place: &Place<'_>, value: &Value) -> Option<T> {
        let mut fault = self.fault(place, FaultCode::Nesting, "is nested too deeply");
        fault.expected = Some(format!("at most {} levels of objects and lists", super::NESTING_MAX));
        fault.got = Some(json_type(value).to_owned());
        self.push(fault);
        None
    }

    /// Adds a warning. The message ends a sentence that begins with the key's name.
    pub(crate) fn warn(&mut self, place: &Place<'_>, code: WarningCode, message: &str) {
        self.findings().warn(|| Warning::new(place.path.pointer(), code, format!("{} {message}", place.path.name())));
    }

    /// A fault whose message begins with the name of its place.
    pub(crate) fn fault(&self, place: &Place<'_>, code: FaultCode, message: &str) -> Fault {
        if self.is_full() {
            // It will not be listed, and making its pointer is what takes the time.
            return Fault::new(String::new(), code, String::new());
        }
        const MESSAGE_BYTES: usize = 96;
        let mut sentence = String::with_capacity(MESSAGE_BYTES);
        if place.of_key {
            sentence.push_str("the key ");
        }
        place.path.write_name(&mut sentence);
        if let Some(variable) = place.variable {
            sentence.push_str(", from the environment variable ");
            sentence.push_str(variable);
            sentence.push(',');
        }
        sentence.push(' ');
        sentence.push_str(message);
        Fault::new(place.path.pointer(), code, sentence)
    }

    /// Adds what a rule over several fields says against an object.
    #[cold]
    pub(crate) fn rule_fault(&mut self, object: &Path<'_>, reads: &[&str], code: FaultCode, error: RuleError) {
        // Rules that the values of the document can break were run without those that are made up, and kept.
        if self.is_full() || (code == FaultCode::Rule && self.context.supposed().is_some()) {
            return;
        }
        let (pointer, name) = rule_place(object, reads, error.at.as_deref());
        self.push(Fault::new(pointer, code, format!("{name} {}", error.message)));
    }

    /// Adds what a warning over several fields says about an object.
    #[cold]
    pub(crate) fn rule_warning(&mut self, object: &Path<'_>, reads: &[&str], error: RuleError) {
        if !self.supposes(object, reads) {
            self.findings().warn(|| {
                let (pointer, name) = rule_place(object, reads, error.at.as_deref());
                Warning::new(pointer, WarningCode::Advice, format!("{name} {}", error.message))
            });
        }
    }
}

impl Reader<'_> {
    /// Says that the value at a path was made up.
    pub(crate) fn suppose(&mut self, path: &Path<'_>) {
        self.findings().supposed.push(path.pointer());
    }

    /// Whether a value that was made up is one of these keys of an object, or inside one.
    fn supposes(&self, object: &Path<'_>, keys: &[&str]) -> bool {
        let within = |pointer: &String, key: &str| {
            let key = Path::Key(object, key).pointer();
            pointer.strip_prefix(&key).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let supposed = self.findings.iter().flat_map(|findings| &findings.supposed);
        supposed.into_iter().any(|pointer| keys.iter().any(|key| within(pointer, key)))
    }
}

/// The pointer and the name of the place a rule over several fields points at.
fn rule_place(object: &Path<'_>, reads: &[&str], at: Option<&str>) -> (String, String) {
    let relative = at.or(reads.first().copied()).unwrap_or_default();
    let mut tokens = relative.split('/');
    let mut name = tokens.next().unwrap_or_default().to_owned();
    for token in tokens {
        name = if token.bytes().all(|byte| byte.is_ascii_digit()) {
            format!("{name}[{token}]")
        } else {
            format!("{name}.{token}")
        };
    }
    (format!("{}/{relative}", object.pointer()), format!("`{name}`"))
}

/// The bounds of an integer type where rules leave them: what a number beyond the type's is told.
fn narrowed(min: i128, max: i128, rules: &[Rule]) -> (i128, i128) {
    rules.iter().fold((min, max), |(min, max), rule| match *rule {
        Rule::Min(Bound::Integer(bound)) => (min.max(bound), max),
        Rule::Max(Bound::Integer(bound)) => (min, max.min(bound)),
        _ => (min, max),
    })
}

/// What a kind accepts, as a noun with its article.
pub(crate) fn expected_type(kind: Kind) -> &'static str {
    match kind.unwrap_optional() {
        Kind::Boolean => "true or false",
        Kind::Integer { .. } => "an integer",
        Kind::Number { .. } => "a number",
        Kind::Text | Kind::Path | Kind::Choice(_) => "a string",
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
        Value::String(text) => format!("{:?}", shortened(text)),
        Value::Bool(_) | Value::Number(_) => shortened(&value.to_string()).into_owned(),
        _ => json_type(value).to_owned(),
    }
}
