//! The result of an agreement test that fails.

use std::fmt;

use serde_json::Value;

/// A document on which parser and schema disagree, or another error.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Disagreement {
    /// The adapter type, or `--l2-adapter` for specs of any type.
    pub subject: &'static str,
    /// The error.
    pub failure: Failure,
    /// The document, if one document shows the error.
    pub counterexample: Option<Box<Counterexample>>,
}

/// A document that shows a disagreement.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Counterexample {
    /// The document.
    pub document: Value,
    /// The environment variables that were set.
    pub environment: Vec<(&'static str, String)>,
    /// The parser's faults with no variable set, one on each line; empty if it accepts.
    pub parser: Vec<String>,
    /// The schema's errors, one on each line; empty if it accepts.
    pub schema: Vec<String>,
    /// The seed and number from which the document can be generated again. `None` for a document that depends only on the
    /// table.
    pub replay: Option<(u64, u64)>,
}

/// An error that parser or schema must not have.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Failure {
    /// The exported schema is not a JSON Schema.
    InvalidSchema {
        /// Its error.
        reason: String,
    },
    /// The parser accepts a document that the schema refuses.
    OnlyParserAccepts,
    /// The schema accepts a document that the parser refuses for a reason that a schema can state.
    OnlySchemaAccepts,
    /// Parsing panicked.
    Panic {
        /// The panic's message.
        said: String,
    },
    /// The parser breaks a promise about this document: a fault occurs twice, points at no place or has no message, or a written config
    /// does not parse to the same config.
    BrokenPromise {
        /// Which one, as a sentence about the parser.
        reason: String,
    },
    /// Too few of the generated documents are valid for a useful test.
    TooFewValid {
        /// The number of valid documents.
        valid: u64,
        /// The number of all documents.
        documents: u64,
    },
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidSchema { reason } => write!(formatter, "the exported schema is not valid: {reason}"),
            Self::OnlyParserAccepts => {
                formatter.write_str("the parser accepts this document, the exported schema refuses it")
            }
            Self::OnlySchemaAccepts => formatter.write_str(
                "the exported schema accepts this document, the parser refuses it for a reason a schema can say",
            ),
            Self::Panic { said } => write!(formatter, "reading this document panicked: {said}"),
            Self::BrokenPromise { reason } => formatter.write_str(reason),
            Self::TooFewValid { valid, documents } => write!(
                formatter,
                "only {valid} of {documents} documents are valid, less than a third: give examples for fields whose rules \
                 a generator cannot guess"
            ),
        }
    }
}

impl fmt::Display for Disagreement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.subject, self.failure)?;
        let Some(counterexample) = &self.counterexample else { return Ok(()) };
        write!(formatter, "\n\ndocument:\n  {}", counterexample.document)?;
        for (name, value) in &counterexample.environment {
            write!(formatter, "\n  with {name}={value}")?;
        }
        for (reader, failures) in [("parser", &counterexample.parser), ("schema", &counterexample.schema)] {
            match failures.as_slice() {
                [] => write!(formatter, "\n{reader}: accepts")?,
                failures => write!(formatter, "\n{reader}: refuses\n  {}", failures.join("\n  "))?,
            }
        }
        match counterexample.replay {
            Some((seed, index)) => {
                write!(formatter, "\n\nsee it again: {}={seed}:{index} cargo test", super::REPLAY_VARIABLE)
            }
            None => Ok(()),
        }
    }
}

impl std::error::Error for Disagreement {}
