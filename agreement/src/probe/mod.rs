//! Shows that every rule of every field matters: for each there is a document that violates only this rule, which parser and schema
//! refuse, and whose fault names the rule.

mod candidates;
mod field;
mod machine;
mod table;
mod value;

use l2_adapter_schema::{Extent, Fault, FaultCode, LiteralValue as _, Table, WarningCode, example};
use serde_json::{Map, Value};

use super::{
    Shown,
    disagreement::Failure,
    generator::{Generator, Requirement},
    subject::{Root, Subject},
};

/// How an inner value becomes a whole document.
type Wrap<'w> = dyn Fn(Value) -> Value + 'w;

/// The place of an object: its table, the key that selected the table and its value, its name in labels, and how the object
/// becomes a document.
struct ObjectContext<'h> {
    table: &'static Table,
    tag: Option<(&'h str, &'h str)>,
    place: &'h str,
    wrap: &'h Wrap<'h>,
}

/// Walks through a table and violates one rule after the other.
pub(super) struct RuleProbe<'a> {
    subject: &'a Subject,
    generator: Generator<'a>,
    shown: &'a [Shown],
    /// The tables around the current place: tables may contain themselves.
    open: Vec<&'static Table>,
    /// Rules that changed both results, each with its place.
    pub(super) isolated: Vec<String>,
    /// Rules for which no document was found.
    pub(super) unreachable: Vec<String>,
    /// Rules whose document the schema accepts.
    pub(super) finding: Option<(Failure, Value)>,
    /// Cross-field rules, warnings and functions that need a document from the caller: place and name.
    pub(super) without_example: Vec<String>,
}

/// The fault that a broken rule must give.
struct Expected<'e> {
    code: FaultCode,
    /// The start of the fault's expectation, if that distinguishes rules with one code.
    expected: Option<&'e str>,
}

impl From<FaultCode> for Expected<'_> {
    fn from(code: FaultCode) -> Self {
        Self { code, expected: None }
    }
}

impl Expected<'_> {
    fn is(&self, fault: &Fault) -> bool {
        let said = fault.expected.as_deref().unwrap_or_default();
        fault.code == self.code && self.expected.is_none_or(|expected| said.starts_with(expected))
    }
}

impl<'a> RuleProbe<'a> {
    pub(super) fn new(subject: &'a Subject, seed: u64, shown: &'a [Shown]) -> Self {
        Self {
            subject,
            generator: Generator::new(seed, subject),
            shown,
            open: Vec::new(),
            isolated: Vec::new(),
            unreachable: Vec::new(),
            finding: None,
            without_example: Vec::new(),
        }
    }

    /// Walks through the whole document. For nested specs only `type` is tested, because their types are walked through separately.
    pub(super) fn walk(&mut self) {
        match self.subject.root() {
            Root::Config(entry) => {
                let table = (entry.table)();
                self.wrong_types(
                    l2_adapter_schema::Kind::Section(entry.table),
                    "",
                    &Value::Object(Map::new()),
                    &|document| document,
                );
                self.type_key(table);
                self.table(&ObjectContext { table, tag: None, place: "", wrap: &|document| document });
            }
            Root::Spec => {
                let spec = self.valid_spec();
                self.value(l2_adapter_schema::Kind::AdapterSpec, &[], "", &spec, &|document| document);
            }
        }
    }

