//! The places of a document: its values, and the keys that it lacks.

use l2_adapter_rules::Entries;
use l2_adapter_schema::{
    Alias, BothNames, CommonKeyDemand, ConditionEffect, FaultCode, Field, Kind, Literal, Presence, Rule, Table,
};
use serde_json::Value;

use super::subject::{Root, Subject};

/// The name of a key that no table declares.
const UNDECLARED: &str = "nothing";

/// A value of a document, or a key that it lacks, with what the tables say of it.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// Its JSON Pointer.
    pub(super) pointer: String,
    /// Its name in the tables, which all items of a list share.
    pub(super) name: String,
    /// Whether it is inside the spec of another adapter.
    pub(super) is_nested: bool,
    /// The kind of values.
    pub(super) kind: Kind,
    /// The rules on values.
    pub(super) rules: &'static [Rule],
    pub(super) role: Role,
}

/// The reason why a value may be at a place.
#[derive(Debug, Clone)]
pub(super) enum Role {
    /// It is a whole document, an item or an entry.
    Value,
    /// A field of the table declares the key.
    Key(&'static Table, &'static Field),
    /// It chooses the table of its object by one of these names; otherwise there are these faults.
    Tag(Vec<&'static str>, &'static [FaultCode]),
    /// It may not be there.
    Refused(FaultCode),
}

/// A fault that a document may have at a place.
#[derive(Debug, Clone)]
pub(super) struct PossibleFault {
    /// The name of the place in the tables.
    pub(super) name: String,
    pub(super) code: FaultCode,
    /// The beginning of what is expected instead, if that distinguishes the fault from others with this code.
    pub(super) expected: String,
}

impl Place {
    /// A value that is a whole document.
    pub(super) fn root(name: &str, kind: Kind, rules: &'static [Rule]) -> Self {
        let (pointer, name) = (String::new(), name.to_owned());
        Self { pointer, name, is_nested: false, kind, rules, role: Role::Value }
    }

    /// A key, item or entry of this object or list.
    fn inner(&self, key: &str, name: String, kind: Kind, rules: &'static [Rule], role: Role) -> Self {
        let is_spec = match self.role {
            Role::Key(_, field) if field.nested_spec.is_some() => true,
            _ => matches!(self.kind.unwrap_optional(), Kind::AdapterSpec) && !matches!(role, Role::Tag(..)),
        };
        Self { pointer: pointer(&self.pointer, key), name, is_nested: self.is_nested || is_spec, kind, rules, role }
    }

    /// The JSON Pointer of another key of the object that has this key.
    pub(super) fn sibling(&self, key: &str) -> String {
        pointer(self.pointer.rsplit_once('/').map_or("", |(parent, _)| parent), key)
    }

    fn entry(&self, key: &str, kind: Kind, rules: &'static [Rule]) -> Self {
        self.inner(key, format!("{}[]", self.name), kind, Entries::of(rules).each, Role::Value)
    }

    fn tag(&self, key: &str, names: Vec<&'static str>, codes: &'static [FaultCode]) -> Self {
        self.inner(key, format!("{}.{key}", self.name), Kind::String, &[], Role::Tag(names, codes))
    }
}

