//! Rules that read a machine, tested on an invented one because a schema reads none.

use std::{
    io,
    path::{Path, PathBuf},
};

use l2_adapter_schema::{Existing, FaultCode, Machine};
use serde_json::Value;

use super::{RuleProbe, Wrap};

/// A machine on which every path exists as required, except one.
struct AllBut<'m> {
    existing: Existing,
    missing: Option<&'m Path>,
}

impl Machine for AllBut<'_> {
    fn look(&self, path: &Path) -> io::Result<Existing> {
        if self.missing == Some(path) { Err(io::ErrorKind::NotFound.into()) } else { Ok(self.existing) }
    }

    fn resolve(&self, path: &Path) -> PathBuf {
        path.to_owned()
    }
}

impl RuleProbe<'_> {
    /// Removes the path that a string names: the rules that require it report one more fault, and both readers accept the
    /// document without a machine. Other fields may have other rules on the machine.
    pub(super) fn on_machine(&mut self, wanted: &[Existing], place: &str, sample: &Value, put: &Wrap<'_>) {
        let words = wanted.iter().map(Existing::to_string).collect::<Vec<_>>().join(" or ");
        let label = format!("{place}: an existing {words}");
        let Some(text) = sample.as_str() else { return self.unreachable.push(label) };
        let document = put(sample.clone());
        let expected = format!("an existing {words} on this machine");
        let asked = |existing, missing| {
            let outcome = self.subject.parse_on(&document, &AllBut { existing, missing });
            let faults = outcome.err().map(|error| error.faults).unwrap_or_default();
            let on_machine = faults.iter().all(|fault| fault.code == FaultCode::NotOnMachine);
            let asked = faults.iter().filter(|fault| fault.expected.as_deref() == Some(&expected)).count();
            on_machine.then_some(asked)
        };
        let decides = |existing: &Existing| match (asked(*existing, None), asked(*existing, Some(Path::new(text)))) {
            (Some(there), Some(missing)) => missing > there,
            _ => false,
        };
        if wanted.iter().all(decides) && self.subject.parse(&document).is_ok() && self.subject.schema_accepts(&document)
        {
            self.isolated.push(label);
        } else {
            self.unreachable.push(label);
        }
    }
}