    /// Looks for a document that is refused with the expected fault and no other.
    fn isolate<'e>(
        &mut self,
        label: String,
        expected: impl Into<Expected<'e>>,
        candidates: impl IntoIterator<Item = Value>,
        wrap: &Wrap<'_>,
    ) {
        let expected = expected.into();
        for candidate in candidates {
            let document = wrap(candidate);
            let Err(error) = self.subject.parse(&document) else { continue };
            if !matches!(error.faults.as_slice(), [fault] if expected.is(fault)) {
                continue;
            }
            let schema_accepts = self.subject.schema_accepts(&document);
            // A schema states the rule for addresses only in part.
            let is_address = expected.code == FaultCode::Address;
            if is_address && schema_accepts {
                continue;
            }
            let says_schema = is_address || !FaultCode::BEYOND_SCHEMA.contains(&expected.code);
            if says_schema == schema_accepts {
                let failure = if says_schema { Failure::OnlySchemaAccepts } else { Failure::OnlyParserAccepts };
                self.finding.get_or_insert((failure, document));
            }
            return self.isolated.push(label);
        }
        self.unreachable.push(label);
    }

    /// Shows that a document is accepted, with the expected warning.
    fn accept(
        &mut self,
        label: String,
        warning: Option<WarningCode>,
        candidates: impl IntoIterator<Item = Value>,
        wrap: &Wrap<'_>,
    ) {
        for candidate in candidates {
            let document = wrap(candidate);
            let Ok(parsed) = self.subject.parse(&document) else { continue };
            if warning.is_some_and(|code| !parsed.warnings.iter().any(|warning| warning.code == code)) {
                continue;
            }
            if !self.subject.schema_accepts(&document) {
                self.finding.get_or_insert((Failure::OnlyParserAccepts, document));
            }
            return self.isolated.push(label);
        }
        self.unreachable.push(label);
    }

    /// Uses the caller's document for a rule that no generator can guess.
    fn show(&mut self, label: String, name: &str, code: Option<FaultCode>) {
        let shown = self.shown;
        let Some(shown) = shown.iter().find(|shown| shown.rule == name) else {
            return self.without_example.push(label);
        };
        let reason = match (self.subject.parse(&shown.document), code) {
            (Ok(_), Some(_)) => "the parser accepts it".to_owned(),
            (Ok(parsed), None) if !parsed.warnings.iter().any(|warning| warning.code == WarningCode::Advice) => {
                "it gives no such warning".to_owned()
            }
            (Err(error), None) => error.to_string(),
            (Err(error), Some(code)) if error.faults.iter().any(|fault| fault.code != code) => error.to_string(),
            _ if !self.subject.schema_accepts(&shown.document) => "the schema refuses it".to_owned(),
            _ => return self.isolated.push(label),
        };
        let failure = Failure::ShowsNothing { rule: name.to_owned(), reason };
        self.finding.get_or_insert((failure, shown.document.clone()));
    }

    /// An object that is valid as a whole document, with the required keys.
    fn valid(&mut self, context: &ObjectContext<'_>, requirements: &[Requirement]) -> Option<Map<String, Value>> {
        const TRIES: usize = 2000;
        (0..TRIES).find_map(|attempt| {
            let seed = self.generator.random.u64(..);
            // Few keys first, because with more keys one violation may cause another, for example of a condition.
            let mut generator = if attempt < TRIES / 2 {
                Generator::sparse(seed, self.subject)
            } else {
                Generator::new(seed, self.subject)
            };
            let mut map = generator.object(context.table, requirements, 1);
            // The values of one example satisfy cross-field rules together.
            if attempt % 2 == 1 {
                mix_in_example(&mut map, context.table, requirements, &mut generator);
            }
            map.extend(context.tag.map(|(key, name)| (key.to_owned(), Value::from(name))));
            self.subject.parse(&(context.wrap)(Value::Object(map.clone()))).is_ok().then_some(map)
        })
    }

    fn valid_spec(&mut self) -> Value {
        const TRIES: usize = 2000;
        let mut specs = (0..TRIES).map(|_| Value::Object(self.generator.spec(1)));
        specs.find(|spec| self.subject.parse(spec).is_ok()).unwrap_or_default()
    }
}

/// Replaces some of an object's values by those of an example, except values with requirements.
fn mix_in_example(
    map: &mut Map<String, Value>,
    table: &'static Table,
    requirements: &[Requirement],
    generator: &mut Generator<'_>,
) {
    for (key, value) in example(table, Extent::Minimal) {
        let is_wished = requirements.iter().any(|requirement| match requirement {
            Requirement::Present(wished) | Requirement::Absent(wished) | Requirement::Value(wished, _) => {
                *wished == key
            }
        });
        if !is_wished && !generator.one_in(4) {
            let examples = table.all_fields().find(|field| field.key == key).map_or(&[][..], |field| field.examples);
            let other = generator.pick(examples).map(|example| example.to_value());
            map.insert(key, other.unwrap_or(value));
        }
    }
}
