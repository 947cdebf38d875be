//! Warnings of strings that look like variables nobody expanded, and of secrets that were redacted.

use l2_adapter_rules::{Unexpanded, unexpanded, unexpanded_whole};
use serde_json::Value;

use super::{Origin, Place, Reader};
use crate::{
    passwords::{names_a_secret, names_a_variable},
    path::Path,
    secret::REDACTED,
    warning::WarningCode,
};

/// Whether a text has a variable in it, or stands for a secret: what [`Reader::warn_of_unexpanded`] looks at.
#[inline]
pub(crate) fn is_placeholder(text: &str) -> bool {
    unexpanded(text).is_some() || text == REDACTED
}

impl Reader<'_> {
    /// Warns of a variable in a string, or in a key that leads to a value.
    #[inline]
    pub(crate) fn warn_of_unexpanded(&mut self, text: &str, place: &Place<'_>) {
        if is_placeholder(text) {
            self.report_unexpanded(text, place);
        }
    }

    /// The same for every string inside a value that is passed on as it is.
    pub(crate) fn warn_of_unexpanded_inside(&mut self, value: &Value, place: &Place<'_>) {
        match value {
            Value::String(text) => self.warn_of_unexpanded(text, place),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    let path = Path::Index(place.path, index);
                    self.warn_of_unexpanded_inside(item, &place.inside(&path, &[]));
                }
            }
            Value::Object(entries) => {
                for (key, value) in entries {
                    let path = self.entry(place, key);
                    let place = place.inside(&path, &[]);
                    self.warn_of_unexpanded(key, &place.naming_key());
                    self.warn_of_unexpanded_inside(value, &place);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    #[cold]
    fn report_unexpanded(&mut self, text: &str, place: &Place<'_>) {
        if matches!(place.origin.or(self.scope.origin), Origin::Computed(_) | Origin::DefaultFrom(_)) {
            return;
        }
        if let Some(words) = self.unexpanded_words(text, place) {
            self.warn(place, WarningCode::Unexpanded, &words);
        }
    }

    /// What to say of a string with a variable, as the end of a sentence about it.
    pub(super) fn unexpanded_words(&self, text: &str, place: &Place<'_>) -> Option<String> {
        // Nearly every text is none, and the names of its place say nothing then.
        if !is_placeholder(text.trim()) {
            return None;
        }
        if !self.hides(place.secret) && wants_a_variable(place.path) {
            let name = unexpanded(text)?.name();
            return Some(format!(
                "has a `$` or other signs around the name of an environment variable, and takes the name alone: write `{name}`"
            ));
        }
        if text == REDACTED {
            return Some(format!(
                "is \"{REDACTED}\", which reports show in place of a secret: write the secret itself"
            ));
        }
        if self.hides(place.secret) || is_in_a_secret(place.path) {
            unexpanded_whole(text)?;
            let advice = Unexpanded::ADVICE_FOR_SECRETS;
            return Some(format!("looks like a variable that nobody expanded: {advice}"));
        }
        let variable = unexpanded(text)?;
        if names_a_secret(variable.written) && variable.written.contains([':', '=', ' ']) {
            // It may have a default, or be a command with the secret in it.
            let advice = Unexpanded::ADVICE_FOR_SECRETS;
            return Some(format!("has what looks like a variable that nobody expanded: {advice}"));
        }
        let (written, advice) = (variable.written, variable.advice());
        Some(format!("has `{written}`, which looks like a variable that nobody expanded: {advice}"))
    }
}

/// Whether the names of a place say that it is a secret.
fn is_in_a_secret(path: &Path<'_>) -> bool {
    path.pointer().split('/').any(|key| names_a_secret(key) && !names_a_variable(key))
}

/// Whether the key of a place, or of the list that it is in, says that the name of a variable is wanted.
fn wants_a_variable(path: &Path<'_>) -> bool {
    match path {
        Path::Key(_, key) => names_a_variable(key),
        Path::Index(parent, _) => wants_a_variable(parent),
        Path::Root | Path::Hidden(_) => false,
    }
}
