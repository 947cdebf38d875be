//! Rules about a machine, tested on a simulated one, because a schema cannot state them.

use std::{
    io,
    path::{Path, PathBuf},
};

use l2_adapter_rules::expected_access;
use l2_adapter_schema::{Access, FaultCode, Machine, PathKind, Rule};
use serde_json::Value;

use super::{RuleProbe, Wrap};

/// A machine on which every path exists as required and may be used, except one, which does not exist or may not be used.
struct AllBut<'m> {
    existing: PathKind,
    missing: Option<&'m Path>,
    denied: Option<&'m Path>,
}

impl Machine for AllBut<'_> {
    fn look(&self, path: &Path) -> io::Result<PathKind> {
        if self.missing == Some(path) { Err(io::ErrorKind::NotFound.into()) } else { Ok(self.existing) }
    }

    fn resolve(&self, path: &Path) -> PathBuf {
        path.to_owned()
    }

    fn access(&self, path: &Path, _: Access) -> io::Result<()> {
        if self.denied == Some(path) { Err(io::ErrorKind::PermissionDenied.into()) } else { Ok(()) }
    }
}

impl RuleProbe<'_> {
    /// Removes the path that a string names: the rules that require it report one more fault, and without a machine parser and
    /// schema accept the document. Other fields may have other rules about the machine.
    pub(super) fn on_machine(&mut self, wanted: &[PathKind], place: &str, sample: &Value, put: &Wrap<'_>) {
        let words = wanted.iter().map(PathKind::to_string).collect::<Vec<_>>().join(" or ");
        let label = format!("{place}: an existing {words}");
        let Some(text) = sample.as_str() else { return self.unreachable.push(label) };
        let document = put(sample.clone());
        let expected = format!("an existing {words} on this machine");
        let asked =
            |existing, missing| self.faults_on(AllBut { existing, missing, denied: None }, &document, &expected);
        let decides = |existing: &PathKind| match (asked(*existing, None), asked(*existing, Some(Path::new(text)))) {
            (Some(there), Some(missing)) => missing > there,
            _ => false,
        };
        let decided = wanted.iter().all(decides);
        self.record(decided, &document, label);
    }

    /// Removes the right to use the path that a string names, in the same way.
    pub(super) fn access_on_machine(
        &mut self,
        access: Access,
        rules: &[Rule],
        place: &str,
        sample: &Value,
        put: &Wrap<'_>,
    ) {
        let label = format!("{place}: access {}", access.word());
        let Some(text) = sample.as_str() else { return self.unreachable.push(label) };
        let document = put(sample.clone());
        let existing =
            rules.iter().find_map(|rule| if let Rule::Exists(wanted) = rule { wanted.first() } else { None });
        let existing = existing.copied().unwrap_or(PathKind::Directory);
        let asked = |denied| {
            let machine = AllBut { existing, missing: None, denied };
            self.faults_on(machine, &document, &expected_access(access))
        };
        let decides = matches!((asked(None), asked(Some(Path::new(text)))), (Some(may), Some(denied)) if denied > may);
        self.record(decides, &document, label);
    }

    /// How many faults on such a machine expect this, if all are about the machine.
    fn faults_on(&self, machine: AllBut<'_>, document: &Value, expected: &str) -> Option<usize> {
        let faults = self.subject.parse_on(document, &machine).err().map(|error| error.faults).unwrap_or_default();
        let on_machine = faults.iter().all(|fault| fault.code == FaultCode::NotOnMachine);
        let asked = faults.iter().filter(|fault| fault.expected.as_deref() == Some(expected)).count();
        on_machine.then_some(asked)
    }

    fn record(&mut self, decides: bool, document: &Value, label: String) {
        if decides && self.subject.parse(document).is_ok() && self.subject.schema_accepts(document) {
            self.isolated.push(label);
        } else {
            self.unreachable.push(label);
        }
    }
}
