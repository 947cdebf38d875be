//! What parser and schema say of one document, and whether they may say so.

use l2_adapter_schema::FaultCode;
use serde_json::Value;

/// What a document comes to.
#[derive(Debug, PartialEq)]
pub(crate) enum Verdict {
    Accepted,
    Refused,
    /// By the parser alone.
    BeyondSchema,
}
use Verdict::{Accepted, BeyondSchema, Refused};

/// The verdict of both. Panics where they disagree.
pub(crate) fn settled(parsed: Result<(), Vec<(FaultCode, String)>>, valid: bool, document: &Value) -> Verdict {
    match (parsed, valid) {
        (Ok(()), true) => Accepted,
        (Err(_), false) => Refused,
        (Ok(()), false) => panic!("the parser accepts what the schema refuses: {document:#}"),
        (Err(faults), true) => {
            let beyond = faults.iter().all(|(code, _)| FaultCode::BEYOND_SCHEMA.contains(code));
            assert!(beyond, "the schema accepts what the parser refuses: {faults:#?}\n{document:#}");
            BeyondSchema
        }
    }
}
