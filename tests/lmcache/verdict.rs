//! What LMCache and we make of one document, side by side, and whether the contract allows it.

use std::collections::BTreeMap;

use l2_adapter::{ConfigError, Fault, FaultCode, Parsed, Version, WarningCode, lmcache, registry::GlobalTypes};
use l2_adapter_schema::{AdapterSpec, Field, Kind, LiteralValue as _, Presence, Table};
use serde_json::{Map, Value};

use crate::{
    answers::{Answer, Attributes, Stored},
    contract::{Config, Contract, Keeping, Reason},
    corpus::Json,
    reason,
};

/// What is allowed to come of a document.
#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    /// Both accept it, and mean the same.
    Same,
    /// Both refuse it.
    Refused,
    /// Only we accept it: a whole number is written with a fraction, and LMCache accepts it written without.
    IntegralFloat,
    /// Only we accept it, and on another machine LMCache may.
    OfTheMachine,
    /// Only LMCache accepts it, and each of our faults has a reason.
    Different(Vec<Difference>),
}

/// One thing that LMCache accepts and we refuse.
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
    /// Whether LMCache means the same by the document without the key.
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

/// Compares what both make of a document of a type.
pub(crate) fn judge(
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
        (Ok(_), Answer::Refused(_)) if is_of_the_machine(contract, document) => Ok(Outcome::OfTheMachine),
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

fn is_of_the_machine(contract: &Contract, document: &str) -> bool {
    contract.of_the_machine.as_ref().is_some_and(|machine| (machine.covers)(&object(document)))
}

fn object(document: &str) -> Map<String, Value> {
    serde_json::from_str(document).unwrap_or_default()
}

/// The one exception: what we accept with a warning for whole numbers with a fraction, LMCache accepts without these
/// fractions.
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
            None => return Err(format!("we have {ours} for `{attribute}`, LMCache stores nothing of that name")),
            Some(theirs) if !theirs.means(ours) => {
                return Err(format!("`{attribute}` is {ours} to us and {} to LMCache", theirs.shown()));
            }
            Some(_) => {}
        }
    }
    match attributes.keys().find(|attribute| !expected.contains_key(*attribute)) {
        Some(attribute) => Err(format!("LMCache stores `{attribute}`, of which the contract says nothing")),
        None => Ok(()),
    }
}

/// Stands for whatever a machine's default is.
pub(crate) const ANYTHING: &str = "\u{0}anything";

/// The attributes that a version of LMCache stores if it means what we mean.
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
    // What some versions lack is not written with its default.
    let unwritten =
        in_version.iter().filter(|field| !field.versions.are_all()).filter_map(|field| match field.presence {
            Presence::Default(default) => Some((field.key.to_owned(), default.to_value())),
            _ => None,
        });
    let keys: Map<String, Value> = unwritten.chain(keys.clone()).collect();
    let config = Config { keys: &keys, rest, document, is_nested, version };
    let mut expected: BTreeMap<String, Value> =
        declared.iter().map(|key| ((*key).to_owned(), config.get(key).clone())).collect();
    for keeping in contract.keepings() {
        match keeping {
            Keeping::Renamed { key, attribute } => {
                expected.remove(*key);
                expected.insert((*attribute).to_owned(), config.get(key).clone());
            }
            Keeping::Within { key, .. } => drop(expected.remove(*key)),
            Keeping::Made { keys, .. } => keys.iter().for_each(|key| drop(expected.remove(*key))),
            Keeping::OfTheMachine { key, .. } if !document.contains_key(*key) => {
                expected.insert((*key).to_owned(), Value::from(ANYTHING));
            }
            _ => {}
        }
    }
    for keeping in contract.keepings() {
        if let Keeping::Made { attribute, value, .. }
        | Keeping::Derived { attribute, value, .. }
        | Keeping::Rest { attribute, value, .. } = keeping
        {
            expected.insert((*attribute).to_owned(), value(&config));
        }
    }
    expected
}

/// The same of a spec in a spec.
pub(crate) fn expected_of_spec(keys: &Map<String, Value>, document: &Map<String, Value>, version: Version) -> Value {
    let name = keys["type"].as_str().unwrap_or_default();
    let (Some(table), Some(contract)) = (crate::table_of(name), Contract::of(name)) else { return Value::Null };
    let mut keys = keys.clone();
    keys.remove("type");
    Value::Object(expected(table, contract, &keys, document, (version, true)).into_iter().collect())
}

/// The fields of a table and the shared ones.
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

/// What LMCache ignores can be left out: then we accept the document, and mean what LMCache means.
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
    let mut mended = Json::from(&Value::Object(object(document)));
    let error = parse(version, document).unwrap_err();
    for fault in error.faults.iter().filter(|fault| fault.code != FaultCode::RepeatedKey) {
        mended = mended.without(&crate::corpus::steps(&fault.pointer));
    }
    let mended = mended.to_text();
    match parse(version, &mended) {
        Ok(parsed) => means_the_same(table, contract, &parsed, &object(&mended), attributes, version_of(version))
            .map_err(|why| format!("we refuse only what LMCache is said to ignore, but without it {why}")),
        Err(_) => Ok(()),
    }
}

/// The kind of the value that a path leads to.
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

/// What LMCache stores of the value that a path leads to.
pub(crate) fn stored_at<'a>(contract: &Contract, attributes: &'a Attributes, path: &[String]) -> Option<&'a Stored> {
    let (key, rest) = path.split_first()?;
    let attribute = contract.keepings().find_map(|keeping| match keeping {
        Keeping::Renamed { key: renamed, attribute } if renamed == key => Some(*attribute),
        Keeping::Made { keys, attribute, .. } if keys.contains(&key.as_str()) => Some(*attribute),
        _ => None,
    });
    let in_rest = contract.keepings().find_map(|keeping| match keeping {
        Keeping::Rest { attribute, .. } => attributes.get(*attribute)?.at(key),
        _ => None,
    });
    let mut stored = attributes.get(attribute.unwrap_or(key)).or(in_rest)?;
    for step in rest {
        stored = stored.at(step)?;
    }
    Some(stored)
}
