//! Parser and schema, and the law for their results.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

use jsonschema::Validator;
use l2_adapter_schema::{
    AdapterEntry, AdapterSpec, ConfigError, Context, Fault, FaultCode, InVersion as _, Parsed, Peer, Table, Versions,
    Warning, WarningCode, schema_of, spec_schema,
};
use serde_json::Value;

use super::disagreement::Failure;
use l2_adapter::registry::GlobalTypes;

/// The config that documents are parsed as.
#[derive(Debug, Clone, Copy)]
pub(super) enum Root {
    /// The config of one type.
    Config(AdapterEntry),
    /// An adapter spec of the type that its `type` key names.
    Spec,
}

impl Root {
    /// Its name in reports.
    pub(super) fn name(self) -> &'static str {
        match self {
            Root::Config(entry) => (entry.table)().adapter.unwrap_or_default(),
            Root::Spec => "--l2-adapter",
        }
    }

    /// Its exported schema.
    pub(super) fn schema(self, adapters: &[&'static Table], peer: Option<&Peer<'_>>) -> Value {
        match self {
            Root::Config(entry) => schema_of((entry.table)(), adapters, peer).into(),
            Root::Spec => spec_schema(adapters, "https://l2-adapter.invalid/agreement", peer).into(),
        }
    }
}

/// A parser and the schema that was exported for it.
pub(super) struct Subject {
    root: Root,
    adapters: Vec<&'static Table>,
    peer: Option<Peer<'static>>,
    validator: Validator,
}

/// The results of parser and schema for a document that satisfies the law.
#[derive(Debug)]
pub(super) enum Outcome {
    /// Both accept it.
    Accepted,
    /// The schema accepts it, and the parser refuses it for a reason that no schema can state.
    BeyondSchema(ConfigError),
    /// Both refuse it.
    Refused(ConfigError),
}

impl Subject {
    /// Compiles the schema.
    pub(super) fn new(
        root: Root,
        adapters: Vec<&'static Table>,
        peer: Option<Peer<'static>>,
        schema: &Value,
    ) -> Result<Self, Failure> {
        let broken = |reason: &dyn fmt::Display| Failure::InvalidSchema { reason: reason.to_string() };
        jsonschema::draft202012::meta::validate(schema).map_err(|error| broken(&error))?;
        let validator = jsonschema::draft202012::new(schema).map_err(|error| broken(&error))?;
        Ok(Self { root, adapters, peer, validator })
    }

    pub(super) fn root(&self) -> Root {
        self.root
    }

    pub(super) fn adapters(&self) -> &[&'static Table] {
        &self.adapters
    }

    /// Whether a key of these versions may be given.
    pub(super) fn has(&self, versions: &Versions) -> bool {
        self.peer.as_ref().has(versions)
    }

    /// Whether a rule of these versions is to be satisfied.
    pub(super) fn demands(&self, versions: &Versions) -> bool {
        self.peer.as_ref().demands(versions)
    }

