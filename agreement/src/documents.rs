//! The documents of a run: each depends only on the seed and its number, so that it can be generated again.

use l2_adapter_schema::{Extent, Field, Table, example};
use serde_json::{Map, Value};

use super::{
    environment::{Environment, fields_with_variable},
    generator::Generator,
    subject::{Root, Subject},
};

/// Generates the documents of a run.
pub(super) struct Corpus<'a> {
    subject: &'a Subject,
    examples: Vec<Map<String, Value>>,
    variables: Vec<&'static Field>,
}

impl<'a> Corpus<'a> {
    pub(super) fn new(subject: &'a Subject) -> Self {
        let tables = subject.tables();
        let examples = |table: &&'static Table| [Extent::Minimal, Extent::Full].map(|extent| example(table, extent));
        Self { subject, examples: tables.iter().flat_map(examples).collect(), variables: fields_with_variable(&tables) }
    }

    /// The document of a number, and the variables that are set while it is read.
    pub(super) fn document(&self, seed: u64, index: u64) -> (Value, Environment) {
        // Spread by an odd constant, so that neighbouring seeds do not give neighbouring documents.
        let own_seed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(index);
        let mut generator = Generator::new(own_seed, self.subject);
        let document = match generator.random.u8(0..32) {
            0..=15 => Value::Object(self.valid(&mut generator)),
            16..=28 => self.mutant(&mut generator),
            29 | 30 => Value::Object(self.declared_keys(&mut generator)),
            _ => generator.anything(3),
        };
        let environment = Environment::random(&self.variables, &mut generator);
        (document, environment)
    }

    /// A document that is valid, unless a few tries were not enough.
    fn valid(&self, generator: &mut Generator<'_>) -> Map<String, Value> {
        const TRIES: usize = 12;
        for _ in 0..TRIES {
            let made = self.made(generator);
            if self.is_valid(&made) {
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
            if self.is_valid(&changed) {
                document = changed;
            }
        }
        document
    }

    fn is_valid(&self, document: &Map<String, Value>) -> bool {
        self.subject.parse(&Value::Object(document.clone())).is_ok()
    }

    /// A valid document with a few mistakes.
    fn mutant(&self, generator: &mut Generator<'_>) -> Value {
        let mut document = Value::Object(self.valid(generator));
        for _ in 0..generator.random.u8(1..=3) {
            match (self.subject.root(), &mut document) {
                (Root::Config(entry), Value::Object(map)) => generator.mutate((entry.table)(), map),
                (_, document) => generator.mutate_spec(document),
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
