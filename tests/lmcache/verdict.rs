//! Compares LMCache's result for one document with ours, and decides whether the contract allows the difference.

use std::collections::BTreeMap;

use l2_adapter::{ConfigError, Fault, FaultCode, Parsed, Version, WarningCode, lmcache, registry::GlobalTypes};
use l2_adapter_schema::{AdapterSpec, Field, Kind, LiteralValue as _, Presence, Table};
use serde_json::{Map, Value};

use crate::{
    answers::{Answer, Attributes, Stored},
    contract::{Config, Contract, Reason, Storage},
    corpus::Json,
    reason,
};

/// An allowed result of a comparison.
#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    /// Both accept the document, with the same meaning.
    Same,
    /// Both refuse the document.
    Refused,
    /// Only we accept it, because an integer has a fraction. LMCache accepts it without the fraction.
    IntegralFloat,
    /// Only we accept it. LMCache may accept it on another machine.
    MachineDependent,
    /// Only LMCache accepts it, and each of our faults has a reason.
    Different(Vec<Difference>),
}

/// One value that LMCache accepts and we refuse.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Difference {
    /// The pointer, with `*` for indices.
    pub(crate) place: String,
    pub(crate) code: FaultCode,
    pub(crate) reason: Reason,
    /// The value that we refuse.
    pub(crate) given: String,
    /// What LMCache does with it.
    pub(crate) theirs: String,
    /// Whether the document has the same meaning for LMCache without the key.
    pub(crate) is_ignored: bool,
}

/// The answers of one version of LMCache, by document.
#[derive(Debug, Clone)]
pub(crate) struct Recording {
    pub(crate) version: &'static str,
    pub(crate) answers: BTreeMap<String, Answer>,
}

/// A version of LMCache by its name.
fn version_of(name: &str) -> Version {
    lmcache::known_version(name).unwrap()
}

/// Parses a document for a version of LMCache.
pub(crate) fn parse(version: &str, document: &str) -> Result<Parsed<AdapterSpec>, ConfigError> {
    let peer = lmcache::peer(version_of(version), |version| version.to_string());
    AdapterSpec::from_text(document, &GlobalTypes::CONTEXT.with_peer(&peer))
}

/// Compares both results for a document of a type.
pub(crate) fn compare(
    table: &'static Table,
    contract: &Contract,
    document: &str,
    recording: &Recording,
) -> Result<Outcome, String> {
    let ours = parse(recording.version, document);
    let version = version_of(recording.version);
    match (ours, &recording.answers[document]) {
        (Ok(parsed), Answer::Accepted(attributes)) => {
            let given = object(document);
            means_the_same(table, contract, &parsed, &given, attributes, version)?;
            Ok(Outcome::Same)
        }
        (Ok(_), Answer::Refused(_)) if is_machine_dependent(contract, document) => Ok(Outcome::MachineDependent),
        (Ok(parsed), Answer::Refused(message)) => integral_float(&parsed, document, recording)
            .ok_or_else(|| format!("we accept it, LMCache refuses it: {message}")),
        (Err(_), Answer::Refused(_)) => Ok(Outcome::Refused),
        (Err(error), Answer::Accepted(attributes)) => {
            let differences = explain_all(table, contract, document, &error, attributes)?;
            without_what_is_ignored(table, contract, document, &differences, attributes, recording.version)?;
            Ok(Outcome::Different(differences))
        }
    }
}

fn is_machine_dependent(contract: &Contract, document: &str) -> bool {
    contract.machine_dependent.as_ref().is_some_and(|machine| (machine.covers)(&object(document)))
}

fn object(document: &str) -> Map<String, Value> {
    serde_json::from_str(document).unwrap_or_default()
}

/// The one exception: a document that we accept with warnings about integral floats, and that LMCache accepts with integers
/// instead.
fn integral_float(parsed: &Parsed<AdapterSpec>, document: &str, recording: &Recording) -> Option<Outcome> {
    let mut twin = Value::Object(object(document));
    for warning in parsed.warnings.iter().filter(|warning| warning.code == WarningCode::IntegralFloat) {
        let number = twin.pointer_mut(&warning.pointer)?;
        *number = Value::from(number.as_f64()? as i64);
    }
    match recording.answers.get(&Json::from(&twin).to_text())? {
        Answer::Accepted(_) => Some(Outcome::IntegralFloat),
        Answer::Refused(_) => None,
    }
}

fn means_the_same(
    table: &'static Table,
    contract: &Contract,
    parsed: &Parsed<AdapterSpec>,
    document: &Map<String, Value>,
    attributes: &Attributes,
    version: Version,
) -> Result<(), String> {
    let mut keys = parsed.value.to_dict_with_secrets();
    keys.remove("type");
    let expected = expected(table, contract, &keys, document, (version, false));
    for (attribute, ours) in &expected {
        match attributes.get(attribute) {
            None => return Err(format!("`{attribute}` is {ours} to us, and LMCache stores no such attribute")),
            Some(theirs) if !theirs.means(ours) => {
                return Err(format!("`{attribute}` is {ours} to us and {} to LMCache", theirs.shown()));
            }
            Some(_) => {}
        }
    }
    match attributes.keys().find(|attribute| !expected.contains_key(*attribute)) {
        Some(attribute) => Err(format!("LMCache stores `{attribute}`, which the contract does not mention")),
        None => Ok(()),
    }
}

/// A placeholder for any default that depends on the machine.
pub(crate) const ANYTHING: &str = "\u{0}anything";

