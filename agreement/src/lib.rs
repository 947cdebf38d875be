//! Shows that a type's parser and its exported JSON Schema agree.
//!
//! The law: the schema accepts every document that the parser accepts, in any environment; what the schema accepts and the
//! parser refuses is refused with codes of [`FaultCode::BEYOND_SCHEMA`](l2_adapter_schema::FaultCode::BEYOND_SCHEMA) only.
//! [`Agreement`] looks for documents that violate it: random ones, valid ones and mutants of valid ones, generated from the type's
//! own table, the same ones for the same seed. The schema is read by the `jsonschema` crate, which shares nothing with our
//! parser.
//!
//! Every document is also a test of the parser: it must not panic, must report each fault once and at an existing place, and a
//! written config must parse to the same config.
//!
//! ```standalone_crate
//! use l2_adapter::{L2AdapterConfig, CommonConfig};
//! use l2_adapter_agreement::assert_schema_agrees;
//!
//! /// Keeps chunks in a folder.
//! #[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
//! #[config(type = "folder")]
//! struct FolderL2AdapterConfig {
//!     /// The folder.
//!     #[config(required, not_blank, example = "/var/lib/kv")]
//!     path: String,
//!     common: CommonConfig,
//! }
//!
//! assert_schema_agrees::<FolderL2AdapterConfig>();
//! ```
//!
//! ```text
//! probe                 violates each rule of a table separately
//! mutate                one mistake in a valid document
//! documents             the documents of a run, from its seed
//! generator             documents from a table
//! environment           environment variables for a document
//! subject               parser and schema, side by side
//! disagreement          the result: where they disagree
//! ```

#![forbid(unsafe_code)]

mod disagreement;
mod documents;
mod environment;
mod generator;
mod mutate;
mod probe;
mod subject;
#[cfg(test)]
mod tests;

pub use disagreement::{Counterexample, Disagreement, Failure};

use l2_adapter::{
    L2AdapterConfig,
    registry::{self, Registration, RegistryError},
};
use l2_adapter_schema::{AdapterEntry, Peer, Table};
use serde_json::Value;

use documents::Corpus;
use environment::Environment;
use probe::RuleProbe;
use subject::{Outcome, Root, Subject};

/// The environment variable that makes [`Agreement::run`] test only one document: `seed:number`, as a [`Disagreement`] prints it.
const REPLAY_VARIABLE: &str = "L2_ADAPTER_AGREEMENT_REPLAY";

/// Panics unless parser and schema of a type agree, on 20,000 random documents and on a document for each of its rules.
///
/// One line in a test checks a config of your own. [`Agreement`] has more settings.
///
/// # Panics
///
/// If they do not agree; the message has the document and both results. Also if less than a third of the documents are valid, which
/// happens if `parse_with` or cross-field rules refuse nearly everything: give such fields examples.
#[track_caller]
pub fn assert_schema_agrees<T: L2AdapterConfig>() {
    const DOCUMENTS: u64 = 20_000;
    let agreement = Agreement::of::<T>().documents(DOCUMENTS);
    let isolated = match agreement.probe_every_rule() {
        // An overlap of two rules is not a disagreement.
        Err(Disagreement { failure: Failure::NotIsolated { .. }, .. }) => Ok(()),
        other => other.map(drop),
    };
    if let Err(disagreement) = isolated.and_then(|()| agreement.run().map(drop)) {
        panic!("{disagreement}");
    }
}

/// A search for a document on which a parser and its exported schema disagree.
///
/// ```
/// use l2_adapter::adapters::mock_l2_adapter::MockL2AdapterConfig;
/// use l2_adapter_agreement::Agreement;
///
/// let report = Agreement::of::<MockL2AdapterConfig>().documents(1_000).seed(7).run()?;
/// assert!(report.accepted > 300);
/// # Ok::<(), l2_adapter_agreement::Disagreement>(())
/// ```
#[derive(Debug, Clone)]
pub struct Agreement {
    root: Root,
    documents: u64,
    seed: u64,
    shown: Vec<Shown>,
    /// Rules, each with the reason.
    excused: Vec<(String, String)>,
    peer: Option<Peer<'static>>,
}

