//! The engine: reads a document by a table and collects every fault.
//!
//! [`Reader`] collects faults and warnings; [`Place`] has a value's place and rules; [`Object`] passes the keys of one object
//! to the code the derive wrote. Nothing here allocates until something is wrong.
//!
//! ```text
//! section     a struct by its table: parsing, writing, unions
//! object      the keys of one object, sorted into slots (slots, used); presence decides what an absent one means
//! unknown     keys that should not be there: what is meant by them (rewrite: a whole config), where they belong
//! misplaced   objects that are no adapter spec: what they are
//! nested      free-form objects that are the spec of an adapter where other keys say so
//! hook        what users' functions return
//! report      the words of faults and warnings (corrected, unexpanded); findings keeps them
//! ```

mod corrected;
mod findings;
mod hook;
mod misplaced;
mod nested;
mod object;
mod presence;
mod report;
mod rewrite;
mod section;
mod slots;
mod unexpanded;
mod unknown;
mod used;

pub use hook::{HookResult, RuleError};
pub(crate) use misplaced::{no_type, said_by};
pub(crate) use nested::is_demanded;
pub use object::{FieldSlot, NO_SLOT, Object};
pub(crate) use presence::describe_condition;
pub use presence::is_met;
pub(crate) use section::root_object;
pub use section::{
    ConfigDefaults, Section, Writer, Written, parse, parse_silently, parse_value, read_section, read_tag,
    read_unit_variant, section_json, unit_variant_json,
};
pub use slots::{found, initial, needs_visit};
pub(crate) use unexpanded::is_placeholder;
pub use used::{DefaultFor, NotAValue, ValueType, default_from};

use findings::Findings;
use l2_adapter_rules::{Literal, Rule};
use serde_json::Value;

use crate::{
    ConfigError,
    context::Context,
    fault::Fault,
    kind::UnionTable,
    path::{Path, is_within},
    table::Field,
    warning::Parsed,
};

/// The nesting limit of objects and lists, which is that of `serde_json`. It bounds the stack that reading needs.
pub const NESTING_MAX: usize = 128;

/// The place of a value, and its rules.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    pub(crate) path: &'a Path<'a>,
    pub(crate) rules: &'static [Rule],
    pub(crate) secret: bool,
    pub(crate) of_key: bool,
    pub(crate) origin: Origin,
    /// The key that the value, or the list around it, belongs to, where it is one of a table. Only messages need it.
    pub(crate) field: Option<&'static Field>,
}

/// The source of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The document.
    Document,
    /// This environment variable.
    Variable(&'static str),
    /// A function; these words describe what it computes.
    Computed(&'static str),
    /// The key whose value is the default.
    DefaultFrom(&'static str),
}

impl Origin {
    /// This origin; for a value of the document, the origin of the value that contains it.
    const fn or(self, outer: Self) -> Self {
        match self {
            Origin::Document => outer,
            origin => origin,
        }
    }
}

impl<'a> Place<'a> {
    /// A place with rules.
    pub const fn new(path: &'a Path<'a>, rules: &'static [Rule], secret: bool) -> Self {
        Self { path, rules, secret, of_key: false, origin: Origin::Document, field: None }
    }

    /// A place inside this one: secrecy is inherited, rules are not.
    pub(crate) const fn inside<'b>(&self, path: &'b Path<'b>, rules: &'static [Rule]) -> Place<'b> {
        Place { path, rules, secret: self.secret, of_key: self.of_key, origin: self.origin, field: self.field }
    }

    /// The place of the value of a field.
    pub(crate) const fn of<'b>(path: &'b Path<'b>, field: &'static Field) -> Place<'b> {
        Place { field: Some(field), ..Place::new(path, field.rules, field.secret) }
    }

    /// The port in the example of an address.
    pub(crate) fn usual_port(&self) -> Option<u16> {
        let examples = self.field?.examples.iter().filter_map(Literal::as_text);
        examples.filter_map(|text| text.rsplit_once(':')?.1.parse().ok()).next()
    }

    /// This place with its value hidden.
    pub(crate) const fn hidden(&self) -> Self {
        Self { secret: true, ..*self }
    }

    /// This place with messages about its key instead of its value.
    pub(crate) const fn naming_key(&self) -> Self {
        Self { of_key: true, ..*self }
    }
}

/// Collects faults and warnings while a document is read. It belongs to one call of [`parse`].
#[derive(Debug)]
pub struct Reader<'c> {
    context: &'c Context<'c>,
    /// `None` for most documents. Boxed so that creating and dropping a reader without findings is cheap.
    findings: Option<Box<Findings>>,
    depth: usize,
    scope: Scope,
    /// The union whose tag was read last: the next object is a variant of it.
    chosen: Option<&'static UnionTable>,
    /// The number of faults after the declared fields of the last struct.
    declared_end: usize,
}

