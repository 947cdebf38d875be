//! Every mistake at every place of some valid documents, one in each document.

use std::collections::BTreeMap;

use l2_adapter_schema::FaultCode;
use serde_json::Value;

use super::{
    documents::Corpus,
    mistakes::{Mistake, make},
    places::PossibleFault,
    subject::{Outcome, Subject},
};

/// Calls a function with each document, and with the faults that it may have, until the function fails.
///
/// Keys are added to and removed from every valid document, because their conditions depend on other keys. Values are changed in the
/// first few documents that have them.
pub(super) fn every_mistake<E>(
    subject: &Subject,
    corpus: &Corpus<'_>,
    seed: u64,
    mut test: impl FnMut(&[PossibleFault], Value) -> Result<(), E>,
) -> Result<(), E> {
    /// So many random documents are used, in addition to the examples.
    const DOCUMENTS: u64 = 128;
    /// In so many documents the values of a place are changed: a value may be necessary for another key.
    const TIMES: usize = 4;
    let mut times: BTreeMap<(String, bool, bool), usize> = BTreeMap::new();
    for index in 0..DOCUMENTS + corpus.examples.len() as u64 {
        let mut generator = corpus.generator(seed, index);
        let example = corpus.examples.get(index as usize).cloned();
        let document = example.unwrap_or_else(|| corpus.valid(&mut generator));
        test(&[], document.clone())?;
        for place in subject.places(&document).iter().filter(|place| !place.is_nested) {
            let faults = subject.possible_faults(place);
            let mut make_in = |document: &Value, mistakes: Vec<Mistake>| {
                mistakes.into_iter().try_for_each(|mistake| {
                    let mut changed = document.clone();
                    make(&mut changed, &place.pointer, mistake);
                    test(&faults, changed)
                })
            };
            let value = document.pointer(&place.pointer);
            make_in(&document, generator.mistakes_of_presence(place, value.is_some()))?;
            let is_list_without_items = value.and_then(Value::as_array).is_some_and(Vec::is_empty);
            let times = times.entry((place.name.clone(), value.is_some(), is_list_without_items)).or_default();
            *times += 1;
            if *times <= TIMES {
                let mut with_value = document.clone();
                if value.is_none() {
                    let value = Some(generator.value_at(place));
                    corpus.change(&mut with_value, place, value, &mut generator);
                }
                make_in(&with_value, generator.mistakes_of_value(place, with_value.pointer(&place.pointer)))?;
            }
        }
    }
    Ok(())
}

/// The faults that documents may have, each with whether one had it alone.
#[derive(Debug, Default)]
pub(super) struct Isolated(BTreeMap<String, bool>);

impl Isolated {
    /// Enters the outcome of a document that may have these faults.
    pub(super) fn enter(&mut self, faults: &[PossibleFault], outcome: &Outcome) {
        for PossibleFault { name, code, expected } in faults {
            let is_alone = match outcome {
                Outcome::Accepted => false,
                Outcome::BeyondSchema(error) | Outcome::Refused(error) => {
                    let is_meant = matches!(error.faults.as_slice(), [fault] if fault.code == *code
                        && fault.expected.as_deref().unwrap_or_default().starts_with(expected));
                    // A schema states the rules for addresses only in part.
                    let says_schema = *code == FaultCode::Address || !FaultCode::BEYOND_SCHEMA.contains(code);
                    is_meant && says_schema == matches!(outcome, Outcome::Refused(_))
                }
            };
            *self.0.entry(format!("{name}: {code} {expected}")).or_default() |= is_alone;
        }
    }

    /// The faults that no document had alone.
    pub(super) fn never(self) -> Vec<String> {
        self.0.into_iter().filter(|(_, is_alone)| !is_alone).map(|(fault, _)| fault.trim_end().to_owned()).collect()
    }
}