/// The attributes that a version of LMCache stores if the document has the same meaning for it.
fn expected(
    table: &'static Table,
    contract: &Contract,
    keys: &Map<String, Value>,
    document: &Map<String, Value>,
    (version, is_nested): (Version, bool),
) -> BTreeMap<String, Value> {
    let is_declared = |key: &str| fields(table).any(|field| field.key == key);
    let rest = keys.iter().filter(|(key, _)| !is_declared(key));
    let rest = rest.map(|(key, value)| (key.clone(), value.clone())).collect();
    let in_version: Vec<&Field> = fields(table).filter(|field| field.versions.include(version)).collect();
    let declared: Vec<&str> = in_version.iter().map(|field| field.key).collect();
    // The default of a key that some versions lack is not written.
    let unwritten =
        in_version.iter().filter(|field| !field.versions.are_all()).filter_map(|field| match field.presence {
            Presence::Default(default) => Some((field.key.to_owned(), default.to_value())),
            _ => None,
        });
    let keys: Map<String, Value> = unwritten.chain(keys.clone()).collect();
    let config = Config { keys: &keys, rest, document, is_nested, version };
    let mut expected: BTreeMap<String, Value> =
        declared.iter().map(|key| ((*key).to_owned(), config.get(key).clone())).collect();
    for storage in contract.storages() {
        match storage {
            Storage::Renamed { key, attribute } => {
                expected.remove(*key);
                expected.insert((*attribute).to_owned(), config.get(key).clone());
            }
            Storage::Within { key, .. } => drop(expected.remove(*key)),
            Storage::Converted { keys, .. } => keys.iter().for_each(|key| drop(expected.remove(*key))),
            Storage::MachineDependent { key, .. } if !document.contains_key(*key) => {
                expected.insert((*key).to_owned(), Value::from(ANYTHING));
            }
            _ => {}
        }
    }
    for storage in contract.storages() {
        if let Storage::Converted { attribute, value, .. }
        | Storage::Derived { attribute, value, .. }
        | Storage::Rest { attribute, value, .. } = storage
        {
            expected.insert((*attribute).to_owned(), value(&config));
        }
    }
    expected
}

/// The attributes of a nested spec.
pub(crate) fn expected_of_spec(keys: &Map<String, Value>, document: &Map<String, Value>, version: Version) -> Value {
    let name = keys["type"].as_str().unwrap_or_default();
    let (Some(table), Some(contract)) = (crate::table_of(name), Contract::of(name)) else { return Value::Null };
    let mut keys = keys.clone();
    keys.remove("type");
    Value::Object(expected(table, contract, &keys, document, (version, true)).into_iter().collect())
}

/// The fields of a table and of the common keys.
pub(crate) fn fields(table: &'static Table) -> impl Iterator<Item = &'static Field> {
    table.all_fields().chain(table.common_table().map(|shared| shared.fields).unwrap_or_default())
}

fn explain_all(
    table: &'static Table,
    contract: &Contract,
    document: &str,
    error: &ConfigError,
    attributes: &Attributes,
) -> Result<Vec<Difference>, String> {
    let value = Value::Object(object(document));
    let explain = |fault: &Fault| {
        reason::explain(table, contract, document, &value, fault, attributes)
            .map_err(|why| format!("LMCache accepts it, we refuse it: {fault} [{}]; {why}", fault.code))
    };
    error.faults.iter().map(explain).collect()
}

/// Without the keys that LMCache ignores we must accept the document, with the same meaning.
fn without_what_is_ignored(
    table: &'static Table,
    contract: &Contract,
    document: &str,
    differences: &[Difference],
    attributes: &Attributes,
    version: &str,
) -> Result<(), String> {
    if !differences.iter().all(|difference| difference.is_ignored) {
        return Ok(());
    }
    let mut fixed = Json::from(&Value::Object(object(document)));
    let error = parse(version, document).unwrap_err();
    for fault in error.faults.iter().filter(|fault| fault.code != FaultCode::RepeatedKey) {
        fixed = fixed.without(&crate::corpus::steps(&fault.pointer));
    }
    let fixed = fixed.to_text();
    match parse(version, &fixed) {
        Ok(parsed) => means_the_same(table, contract, &parsed, &object(&fixed), attributes, version_of(version))
            .map_err(|why| format!("we refuse only keys that LMCache should ignore, but without them {why}")),
        Err(_) => Ok(()),
    }
}

/// The kind of the value at a path.
pub(crate) fn kind_at(table: &'static Table, path: &[String]) -> Option<Kind> {
    let (key, rest) = path.split_first()?;
    let field = crate::verdict::fields(table)
        .find(|field| field.key == key || field.aliases.iter().any(|alias| alias.key == key));
    let mut kind = field.map(|field| field.kind).or(table.rest().map(|rest| rest.kind))?.unwrap_optional();
    for (index, _) in rest.iter().enumerate() {
        kind = match kind {
            Kind::List(inner) | Kind::Map(inner) => inner.unwrap_optional(),
            Kind::Section(inner) => return kind_at(inner(), &rest[index..]),
            _ => return None,
        };
    }
    Some(kind)
}

/// LMCache's stored value for the value at a path.
pub(crate) fn stored_at<'a>(contract: &Contract, attributes: &'a Attributes, path: &[String]) -> Option<&'a Stored> {
    let (key, rest) = path.split_first()?;
    let attribute = contract.storages().find_map(|storage| match storage {
        Storage::Renamed { key: renamed, attribute } if renamed == key => Some(*attribute),
        Storage::Converted { keys, attribute, .. } if keys.contains(&key.as_str()) => Some(*attribute),
        _ => None,
    });
    let in_rest = contract.storages().find_map(|storage| match storage {
        Storage::Rest { attribute, .. } => attributes.get(*attribute)?.at(key),
        _ => None,
    });
    let mut stored = attributes.get(attribute.unwrap_or(key)).or(in_rest)?;
    for step in rest {
        stored = stored.at(step)?;
    }
    Some(stored)
}
