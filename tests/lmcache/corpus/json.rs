//! JSON whose scalars are text, so that a document may contain text that no parser reads.

use serde_json::Value;

/// A value of a document.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    /// Any text.
    Raw(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// One step from a value into it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
}

impl Json {
    pub(crate) fn raw(text: impl Into<String>) -> Self {
        Json::Raw(text.into())
    }

    pub(crate) fn text(text: &str) -> Self {
        Json::Raw(Value::from(text).to_string())
    }

    /// An object of one key.
    pub(crate) fn one(key: &str, value: Json) -> Self {
        Json::Object(vec![(key.to_owned(), value)])
    }

    pub(crate) fn at(&self, path: &[Step]) -> Option<&Json> {
        let Some((step, rest)) = path.split_first() else { return Some(self) };
        let inner = match (step, self) {
            (Step::Key(key), Json::Object(entries)) => &entries.iter().find(|(name, _)| name == key)?.1,
            (Step::Index(index), Json::List(items)) => items.get(*index)?,
            _ => return None,
        };
        inner.at(rest)
    }

    /// The document with another value at a place. Missing keys on the way are added.
    pub(crate) fn with(&self, path: &[Step], value: Json) -> Json {
        let Some((step, rest)) = path.split_first() else { return value };
        let mut changed = self.clone();
        match (step, &mut changed) {
            (Step::Key(key), Json::Object(entries)) => match entries.iter_mut().find(|(name, _)| name == key) {
                Some((_, inner)) => *inner = inner.with(rest, value),
                None => entries.push((key.clone(), Json::Object(Vec::new()).with(rest, value))),
            },
            (Step::Index(index), Json::List(items)) => items[*index] = items[*index].with(rest, value),
            _ => panic!("{self:?} has no {path:?}"),
        }
        changed
    }

    /// The document without the key that a path ends with.
    pub(crate) fn without(&self, path: &[Step]) -> Json {
        let (Some((Step::Key(key), parent)), mut changed) = (path.split_last(), self.clone()) else {
            panic!("{path:?} does not end with a key");
        };
        if let Some(Json::Object(entries)) = self.at(parent) {
            let kept = entries.iter().filter(|(name, _)| name != key).cloned().collect();
            changed = self.with(parent, Json::Object(kept));
        }
        changed
    }

    /// The text, with `type` first and the other keys sorted, because serde_json's order depends on its features.
    pub(crate) fn to_text(&self) -> String {
        match self {
            Json::Raw(text) => text.clone(),
            Json::List(items) => format!("[{}]", items.iter().map(Json::to_text).collect::<Vec<_>>().join(",")),
            Json::Object(entries) => {
                let mut entries: Vec<_> = entries.iter().collect();
                entries.sort_by_key(|(key, _)| (key != "type", key));
                let entries = entries.iter().map(|(key, value)| format!("{}:{}", Value::from(&**key), value.to_text()));
                format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
            }
        }
    }
}

impl From<&Value> for Json {
    fn from(value: &Value) -> Self {
        match value {
            Value::Array(items) => Json::List(items.iter().map(Json::from).collect()),
            Value::Object(map) => Json::Object(map.iter().map(|(key, value)| (key.clone(), value.into())).collect()),
            scalar => Json::Raw(scalar.to_string()),
        }
    }
}
