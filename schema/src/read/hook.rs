//! Faults from functions of a struct: `parse_with`, `rule`, `machine_rule`, `warning`. A function knows only its arguments.
//! This module adds their places in the document, and decides whether they may be shown.

use std::borrow::Cow;

use l2_adapter_rules::{CrossRuleKind, Versions};
use serde_json::Value;

use super::{Object, Origin, Place, Reader, presence::variable_value};
use crate::{
    fault::FaultCode,
    path::{Path, is_within},
    peer::InVersion as _,
    table::{CrossRule, Field, Table},
    warning::WarningCode,
};

/// Why a `parse_with` function or a cross-field rule refuses.
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
    message: Cow<'static, str>,
    key: Option<&'static str>,
    /// The indices and keys that lead from the key's value to the one inside it that is meant.
    steps: Vec<String>,
    is_warning: bool,
}

impl RuleError {
    /// An error. The message ends a sentence that begins with the key's name: "must be ...", "needs ...".
    ///
    /// The message may contain the value, so it is not shown for a secret; one made by [`fixed`](Self::fixed) is.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: Cow::Owned(message.into()), key: None, steps: Vec::new(), is_warning: false }
    }

    /// A refusal whose message was written before any document was read, and so is shown for secrets too.
    pub const fn fixed(message: &'static str) -> Self {
        Self { message: Cow::Borrowed(message), key: None, steps: Vec::new(), is_warning: false }
    }

    /// Points at another key of the struct than the first that the rule reads. A `parse_with` function has no other key:
    /// it points into its own value with [`item`](Self::item) and [`key`](Self::key).
    #[must_use]
    pub const fn at(mut self, key: &'static str) -> Self {
        self.key = Some(key);
        self
    }

    /// Makes a warning of what a `machine_rule` found: the machine is no good place for this, and it will do.
    #[must_use]
    pub const fn as_warning(mut self) -> Self {
        self.is_warning = true;
        self
    }

    /// Points at an item of the list that the error points at so far, counted from 0.
    #[must_use]
    pub fn item(self, index: usize) -> Self {
        self.key(index.to_string())
    }

    /// Points at a key of the object that the error points at so far.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.steps.push(key.into());
        self
    }
}

impl<T: Into<String>> From<T> for RuleError {
    fn from(message: T) -> Self {
        Self::new(message)
    }
}

/// The return type of a struct's function.
#[diagnostic::on_unimplemented(
    message = "a function of a config returns `Result<_, E>`, not `{Self}`",
    note = "`E` is `String`, `&str`, `RuleError` or a type that converts into `RuleError`; \
            `.map_err(|error| error.to_string())` makes a `String` of another error"
)]
pub trait HookResult {
    /// The result for a valid value.
    type Value;

    /// The value, or the error.
    fn outcome(self) -> Result<Self::Value, RuleError>;
}

// A type of error that does not convert is reported as a wrong result, with the note above.
#[diagnostic::do_not_recommend]
impl<T, E: Into<RuleError>> HookResult for Result<T, E> {
    type Value = T;

    fn outcome(self) -> Result<T, RuleError> {
        self.map_err(Into::into)
    }
}

/// A declared key as a document, or an environment variable in its place, has it.
struct Written<'a> {
    /// The name it was written under; its own if it is absent.
    key: &'static str,
    value: Option<Cow<'a, Value>>,
    origin: Origin,
    secret: bool,
}

impl<'a> Object<'a> {
    /// The outcome of a field's `parse_with` function.
    pub fn parsed<T>(&self, index: usize, outcome: Result<T, RuleError>, reader: &mut Reader<'_>) -> Option<T> {
        outcome.map_err(|error| self.refuse_value(index, &error, reader)).ok()
    }

    #[cold]
    fn refuse_value(&self, index: usize, error: &RuleError, reader: &mut Reader<'_>) {
        let field = &self.table.fields[index];
        let written = self.written(index, field, reader);
        let hidden = "is refused by the function that reads it, whose message is not shown: the value is secret";
        let message = reader.shown_message(field.kind.holds_secret() || written.secret, error, hidden);
        self.report_written(&written, &error.steps, Some(FaultCode::ParseWith), &message, reader);
    }

    /// The outcome of a cross-field rule.
    #[inline]
    pub fn rule(&self, index: usize, outcome: Result<(), RuleError>, reader: &mut Reader<'_>) {
        if let Err(error) = outcome {
            self.judge(&self.table.rules[index], &error, reader);
        }
    }

    /// Words the finding of a rule, and determines its place. Without a code it is advice.
    #[cold]
    fn judge(&self, rule: &CrossRule, error: &RuleError, reader: &mut Reader<'_>) {
        let code = match rule.kind {
            // Rules that the values of the document can break ran without those that are made up, and were satisfied.
            CrossRuleKind::Rule if reader.context().supposed().is_some() => return,
            CrossRuleKind::Rule => Some(FaultCode::Rule),
            CrossRuleKind::MachineRule => Some(FaultCode::NotOnMachine).filter(|_| !error.is_warning),
            CrossRuleKind::Warning if reader.supposes(self.path, rule.reads) => return,
            CrossRuleKind::Warning => None,
        };
        if !reader.context().peer().demands(&rule.versions) {
            return;
        }
        let note = reader.version_note(&rule.versions);
        let secret = rule.reads.iter().any(|key| self.holds_secret(key));
        let pointed = error.key.and_then(|key| self.declared(key, reader)).map(|written| (written, &*error.steps));
        let first = || rule.reads.iter().find_map(|key| self.declared(key, reader)).map(|written| (written, &[][..]));
        let found = pointed.or_else(first);
        let secret = secret || found.as_ref().is_some_and(|(written, _)| written.secret);
        let hidden = format!("violates the rule `{}`: {}", rule.name, crate::summary(rule.doc));
        let message = reader.shown_message(secret, error, &hidden) + &note;
        match found {
            Some((written, steps)) => self.report_written(&written, steps, code, &message, reader),
            None => reader.report_refusal(&Place::new(self.path, &[], secret), code, &message),
        }
    }

