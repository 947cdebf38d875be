//! The documents of a run: each depends only on the seed and its number, so that it can be generated again.

use l2_adapter_schema::{Extent, FaultCode, Field, LiteralValue as _, Table, example};
use serde_json::{Map, Value};

use super::{
    generator::Generator,
    mistakes::make,
    places::{Place, Role},
    subject::Subject,
};

/// The environment variables that are set while one document is read.
pub(super) type Environment = Vec<(&'static str, String)>;

/// Generates the documents of a run.
pub(super) struct Corpus<'a> {
    subject: &'a Subject,
    /// Valid documents: those of the tables, and those of the caller.
    pub(super) examples: Vec<Value>,
    variables: Vec<&'static Field>,
}

impl<'a> Corpus<'a> {
    pub(super) fn new(subject: &'a Subject, given: &[Map<String, Value>]) -> Self {
        let of_table = |table| [Extent::Minimal, Extent::Full].map(|extent| example(table, extent));
        let examples = subject.tables().into_iter().flat_map(of_table).chain(given.iter().cloned()).map(Value::Object);
        // Those of the caller may have keys that this version of the peer lacks.
        let examples = examples.filter(|example| subject.parse(example).is_ok()).collect();
        let fields = subject.tables().into_iter().flat_map(Table::with_inner).flat_map(|table| table.fields);
        let variables = fields.filter(|field| field.environment.is_some()).collect();
        Self { subject, examples, variables }
    }

    /// The document of a number, and the variables that are set while it is read.
    pub(super) fn document(&self, seed: u64, index: u64) -> (Value, Environment) {
        let mut generator = self.generator(seed, index);
        let mut document = self.valid(&mut generator);
        match generator.random.u8(0..32) {
            0..=15 => {}
            16..=30 => self.spoil(&mut document, &mut generator),
            _ => document = generator.anything(3),
        }
        let environment = self.environment(&mut generator);
        (document, environment)
    }

    /// Sets some of the variables that fields read, most of them to valid values.
    fn environment(&self, generator: &mut Generator<'_>) -> Environment {
        let mut environment = Vec::new();
        for field in &self.variables {
            let Some(name) = field.environment.filter(|_| generator.one_in(2)) else { continue };
            let mut value = generator.field_value(field);
            if generator.one_in(4) {
                let place = Place::root(field.key, field.kind, field.rules);
                let mistakes = generator.mistakes_of_value(&place, Some(&value));
                value = generator.random.choice(mistakes).flatten().unwrap_or_default();
            }
            environment.push((name, value.as_str().map_or_else(|| value.to_string(), str::to_owned)));
        }
        environment
    }

    /// The generator of a number's document.
    pub(super) fn generator(&self, seed: u64, index: u64) -> Generator<'a> {
        // Spread by an odd constant, so that neighbouring seeds do not give neighbouring documents.
        Generator::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(index), self.subject.adapters())
    }

    /// A valid document: an example with some changes.
    pub(super) fn valid(&self, generator: &mut Generator<'_>) -> Value {
        const CHANGES: usize = 8;
        let mut document = generator.random.choice(&self.examples).cloned().unwrap_or_default();
        let places = self.subject.places(&document);
        for _ in 0..generator.random.usize(0..=CHANGES) {
            let Some(place) = generator.random.choice(&places) else { break };
            let value = document.pointer(&place.pointer);
            let new = match value {
                Some(_) if generator.one_in(3) => None,
                Some(_) if generator.one_in(4) => {
                    let mistakes = generator.mistakes_of_value(place, value);
                    generator.random.choice(mistakes).flatten()
                }
                _ => Some(generator.value_at(place)),
            };
            self.change(&mut document, place, new, generator);
        }
        document
    }

    /// Changes the value at a place, and others as that and the parser ask, if the document is valid then.
    pub(super) fn change(
        &self,
        document: &mut Value,
        place: &Place,
        new: Option<Value>,
        generator: &mut Generator<'_>,
    ) {
        const REPAIRS: usize = 6;
        let mut changed = document.clone();
        if let (Role::Key(_, field), Some(_)) = (&place.role, &new) {
            for name in field.names().filter(|_| !generator.one_in(4)) {
                make(&mut changed, &place.sibling(name), None);
            }
            // The key is required or allowed then.
            for condition in field.conditions {
                let other = generator.random.choice(condition.values).map(|literal| literal.to_value());
                make(&mut changed, &place.sibling(condition.other), other);
            }
        }
        make(&mut changed, &place.pointer, new);
        for _ in 0..REPAIRS {
            let Err(error) = self.subject.parse(&changed) else { return *document = changed };
            let Some(fault) = error.faults.iter().find(|fault| fault.pointer != place.pointer) else { return };
            let is_missing = matches!(fault.code, FaultCode::Missing | FaultCode::MissingEnvironment);
            let places = if is_missing { self.subject.places(&changed) } else { Vec::new() };
            let missing = places.iter().find(|other| other.pointer == fault.pointer);
            make(&mut changed, &fault.pointer, missing.map(|place| generator.value_at(place)));
        }
    }

    /// Makes a few mistakes in a document.
    fn spoil(&self, document: &mut Value, generator: &mut Generator<'_>) {
        for _ in 0..generator.random.u8(1..=3) {
            let Some(place) = generator.random.choice(self.subject.places(document)) else { break };
            let value = document.pointer(&place.pointer);
            let mistakes = if generator.one_in(4) {
                generator.mistakes_of_presence(&place, value.is_some())
            } else {
                generator.mistakes_of_value(&place, value)
            };
            if let Some(mistake) = generator.random.choice(mistakes) {
                make(document, &place.pointer, mistake);
            }
        }
    }
}