/// A document that violates a rule that no generator can guess.
#[derive(Debug, Clone)]
struct Shown {
    rule: String,
    document: Value,
}

/// Counts of a run's documents by their results.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The number of documents.
    pub documents: u64,
    /// How many both parser and schema accept.
    pub accepted: u64,
    /// How many only the parser refuses, for reasons that no schema can state.
    pub beyond_schema: u64,
    /// How many both refuse.
    pub refused: u64,
}

/// The result for a type's rules.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProbedRules {
    /// Every rule that decided a document by itself, each with its place.
    pub isolated: Vec<String>,
    /// Cross-field rules, warnings and functions for which no document was given with [`Agreement::shown_by`].
    pub without_example: Vec<String>,
}

impl Agreement {
    /// A search over the documents of one type.
    pub fn of<T: L2AdapterConfig>() -> Self {
        Self::new(Root::Config(AdapterEntry::of::<T>()))
    }

    /// A search over the documents of one registered type.
    pub fn of_registered(registration: &Registration) -> Self {
        Self::new(Root::Config(registration.entry()))
    }

    /// A search over adapter specs of all registered types, as in `--l2-adapter`.
    pub fn of_specs() -> Self {
        Self::new(Root::Spec)
    }

    const fn new(root: Root) -> Self {
        Self { root, documents: 200_000, seed: 0, shown: Vec::new(), excused: Vec::new(), peer: None }
    }

    /// How many documents [`run`](Self::run) generates; defaults to 200,000.
    #[must_use]
    pub fn documents(mut self, count: u64) -> Self {
        self.documents = count;
        self
    }

    /// The seed of the documents; defaults to 0.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Reads documents for a peer in one version, and compares with the schema of that version.
    #[must_use]
    pub fn for_peer(mut self, peer: Peer<'static>) -> Self {
        self.peer = Some(peer);
        self
    }

    /// A document that violates the cross-field rule of this name, or that the `parse_with` function of this key refuses, and
    /// is otherwise valid; or a document with the warning of this name. No generator can guess these.
    #[must_use]
    pub fn shown_by(mut self, rule: &str, document: Value) -> Self {
        self.shown.push(Shown { rule: rule.to_owned(), document });
        self
    }

    /// Excuses a rule that cannot be violated alone, such as a length of at least 1 next to "not blank". `rule` has the form in
    /// which [`Failure::NotIsolated`] lists it; the reason follows.
    #[must_use]
    pub fn excused(mut self, rule: &str, reason: &str) -> Self {
        self.excused.push((rule.to_owned(), reason.to_owned()));
        self
    }

    /// Compares parser and schema on random documents.
    ///
    /// # Errors
    ///
    /// The first document on which they disagree, or too few valid documents.
    pub fn run(&self) -> Result<Report, Disagreement> {
        let subject = self.subject()?;
        match replayed() {
            Some((seed, index)) => {
                let outcome = judge(&subject, &Corpus::new(&subject), seed, index)?;
                Ok(Report::default().counting(outcome))
            }
            None => self.run_on(&subject),
        }
    }

    fn run_on(&self, subject: &Subject) -> Result<Report, Disagreement> {
        let documents = Corpus::new(subject);
        let mut report = Report::default();
        for index in 0..self.documents {
            report = report.counting(judge(subject, &documents, self.seed, index)?);
        }
        if report.accepted < report.documents / 3 {
            let failure = Failure::TooFewValid { valid: report.accepted, documents: report.documents };
            return Err(disagreement(subject, failure));
        }
        Ok(report)
    }

    /// Violates every rule separately: for each rule, parser and schema refuse a document that is otherwise valid, and the parser
    /// reports one fault that names the rule. Documents in which keys are absent, `null`, or have other names are accepted if the
    /// table allows it. Paths that must exist are removed on a simulated machine, and without a machine parser and schema accept
    /// the document. A `machine_rule` is not tested: only its author can simulate a machine for it, and a schema cannot state it.
    ///
    /// # Errors
    ///
    /// If a rule decides no document by itself in the parser or in the schema, or a document given for a rule does not violate it.
    pub fn probe_every_rule(&self) -> Result<ProbedRules, Disagreement> {
        self.probe_on(&self.subject()?)
    }