/// The settings that all values inside a value inherit.
#[derive(Debug, Clone, Copy)]
struct Scope {
    /// Whether nothing inside may be shown.
    secret: bool,
    origin: Origin,
    /// The union of which a variant is read here.
    union: Option<&'static UnionTable>,
}

impl<'c> Reader<'c> {
    /// A reader that has found nothing yet.
    pub const fn new(context: &'c Context<'c>) -> Self {
        let scope = Scope { secret: false, origin: Origin::Document, union: None };
        Self { context, findings: None, depth: 0, scope, chosen: None, declared_end: 0 }
    }

    /// The context of the document.
    pub const fn context(&self) -> &'c Context<'c> {
        self.context
    }

    /// What was read of a document without faults, with the warnings.
    pub(crate) fn parsed<T>(self, value: T) -> Parsed<T> {
        Parsed::new(value, self.findings.map(|mut findings| findings.take_warnings()).unwrap_or_default())
    }

    /// The faults of a document, as an error, with the warnings.
    #[cold]
    pub(crate) fn refusal(&mut self, adapter_type: Option<&'static str>) -> ConfigError {
        let findings = self.findings();
        ConfigError { warnings: findings.take_warnings(), ..ConfigError::new(adapter_type, findings.take_faults()) }
    }

    /// How many faults were found.
    #[inline]
    pub fn fault_count(&self) -> usize {
        self.findings.as_ref().map_or(0, |findings| findings.faults.len())
    }

    /// Records the number of faults after the declared fields of a struct: a struct that extends it puts those of its own fields
    /// there.
    #[inline]
    pub fn mark_declared_end(&mut self, fault_count: usize) {
        self.declared_end = fault_count;
    }

    /// Removes and returns the faults recorded after the declared fields of the last struct.
    pub fn take_trailing(&mut self) -> Vec<Fault> {
        let first = self.declared_end;
        self.findings
            .as_mut()
            .map(|findings| findings.faults.split_off(first.min(findings.faults.len())))
            .unwrap_or_default()
    }

    /// Adds the removed faults again.
    pub fn append(&mut self, held: Vec<Fault>) {
        if !held.is_empty() {
            self.findings().faults.extend(held);
        }
    }

    /// Removes the findings about the value at a path and those inside it: another fault already covers them.
    pub(crate) fn retract(&mut self, path: &Path<'_>) {
        let Some(findings) = &mut self.findings else { return };
        let pointer = path.pointer();
        findings.faults.retain(|fault| !is_within(&fault.pointer, &pointer));
        findings.warnings.retain(|warning| !is_within(&warning.pointer, &pointer));
    }

    /// Moves the fault found last before all others.
    pub(crate) fn move_last_to_front(&mut self) {
        self.findings().faults.rotate_right(1);
    }

    fn findings(&mut self) -> &mut Findings {
        self.findings.get_or_insert_default()
    }

    /// Runs `read` one level deeper; reports a fault instead where that is too deep.
    pub(crate) fn descend<T>(
        &mut self,
        place: &Place<'_>,
        value: &Value,
        read: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<T> {
        if self.depth >= NESTING_MAX {
            return self.too_deep(place, value);
        }
        let outer = self.scope;
        let (secret, origin) = (self.hides(place.secret), place.origin.or(outer.origin));
        self.scope = Scope { secret, origin, union: self.chosen.take() };
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        self.scope = outer;
        result
    }

    /// Whether a value that is secret itself, or not, must not be shown here.
    pub(crate) const fn hides(&self, secret: bool) -> bool {
        secret || self.scope.secret
    }

    /// The place of an entry whose key is not declared: inside a secret such a key is part of the secret.
    pub(crate) const fn entry<'b>(&self, place: &Place<'b>, key: &'b str) -> Path<'b> {
        if self.hides(place.secret) { Path::Hidden(place.path) } else { Path::Key(place.path, key) }
    }

    /// Whether a free-form value may be copied: it is not nested too deeply. Reports a fault if it is.
    pub(crate) fn shallow_enough(&mut self, value: &Value, place: &Place<'_>) -> bool {
        if is_shallow(value, NESTING_MAX.saturating_sub(self.depth)) {
            return true;
        }
        self.too_deep::<()>(place, value).is_some()
    }
}

/// Whether a value has at most so many levels of objects and lists. It looks no deeper than that.
pub(crate) fn is_shallow(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(items) => levels > 0 && items.iter().all(|item| is_shallow(item, levels - 1)),
        Value::Object(entries) => levels > 0 && entries.values().all(|value| is_shallow(value, levels - 1)),
        _ => true,
    }
}