    /// Whether a field that a rule reads is a secret or has one inside it.
    fn holds_secret(&self, name: &str) -> bool {
        if let Some(field) = self.table.fields.iter().find(|field| field.key == name) {
            return field.secret || field.kind.holds_secret();
        }
        // No key: the field of the common keys, which have no secret, that of undeclared keys, or that of the struct this one extends.
        let is_common = name == "common" && self.table.common.is_some();
        let rest_holds = self.table.rest().is_some_and(|rest| rest.secret || rest.kind.holds_secret());
        !is_common && (rest_holds || self.table.base.is_some_and(Table::holds_secret))
    }

    /// The document's value for a key that a rule names: a key of this table, of a table that it extends, a common key, or one that
    /// no table declares.
    fn declared(&self, key: &'static str, reader: &Reader<'_>) -> Option<Written<'a>> {
        let mut first = 0;
        for table in self.table.ancestry().chain(self.table.common_table()) {
            if let Some(index) = table.fields.iter().position(|field| field.key == key) {
                return Some(self.part(table, first).written(index, &table.fields[index], reader));
            }
            first += table.own_slots();
        }
        // One of the undeclared keys, if the document has it.
        let (value, rest) = (self.map.get(key)?, self.table.rest()?);
        Some(Written {
            key,
            value: Some(Cow::Borrowed(value)),
            origin: Origin::Document,
            secret: reader.hides(rest.secret),
        })
    }

    fn written(&self, index: usize, field: &'static Field, reader: &Reader<'_>) -> Written<'a> {
        let secret = reader.hides(field.secret);
        let absent = Written { key: field.key, value: None, origin: Origin::Document, secret };
        if let Some((key, value)) = self.names(index, field).first() {
            return Written { key, value: Some(Cow::Borrowed(value)), ..absent };
        }
        let variable = field.environment.and_then(|name| Some((name, reader.context().variable(name)?)));
        let Some((name, value)) = variable else { return absent };
        let value = value.to_str().map(|text| Cow::Owned(variable_value(field.kind, text)));
        Written { value, origin: Origin::Variable(name), ..absent }
    }

    /// Reports about the deepest place on the way of these steps that the document has.
    fn report_written(
        &self,
        written: &Written<'_>,
        steps: &[String],
        code: Option<FaultCode>,
        message: &str,
        reader: &mut Reader<'_>,
    ) {
        let path = Path::Key(self.path, written.key);
        // Keys inside a secret are part of it.
        let steps = if written.secret { &[] } else { steps };
        follow(&path, written.value.as_deref(), steps, |path| {
            let place = Place { origin: written.origin, ..Place::new(path, &[], written.secret) };
            reader.report_refusal(&place, code, message);
        });
    }
}

/// Calls `report` with the deepest place on the way of `steps` that `value` has.
fn follow(path: &Path<'_>, value: Option<&Value>, steps: &[String], report: impl FnOnce(&Path<'_>)) {
    let next = steps.split_first().and_then(|(step, rest)| match (value?, step.parse()) {
        (Value::Array(items), Ok(index)) => Some((Path::Index(path, index), items.get(index)?, rest)),
        (value, _) => Some((Path::Key(path, step), value.get(step)?, rest)),
    });
    match next {
        Some((path, inner, rest)) => follow(&path, Some(inner), rest, report),
        None => report(path),
    }
}

impl Reader<'_> {
    fn report_refusal(&mut self, place: &Place<'_>, code: Option<FaultCode>, message: &str) {
        match code {
            Some(code) => self.push(self.fault(place, code, message)),
            None => self.warn(place, WarningCode::Advice, message),
        }
    }

    /// The message of a function, or `hidden` if it could contain a secret.
    fn shown_message(&self, secret: bool, error: &RuleError, hidden: &str) -> String {
        match &error.message {
            Cow::Owned(_) if self.hides(secret) => hidden.to_owned(),
            message => message.to_string(),
        }
    }

    /// Which versions of the peer have a rule: the end of a message of it. Empty for a rule of all versions.
    pub(super) fn version_note(&self, versions: &Versions) -> String {
        match self.context().peer() {
            Some(peer) if !versions.are_all() => peer.note(versions),
            _ => String::new(),
        }
    }

    /// Records that the value at a path was made up.
    pub(crate) fn suppose(&mut self, path: &Path<'_>) {
        self.findings().supposed.push(path.pointer());
    }

    /// Whether a value that was made up is one of these keys of an object, or inside one.
    fn supposes(&self, object: &Path<'_>, keys: &[&str]) -> bool {
        let mut supposed = self.findings.iter().flat_map(|findings| &findings.supposed);
        supposed.any(|pointer| keys.iter().any(|key| is_within(pointer, &Path::Key(object, key).pointer())))
    }
}