    fn probe_on(&self, subject: &Subject) -> Result<ProbedRules, Disagreement> {
        let mut probe = RuleProbe::new(subject, self.seed, &self.shown);
        probe.walk();
        if let Some((failure, document)) = probe.finding {
            return Err(with_counterexample(subject, failure, document, &Environment::default(), None));
        }
        let excused = |rule: &String| self.excused.iter().any(|(excused, _)| excused == rule);
        let needless = self.excused.iter().filter(|(rule, _)| !probe.unreachable.contains(rule));
        let needless: Vec<String> = needless.map(|(rule, reason)| format!("{rule} ({reason})")).collect();
        let unreachable: Vec<String> = probe.unreachable.into_iter().filter(|rule| !excused(rule)).collect();
        if !unreachable.is_empty() {
            return Err(disagreement(subject, Failure::NotIsolated { rules: unreachable }));
        }
        if !needless.is_empty() {
            return Err(disagreement(subject, Failure::NeedlesslyExcused { rules: needless }));
        }
        Ok(ProbedRules { isolated: probe.isolated, without_example: probe.without_example })
    }

    fn subject(&self) -> Result<Subject, Disagreement> {
        let broken = |failure| Disagreement { subject: self.root.name(), failure, counterexample: None };
        let unusable = |error: RegistryError| broken(Failure::InvalidSchema { reason: error.to_string() });
        let mut adapters: Vec<&'static Table> = registry::global().map_err(unusable)?.tables();
        if let Root::Config(entry) = self.root
            && !adapters.iter().any(|known| std::ptr::eq(*known, (entry.table)()))
        {
            adapters.push((entry.table)());
        }
        let schema = self.root.schema(&adapters, self.peer.as_ref());
        Subject::new(self.root, adapters, self.peer, &schema).map_err(broken)
    }
}

impl Report {
    fn counting(mut self, outcome: Outcome) -> Self {
        self.documents += 1;
        match outcome {
            Outcome::Accepted => self.accepted += 1,
            Outcome::BeyondSchema => self.beyond_schema += 1,
            Outcome::Refused => self.refused += 1,
        }
        self
    }
}

fn judge(subject: &Subject, documents: &Corpus<'_>, seed: u64, index: u64) -> Result<Outcome, Disagreement> {
    let (document, environment) = documents.document(seed, index);
    subject
        .judge(&document, &environment)
        .map_err(|failure| with_counterexample(subject, failure, document, &environment, Some((seed, index))))
}

fn replayed() -> Option<(u64, u64)> {
    let text = std::env::var(REPLAY_VARIABLE).ok()?;
    let (seed, index) = text.split_once(':')?;
    Some((seed.parse().ok()?, index.parse().ok()?))
}

fn disagreement(subject: &Subject, failure: Failure) -> Disagreement {
    Disagreement { subject: subject.root().name(), failure, counterexample: None }
}

fn with_counterexample(
    subject: &Subject,
    failure: Failure,
    document: Value,
    environment: &Environment,
    replay: Option<(u64, u64)>,
) -> Disagreement {
    let parser = match &failure {
        // Parsing again would only panic again.
        Failure::Panic { .. } => vec!["panics".to_owned()],
        _ => subject.parse(&document).err().map_or_else(Vec::new, |error| {
            error.faults.iter().map(|fault| format!("{} [{}]", fault, fault.code)).collect()
        }),
    };
    let schema = subject.schema_errors(&document);
    let environment = environment.variables().map(|(name, value)| (name, value.to_owned())).collect();
    let counterexample = Counterexample { document, environment, parser, schema, replay };
    Disagreement { counterexample: Some(Box::new(counterexample)), ..disagreement(subject, failure) }
}
