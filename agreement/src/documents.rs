//! The documents of a run: each depends only on the seed and its number, so that it can be generated again.

use l2_adapter_schema::{Extent, Field, example};
use serde_json::{Map, Value};

use super::{
    environment::Environment,
    generator::Generator,
    mistakes::make,
    subject::{Root, Subject},
};

/// Generates the documents of a run.
pub(super) struct Corpus<'a> {
    subject: &'a Subject,
    /// Valid documents: those of the tables, and those of the caller.
    pub(super) examples: Vec<Map<String, Value>>,
    variables: Vec<&'static Field>,
}

impl<'a> Corpus<'a> {
    pub(super) fn new(subject: &'a Subject, given: &[Map<String, Value>]) -> Self {
        let of_table = |table| [Extent::Minimal, Extent::Full].map(|extent| example(table, extent));
        let examples = subject.tables().into_iter().flat_map(of_table).chain(given.iter().cloned());
        // Those of the caller may have keys that this version of the peer lacks.
        let examples = examples.filter(|example| subject.accepts(example)).collect();
        let fields = subject.all_tables().into_iter().flat_map(|table| table.fields);
        let variables = fields.filter(|field| field.environment.is_some()).collect();
        Self { subject, examples, variables }
    }

    /// The document of a number, and the variables that are set while it is read.
    pub(super) fn document(&self, seed: u64, index: u64) -> (Value, Environment) {
        let mut generator = self.generator(seed, index);
        let document = match generator.random.u8(0..32) {
            0..=15 => Value::Object(self.valid(&mut generator)),
            16..=28 => self.mutant(&mut generator),
            29 | 30 => Value::Object(self.declared_keys(&mut generator)),
            _ => generator.anything(3),
        };
        let environment = Environment::random(&self.variables, &mut generator);
        (document, environment)
    }

    /// The generator of a number's document.
    pub(super) fn generator(&self, seed: u64, index: u64) -> Generator<'a> {
        // Spread by an odd constant, so that neighbouring seeds do not give neighbouring documents.
        Generator::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(index), self.subject)
    }

    /// A document that is valid, unless a few tries were not enough.
    pub(super) fn valid(&self, generator: &mut Generator<'_>) -> Map<String, Value> {
        const TRIES: usize = 12;
        for _ in 0..TRIES {
            let made = self.made(generator);
            if self.subject.accepts(&made) {
                return made;
            }
        }
        self.changed_example(generator)
    }

    fn made(&self, generator: &mut Generator<'_>) -> Map<String, Value> {
        match self.subject.root() {
            Root::Config(entry) => generator.document((entry.table)()),
            Root::Spec => generator.spec(0),
        }
    }

    /// A variant of an example. Random documents rarely satisfy cross-field rules, but small changes of an example often do.
    fn changed_example(&self, generator: &mut Generator<'_>) -> Map<String, Value> {
        const STEPS: usize = 8;
        let mut document = generator.pick(&self.examples).unwrap_or_default();
        for _ in 0..STEPS {
            let other = self.made(generator);
            let keys: Vec<String> = other.keys().cloned().collect();
            let Some(key) = generator.pick(&keys) else { continue };
            let mut changed = document.clone();
            changed.extend(other.get(&key).map(|value| (key, value.clone())));
            if self.subject.accepts(&changed) {
                document = changed;
            }
        }
        document
    }

    /// A valid document with a few mistakes.
    fn mutant(&self, generator: &mut Generator<'_>) -> Value {
        let mut document = Value::Object(self.valid(generator));
        for _ in 0..generator.random.u8(1..=3) {
            let Some(place) = generator.pick(&self.subject.places(&document)) else { break };
            let value = document.pointer(&place.pointer);
            let mistakes = if generator.one_in(4) {
                generator.mistakes_of_presence(&place, value.is_some())
            } else {
                generator.mistakes_of_value(&place, value)
            };
            if let Some(mistake) = generator.pick(&mistakes) {
                make(&mut document, &place, mistake);
            }
        }
        document
    }

    /// Known keys with unrelated values.
    fn declared_keys(&self, generator: &mut Generator<'_>) -> Map<String, Value> {
        let tables = self.subject.tables();
        let Some(table) = generator.pick(&tables) else { return Map::new() };
        let keys = super::generator::known_keys(table);
        let mut map = Map::new();
        for _ in 0..generator.random.usize(0..=keys.len()) {
            if let Some(key) = generator.pick(&keys) {
                map.insert(key.to_owned(), generator.anything(2));
            }
        }
        if let (Root::Spec, Some(name)) = (self.subject.root(), table.adapter) {
            map.insert("type".to_owned(), name.into());
        }
        map
    }
}