fn pointer(parent: &str, key: &str) -> String {
    format!("{parent}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// Every key in a table: its own, aliases, forbidden and common ones.
fn known_keys(table: &'static Table) -> Vec<&'static str> {
    let forbidden = table.lineage().into_iter().flat_map(|part| part.forbidden).map(|forbidden| forbidden.key);
    let keys = table.fields_with_common().flat_map(Field::names).chain(forbidden);
    keys.chain(table.adapter.map(|_| "type")).collect()
}

impl Subject {
    /// Every place of a document, the document itself first.
    pub(super) fn places(&self, document: &Value) -> Vec<Place> {
        let kind = match self.root() {
            Root::Config(entry) => Kind::Section(entry.table),
            Root::Spec => Kind::AdapterSpec,
        };
        let mut places = vec![Place::root(self.root().name(), kind, &[])];
        let mut next = 0;
        while let Some(place) = places.get(next) {
            let inner = document.pointer(&place.pointer).map(|value| self.inside(place, value));
            places.extend(inner.unwrap_or_default());
            next += 1;
        }
        places
    }

    /// The places inside a value. Those of an object are its tag, its keys, and the keys that it lacks.
    fn inside(&self, place: &Place, value: &Value) -> Vec<Place> {
        let chosen = |tag: &str| value.get(tag).and_then(Value::as_str);
        let (tag, names, codes, table): (_, Vec<&'static str>, &'static [FaultCode], _) =
            match (place.kind.unwrap_optional(), value) {
                (Kind::List(inner), Value::Array(items)) => {
                    return (0..items.len())
                        .map(|index| place.entry(&index.to_string(), *inner, place.rules))
                        .collect();
                }
                (Kind::Map(inner), Value::Object(map)) => {
                    return map.keys().map(|key| place.entry(key, *inner, place.rules)).collect();
                }
                (Kind::Section(table), _) => {
                    let names = table().adapter.into_iter().collect();
                    ("type", names, &[FaultCode::OtherType, FaultCode::WrongType], Some(table()))
                }
                (Kind::Union(union), _) => {
                    let (union, names) = (union(), union().variants.iter().map(|variant| variant.name).collect());
                    let table = chosen(union.tag).and_then(|name| union.variant(name)?.table());
                    (union.tag, names, &[FaultCode::NotAllowed, FaultCode::WrongType, FaultCode::Missing], table)
                }
                (Kind::AdapterSpec, _) => {
                    let names = self.adapters().iter().filter_map(|table| table.adapter).collect();
                    let named = |table: &&&Table| table.adapter.is_some() && table.adapter == chosen("type");
                    let table = self.adapters().iter().find(named).copied();
                    ("type", names, &[FaultCode::UnknownType, FaultCode::WrongType, FaultCode::Missing], table)
                }
                _ => return Vec::new(),
            };
        let Value::Object(map) = value else { return Vec::new() };
        let tag = Some(tag).filter(|_| !names.is_empty());
        let known = table.map(known_keys).unwrap_or_default();
        let undeclared = map.keys().map(String::as_str).chain([UNDECLARED]).filter(|key| !known.contains(key));
        let keys = known.iter().copied().chain(undeclared).filter(|key| Some(*key) != tag);
        let keys = keys.map(|key| self.key(place, table, key));
        tag.map(|tag| place.tag(tag, names, codes)).into_iter().chain(keys).collect()
    }

    fn key(&self, place: &Place, table: Option<&'static Table>, key: &str) -> Place {
        let name = format!("{}.{key}", table.map_or(place.name.as_str(), |table| table.name));
        let refused = |code| place.inner(key, name.clone(), Kind::Anything, &[], Role::Refused(code));
        let Some(table) = table else { return refused(FaultCode::UnknownKey) };
        let Some(field) = table.fields_with_common().find(|field| field.is_named(key)) else {
            return match table.rest() {
                _ if known_keys(table).contains(&key) => refused(FaultCode::ForbiddenKey),
                Some(rest) => place.entry(key, rest.kind, rest.rules),
                None => refused(FaultCode::UnknownKey),
            };
        };
        let kind = field.nested_spec.map_or(field.kind, |nested| Kind::Section(nested.entry.table));
        place.inner(key, name, kind, field.rules, Role::Key(table, field))
    }

    /// The faults that a value, or its absence, may have at a place.
    pub(super) fn possible_faults(&self, place: &Place) -> Vec<PossibleFault> {
        match &place.role {
            Role::Value => faults_of_value(&place.name, place.kind, place.rules),
            Role::Key(table, field) => self.faults_of_key(table, field, &place.name),
            Role::Tag(_, codes) => codes.iter().map(|code| fault(&place.name, *code)).collect(),
            Role::Refused(code) => vec![fault(&place.name, *code)],
        }
    }

    fn faults_of_key(&self, table: &'static Table, field: &'static Field, written: &str) -> Vec<PossibleFault> {
        let name = format!("{}.{}", table.name, field.key);
        if !self.has(&field.versions) {
            return vec![fault(&name, FaultCode::OtherVersion)];
        }
        let common_rules = table.lineage().into_iter().flat_map(|part| part.common_rules);
        let mut demands = common_rules.filter(|rule| rule.key == field.key && self.demands(&rule.versions));
        match demands.next().map(|rule| rule.demand) {
            Some(CommonKeyDemand::Forbidden) => return vec![fault(&name, FaultCode::ForbiddenKey)],
            Some(_) => return vec![fault(&name, FaultCode::NotAllowed)],
            None => {}
        }
        let mut faults = faults_of_value(&name, field.kind, field.rules);
        if matches!(field.presence, Presence::Required) {
            let of_environment = field.environment.is_some();
            faults.push(fault(&name, if of_environment { FaultCode::MissingEnvironment } else { FaultCode::Missing }));
        }
        faults.extend(field.conditions.iter().map(|condition| match condition.effect {
            ConditionEffect::RequiredIf => fault(&name, FaultCode::Missing),
            ConditionEffect::ForbiddenUnless => fault(&name, FaultCode::ForbiddenKey),
        }));
        let is_refused = |alias: &&Alias| {
            alias.both == BothNames::Refused
                && written.strip_suffix(alias.key).is_some_and(|table| table.ends_with('.'))
        };
        let refused = field.aliases.iter().find(is_refused);
        faults.extend(refused.map(|_| fault(written, FaultCode::ConflictingKeys)));
        faults
    }
}

fn fault(name: &str, code: FaultCode) -> PossibleFault {
    PossibleFault { name: name.to_owned(), code, expected: String::new() }
}

/// The faults that values of a kind may have under rules.
fn faults_of_value(name: &str, kind: Kind, rules: &[Rule]) -> Vec<PossibleFault> {
    let kind = kind.unwrap_optional();
    let mut faults = Vec::new();
    let mut add = |code, expected: &str| {
        faults.push(PossibleFault { expected: expected.to_owned(), ..fault(name, code) });
    };
    if !matches!(kind, Kind::Anything) {
        add(FaultCode::WrongType, "");
    }
    match kind {
        Kind::Integer { .. } => add(FaultCode::OutOfRange, "between"),
        Kind::Number { max } if max < f64::MAX => add(FaultCode::OutOfRange, "between"),
        Kind::Choice(_) => add(FaultCode::NotAllowed, ""),
        _ => {}
    }
    let of_keys = rules.iter().flat_map(|rule| if let Rule::Keys(rules) = rule { *rules } else { &[] });
    for rule in rules.iter().chain(of_keys) {
        match rule {
            // A schema cannot state what is on a machine, and the entries have their own rules.
            Rule::Exists(_) | Rule::Access(_) | Rule::Each(_) | Rule::Keys(_) => {}
            rule if rule.is_advice() || repeats_kind(kind, rule) => {}
            // Only this rule is about repeated items.
            Rule::Unique => add(FaultCode::RepeatedItem, ""),
            rule => add(FaultCode::of_rule(rule), &rule.describe()),
        }
    }
    faults
}

/// Whether a rule only repeats the kind: a port of 16 bits is at most 65535.
fn repeats_kind(kind: Kind, rule: &Rule) -> bool {
    match (kind, rule) {
        (Kind::Integer { min, .. }, Rule::Min(Literal::Integer(bound))) => *bound <= min,
        (Kind::Integer { max, .. }, Rule::Max(Literal::Integer(bound))) => *bound >= max,
        _ => false,
    }
}
