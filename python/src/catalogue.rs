//! Lists and documents the adapter types, and validates specs. Structured results are JSON text.

use l2_adapter::{
    Context, Peer, ThisMachine, environment_variable, lmcache,
    registry::{self, RegistryError},
    specs::{Document, DocumentSplitter, Pairs, Report, Target},
};
use l2_adapter_schema::{help, help_of_key, schema_of, visible};
use pyo3::{exceptions::PyValueError, prelude::*};
use serde_json::Value;

fn refused(error: RegistryError) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// LMCache in a version; without one, in the last one that was released.
fn peer(version: Option<&str>) -> PyResult<Peer<'static>> {
    let version = match version {
        Some(text) => lmcache::known_version(text).map_err(|error| PyValueError::new_err(error.to_string()))?,
        None => lmcache::RELEASED,
    };
    Ok(lmcache::peer(version, |version| format!("lmcache=\"{version}\"")))
}

/// Name, whether it can be run, and summary of each type, sorted by name.
#[pyfunction]
pub(crate) fn types() -> PyResult<Vec<(&'static str, bool, String)>> {
    let registry = registry::global().map_err(refused)?;
    let described = |name| {
        let registration = registry.look_up(name).map_err(refused)?;
        Ok((name, registration.has_runtime(), registration.table().summary().to_string()))
    };
    registry.names().into_iter().map(described).collect()
}

/// The help text of a type, or of one of its keys.
#[pyfunction]
pub(crate) fn explain(adapter_type: &str, key: Option<&str>) -> PyResult<String> {
    let registry = registry::global().map_err(refused)?;
    let table = registry.look_up(adapter_type).map_err(refused)?.table();
    let Some(key) = key else { return Ok(help(table, None)) };
    help_of_key(table, key, None).map_err(|suggestion| {
        let meant = suggestion.map(|path| format!("; did you mean `{path}`?")).unwrap_or_default();
        PyValueError::new_err(format!("`{adapter_type}` has no key `{}`{meant}", visible(key)))
    })
}

/// The JSON Schema of a type, or of any spec, for a version of LMCache.
#[pyfunction]
pub(crate) fn json_schema(adapter_type: Option<&str>, lmcache: Option<&str>) -> PyResult<String> {
    let registry = registry::global().map_err(refused)?;
    let peer = peer(lmcache)?;
    let schema = match adapter_type {
        Some(name) => schema_of(registry.look_up(name).map_err(refused)?.table(), &registry.tables(), Some(&peer)),
        None => registry.spec_schema(Some(&peer)),
    };
    Ok(Value::from(schema).to_string())
}

/// A list with the report on each document in a text, for a version of LMCache, and with what does not fit if `pd` specs are
/// compared with each other.
#[pyfunction]
pub(crate) fn check(
    py: Python<'_>,
    text: &[u8],
    source: &str,
    on_this_machine: bool,
    lmcache: Option<&str>,
    pairs: bool,
) -> PyResult<String> {
    let registry = registry::global().map_err(refused)?;
    let peer = peer(lmcache)?;
    py.detach(|| {
        let context = Context::empty().with_adapters(registry.as_ref()).with_peer(&peer);
        let target = match on_this_machine {
            true => Target::Local(context.with_environment(&environment_variable).with_machine(&ThisMachine)),
            false => Target::Unknown(context),
        };
        let mut compared = pairs.then(Pairs::new);
        let mut records = Vec::new();
        for (index, document) in (0..).zip(documents(text)) {
            let (start, content) = (document.start, compared.as_ref().and(document.content.clone().ok()));
            let report = Report::of(document, source, index, target);
            records.push(serde_json::to_value(&report).map_err(|error| PyValueError::new_err(error.to_string()))?);
            if let (Some(pairs), Some(content)) = (compared.as_mut(), content) {
                pairs.add(report, false, start, &content);
            }
        }
        records.extend(compared.and_then(|pairs| pairs.misfits(on_this_machine).record()));
        Ok(Value::from(records).to_string())
    })
}

fn documents(mut text: &[u8]) -> Vec<Document> {
    let mut documents = DocumentSplitter::new();
    let mut found = Vec::new();
    while let Some(document) = documents.next_in(&mut text) {
        found.push(document);
    }
    found.extend(std::iter::from_fn(|| documents.finish()));
    found
}
