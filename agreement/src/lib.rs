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
//! documents             the documents of a run, from its seed
//! exhaustive            every mistake at every place of some valid documents
//! mistakes              what may be wrong at a place
//! places                the places of a document, with what its table says of them
//! generator             values for a place
//! subject               parser and schema, side by side
//! disagreement          the result: where they disagree
//! ```

#![forbid(unsafe_code)]

mod disagreement;
mod documents;
mod exhaustive;
mod generator;
mod mistakes;
mod places;
mod subject;
#[cfg(test)]
mod tests;

pub use disagreement::{Counterexample, Disagreement, Failure};

use l2_adapter::{
    L2AdapterConfig,
    registry::{self, Registration, RegistryError},
};
use l2_adapter_schema::{AdapterEntry, Peer, Table};
use serde_json::{Map, Value};

use documents::{Corpus, Environment};
use exhaustive::{Isolated, every_mistake};
use subject::{Outcome, Root, Subject};

/// The environment variable that makes [`Agreement::run`] test only one document: `seed:number`, as a [`Disagreement`] prints it.
const REPLAY_VARIABLE: &str = "L2_ADAPTER_AGREEMENT_REPLAY";

/// Panics unless parser and schema of a type agree, on 20,000 random documents and on valid ones with every single mistake.
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
    if let Err(disagreement) = agreement.every_mistake().and_then(|_| agreement.run()) {
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
    examples: Vec<Map<String, Value>>,
    peer: Option<Peer<'static>>,
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

/// The result of [`Agreement::every_mistake`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mistakes {
    /// How many documents had a mistake.
    pub documents: u64,
    /// The faults that no document had alone, each with its place, although the table declares them: a rule that is never violated
    /// alone is without effect.
    pub never_alone: Vec<String>,
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
        Self { root, documents: 200_000, seed: 0, examples: Vec::new(), peer: None }
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

    /// A valid document with keys that random documents rarely have, because they are valid only next to several others.
    #[must_use]
    pub fn example(mut self, document: Map<String, Value>) -> Self {
        self.examples.push(document);
        self
    }

    /// Compares parser and schema on random documents.
    ///
    /// # Errors
    ///
    /// The first document on which they disagree, or too few valid documents.
    pub fn run(&self) -> Result<Report, Disagreement> {
        let subject = self.subject()?;
        let corpus = Corpus::new(&subject, &self.examples);
        let (seed, numbers) = match replayed() {
            Some((seed, number)) => (seed, number..number + 1),
            None => (self.seed, 0..self.documents),
        };
        let mut report = Report::default();
        for number in numbers {
            let (document, environment) = corpus.document(seed, number);
            let outcome = subject.judge(&document, &environment);
            let replay = Some((seed, number));
            report.documents += 1;
            match outcome.map_err(|failure| with_counterexample(&subject, failure, document, environment, replay))? {
                Outcome::Accepted => report.accepted += 1,
                Outcome::BeyondSchema(_) => report.beyond_schema += 1,
                Outcome::Refused(_) => report.refused += 1,
            }
        }
        if report.accepted < report.documents / 3 {
            return Err(self.failed(Failure::TooFewValid { valid: report.accepted, documents: report.documents }));
        }
        Ok(report)
    }

    /// Compares parser and schema on valid documents with one mistake each: every key is left out or added, and every value is
    /// replaced by values of other types, beyond each bound, misspelt, and so on. The kinds and rules of the table determine the
    /// mistakes.
    ///
    /// # Errors
    ///
    /// The first document on which they disagree.
    pub fn every_mistake(&self) -> Result<Mistakes, Disagreement> {
        let (subject, mut isolated, mut documents) = (self.subject()?, Isolated::default(), 0);
        let corpus = Corpus::new(&subject, &self.examples);
        every_mistake(&subject, &corpus, self.seed, |faults, document| {
            let outcome = subject.judge(&document, &[]);
            let failed = |failure| with_counterexample(&subject, failure, document, Vec::new(), None);
            isolated.enter(faults, &outcome.map_err(failed)?);
            documents += 1;
            Ok(())
        })?;
        Ok(Mistakes { documents, never_alone: isolated.never() })
    }

    fn subject(&self) -> Result<Subject, Disagreement> {
        let unusable = |error: RegistryError| self.failed(Failure::InvalidSchema { reason: error.to_string() });
        let mut adapters: Vec<&'static Table> = registry::global().map_err(unusable)?.tables();
        if let Root::Config(entry) = self.root
            && !adapters.iter().any(|known| std::ptr::eq(*known, (entry.table)()))
        {
            adapters.push((entry.table)());
        }
        let schema = self.root.schema(&adapters, self.peer.as_ref());
        Subject::new(self.root, adapters, self.peer, &schema).map_err(|failure| self.failed(failure))
    }

    fn failed(&self, failure: Failure) -> Disagreement {
        Disagreement { subject: self.root.name(), failure, counterexample: None }
    }
}

fn replayed() -> Option<(u64, u64)> {
    let text = std::env::var(REPLAY_VARIABLE).ok()?;
    let (seed, index) = text.split_once(':')?;
    Some((seed.parse().ok()?, index.parse().ok()?))
}

fn with_counterexample(
    subject: &Subject,
    failure: Failure,
    document: Value,
    environment: Environment,
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
    let counterexample = Some(Box::new(Counterexample { document, environment, parser, schema, replay }));
    Disagreement { subject: subject.root().name(), failure, counterexample }
}