    /// The context of every document.
    fn context(&self) -> Context<'_> {
        match &self.peer {
            Some(peer) => GlobalTypes::CONTEXT.with_peer(peer),
            None => GlobalTypes::CONTEXT,
        }
    }

    /// The tables of whole documents.
    pub(super) fn tables(&self) -> Vec<&'static Table> {
        match self.root {
            Root::Config(entry) => vec![(entry.table)()],
            Root::Spec => self.adapters.clone(),
        }
    }

    /// The parser's result with no environment variable set.
    pub(super) fn parse(&self, document: &Value) -> Result<Parsed<AdapterSpec>, ConfigError> {
        self.parse_in(document, &self.context())
    }

    fn parse_in(&self, document: &Value, context: &Context<'_>) -> Result<Parsed<AdapterSpec>, ConfigError> {
        match self.root {
            Root::Config(entry) => entry.parse(document, context),
            Root::Spec => AdapterSpec::from_value(document, context),
        }
    }

    /// Whether the schema accepts a document.
    pub(super) fn schema_accepts(&self, document: &Value) -> bool {
        match self.root {
            // For the schema a list is a list of specs. A single spec is never a list.
            Root::Spec if !document.is_object() => self.validator.is_valid(&Value::Array(vec![document.clone()])),
            _ => self.validator.is_valid(document),
        }
    }

    /// The schema's errors about a document.
    pub(super) fn schema_errors(&self, document: &Value) -> Vec<String> {
        let errors = self.validator.iter_errors(document);
        errors.map(|error| format!("{}: {error} (schema at {})", error.instance_path(), error.schema_path())).collect()
    }

    /// Parses and validates a document.
    pub(super) fn judge(&self, document: &Value, environment: &[(&str, String)]) -> Result<Outcome, Failure> {
        // A panic is reported together with its document.
        catch_unwind(AssertUnwindSafe(|| self.judge_or_panic(document, environment))).unwrap_or_else(|panic| {
            let said = panic.downcast_ref::<String>().cloned();
            let said = said.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Err(Failure::Panic { said: said.unwrap_or_default() })
        })
    }

    fn judge_or_panic(&self, document: &Value, environment: &[(&str, String)]) -> Result<Outcome, Failure> {
        let schema_accepts = self.schema_accepts(document);
        if !environment.is_empty() {
            let variable = |name: &str| environment.iter().find(|(set, _)| *set == name);
            let lookup = |name: &str| variable(name).map(|(_, value)| value.into());
            let parsed = self.parse_in(document, &self.context().with_environment(&lookup));
            if let Ok(parsed) = parsed {
                self.check_accepted(&parsed, schema_accepts)?;
            }
        }
        match self.parse(document) {
            Ok(parsed) => {
                self.check_accepted(&parsed, schema_accepts)?;
                Ok(Outcome::Accepted)
            }
            Err(error) => {
                check_faults(document, &error)?;
                let known_to_schema = |fault: &&Fault| !FaultCode::BEYOND_SCHEMA.contains(&fault.code);
                match error.faults.iter().find(known_to_schema) {
                    Some(_) if schema_accepts => Err(Failure::OnlySchemaAccepts),
                    _ if schema_accepts => Ok(Outcome::BeyondSchema(error)),
                    _ => Ok(Outcome::Refused(error)),
                }
            }
        }
    }

    fn check_accepted(&self, parsed: &Parsed<AdapterSpec>, schema_accepts: bool) -> Result<(), Failure> {
        if !schema_accepts {
            return Err(Failure::OnlyParserAccepts);
        }
        let unsaid = parsed.warnings.iter().find(|warning| warning.message.is_empty());
        let broken = match unsaid {
            Some(warning) => Some(format!("a warning at {} says nothing", warning.pointer)),
            None => self.broken_round_trip(&parsed.value),
        };
        broken.map_or(Ok(()), |reason| Err(Failure::BrokenPromise { reason }))
    }

    /// Why a written config does not parse to an equal one that the schema accepts.
    fn broken_round_trip(&self, spec: &AdapterSpec) -> Option<String> {
        let written = spec.to_dict_with_secrets();
        let document = Value::Object(written.clone());
        let reason = if !self.schema_accepts(&document) {
            format!("the schema refuses it: {}", self.schema_errors(&document).join("; "))
        } else {
            match self.parse(&document) {
                Err(error) => error.to_string(),
                Ok(again) if again.value.to_dict_with_secrets() != written => {
                    let again = Value::Object(again.value.to_dict_with_secrets());
                    format!("it parses to a config that is written as {again}")
                }
                Ok(again) => {
                    // A written document has no warning about notation, except in an object that is passed on unchanged.
                    let is_of_notation = |warning: &Warning| {
                        matches!(warning.code, WarningCode::IntegralFloat | WarningCode::LegacyKey)
                            && !is_in_nested_spec(spec.config().table(), &warning.pointer)
                    };
                    format!("it is warned of: {}", again.warnings.into_iter().find(is_of_notation)?)
                }
            }
        };
        Some(format!("the config of this document is written as {document}, but {reason}"))
    }
}

/// Whether a pointer leads into a free-form object of a table that may be the spec of an adapter.
fn is_in_nested_spec(table: &'static Table, pointer: &str) -> bool {
    let key = pointer.split('/').nth(1).unwrap_or_default();
    table.all_fields().any(|field| field.nested_spec.is_some() && field.key == key)
}

/// Every fault occurs once, has a place, and has a message.
fn check_faults(document: &Value, error: &ConfigError) -> Result<(), Failure> {
    for (position, fault) in error.faults.iter().enumerate() {
        let same = |other: &Fault| {
            (&other.pointer, other.code, &other.message) == (&fault.pointer, fault.code, &fault.message)
        };
        let found = document.pointer(&fault.pointer).is_some();
        let points = match fault.code {
            FaultCode::Missing | FaultCode::MissingEnvironment => {
                let (parent, key) = fault.pointer.rsplit_once('/').unwrap_or_default();
                // Entries of a secret have its place, since their keys are not shown: the message names another key then.
                let in_secret = found && !fault.message.starts_with(&format!("`{key}`"));
                in_secret || !found && document.pointer(parent).is_some_and(Value::is_object)
            }
            // The functions choose the places of these faults, which may be absent keys with defaults.
            FaultCode::Rule | FaultCode::ParseWith | FaultCode::ComputedDefault => true,
            _ => found,
        };
        let reason = if error.faults[..position].iter().any(same) {
            "one fault is reported twice"
        } else if fault.message.is_empty() {
            "a fault says nothing"
        } else if !points {
            "a fault points at no place of the document"
        } else {
            continue;
        };
        return Err(Failure::BrokenPromise { reason: format!("{reason}: {fault}") });
    }
    Ok(())
}
