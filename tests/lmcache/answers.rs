//! LMCache's answers, which scripts/lmcache-answers has recorded in tests/lmcache/answers.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::{Map, Value};

/// LMCache's answer to one document.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answer {
    /// It accepted the document. The config has these attributes.
    Accepted(Attributes),
    /// It refused the document, with this exception: class and message.
    Refused(String),
}

/// The attributes of a Python object, by name.
pub(crate) type Attributes = BTreeMap<String, Stored>;

/// A Python value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Stored {
    None,
    Bool(bool),
    Integer(i128),
    /// As Python writes it: an integer of more than 128 bits, text with lone surrogates, or a value that is nested too deeply.
    Other(String),
    Float(f64),
    Text(String),
    List(Vec<Stored>),
    Tuple(Vec<Stored>),
    Path(String),
    Dict(Attributes),
    /// An object of a class.
    Object(String, Attributes),
}

/// The version whose answers are recorded completely.
pub(crate) const WHOLE: &str = "0.5.6";

/// The version of which only the differences are recorded.
pub(crate) const NEXT: &str = "0.5.7rc2";

/// The documents of one type and a version's answers, in the order of the documents.
pub(crate) fn answers_of(version: &str, name: &str) -> Result<Vec<(String, Answer)>, String> {
    let whole = parse(&recorded(&format!("{name}.jsonl"))?);
    match version {
        WHOLE => Ok(whole),
        _ => Ok(with_differences(whole, &recorded(&format!("{version}/{name}.jsonl"))?)),
    }
}

/// The content of a recorded file.
pub(crate) fn recorded(name: &str) -> Result<String, String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lmcache/answers").join(name);
    fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))
}

/// Changes answers of an older version into those of a later one: first the attributes that all configs have lost or gained, then
/// the answers that differ.
fn with_differences(mut answers: Vec<(String, Answer)>, text: &str) -> Vec<(String, Answer)> {
    let mut lines = text.lines().map(|line| serde_json::from_str::<Map<String, Value>>(line).unwrap());
    let all = lines.next().unwrap();
    let gained = attributes_of(all["gained"].as_object().unwrap());
    for (_, answer) in &mut answers {
        if let Answer::Accepted(attributes) = answer {
            attributes.extend(gained.clone());
            attributes.retain(|name, _| !all["lost"].as_array().unwrap().contains(&Value::from(name.as_str())));
        }
    }
    let mut others: BTreeMap<String, Map<String, Value>> =
        lines.map(|line| (line["document"].as_str().unwrap().to_owned(), line)).collect();
    for (document, answer) in &mut answers {
        let Some(line) = others.remove(document) else { continue };
        *answer = match (answer_in(&line), answer.clone()) {
            (Some(other), _) => other,
            (None, Answer::Accepted(mut whole)) => {
                whole.extend(attributes_of(line["changed"].as_object().unwrap()));
                Answer::Accepted(whole)
            }
            (None, Answer::Refused(_)) => panic!("nothing to change in a refusal: {document}"),
        };
    }
    assert!(others.is_empty(), "no such documents: {others:?}");
    answers
}

/// The answer of a line, if the line has all of it.
fn answer_in(line: &Map<String, Value>) -> Option<Answer> {
    let refused = line.get("refused").map(|message| Answer::Refused(message.as_str().unwrap().to_owned()));
    let accepted =
        || line.get("accepted").map(|accepted| Answer::Accepted(attributes_of(accepted.as_object().unwrap())));
    refused.or_else(accepted)
}

fn parse(text: &str) -> Vec<(String, Answer)> {
    let mut first: Option<Attributes> = None;
    let mut answers = Vec::new();
    for line in text.lines() {
        let line: Map<String, Value> = serde_json::from_str(line).unwrap();
        let answer = answer_in(&line).unwrap_or_else(|| {
            // Only the differences from the first accepted document are recorded.
            let mut whole = first.clone().unwrap();
            whole.extend(attributes_of(line["changed"].as_object().unwrap()));
            Answer::Accepted(whole)
        });
        if let (Answer::Accepted(attributes), None) = (&answer, &first) {
            first = Some(attributes.clone());
        }
        answers.push((line["document"].as_str().unwrap().to_owned(), answer));
    }
    answers
}

fn attributes_of(map: &Map<String, Value>) -> Attributes {
    map.iter().map(|(name, value)| (name.clone(), Stored::from(value))).collect()
}

impl From<&Value> for Stored {
    fn from(value: &Value) -> Self {
        let items = |value: &Value| value.as_array().unwrap().iter().map(Stored::from).collect();
        match value {
            Value::Null => Stored::None,
            Value::Bool(value) => Stored::Bool(*value),
            Value::Number(number) => Stored::Integer(number.to_string().parse().unwrap()),
            Value::String(text) => Stored::Text(text.clone()),
            Value::Array(_) => Stored::List(items(value)),
            Value::Object(map) => {
                if let Some(class) = map.get("$class") {
                    let mut attributes = attributes_of(map);
                    attributes.remove("$class");
                    return Stored::Object(class.as_str().unwrap().to_owned(), attributes);
                }
                let Some((mark, content)) = map.iter().next().filter(|(mark, _)| mark.starts_with('$')) else {
                    return Stored::Dict(attributes_of(map));
                };
                let text = content.as_str().unwrap_or_default();
                match &**mark {
                    // Not by serde_json, which may round to a neighbouring float.
                    "$float" => Stored::Float(text.parse().unwrap()),
                    "$int" => text.parse().map_or_else(|_| Stored::Other(text.to_owned()), Stored::Integer),
                    "$path" => {
                        content.as_str().map_or_else(|| Stored::from(content), |text| Stored::Path(text.to_owned()))
                    }
                    "$tuple" => Stored::Tuple(items(content)),
                    "$other" => Stored::Other(text.to_owned()),
                    _ => panic!("unknown mark: {mark}"),
                }
            }
        }
    }
}

impl Stored {
    /// Whether this has the meaning of one of our JSON values.
    ///
    /// Python may store an integer for which we have a float. Beyond 2^53 it then means the nearest float.
    pub(crate) fn means(&self, ours: &Value) -> bool {
        match (self, ours) {
            (_, Value::String(ours)) if ours == crate::verdict::ANYTHING => true,
            (Stored::None, Value::Null) => true,
            (Stored::Bool(theirs), Value::Bool(ours)) => theirs == ours,
            (Stored::Text(theirs) | Stored::Path(theirs), Value::String(ours)) => theirs == ours,
            (Stored::Integer(theirs), Value::Number(ours)) => ours
                .to_string()
                .parse()
                .map_or_else(|_| ours.as_f64() == Some(*theirs as f64), |ours: i128| *theirs == ours),
            (Stored::Float(theirs), Value::Number(ours)) => ours.as_f64() == Some(*theirs),
            (Stored::List(theirs) | Stored::Tuple(theirs), Value::Array(ours)) => {
                theirs.len() == ours.len() && theirs.iter().zip(ours).all(|(theirs, ours)| theirs.means(ours))
            }
            (Stored::Dict(theirs), Value::Object(ours)) => {
                theirs.len() == ours.len()
                    && theirs.iter().all(|(key, theirs)| ours.get(key).is_some_and(|ours| theirs.means(ours)))
            }
            // An absent key of our section means `None`.
            (Stored::Object(_, theirs), Value::Object(ours)) => {
                let of_ours = |key: &str| ours.get(key).unwrap_or(&Value::Null);
                theirs.iter().all(|(key, theirs)| theirs.means(of_ours(key)))
                    && ours.keys().all(|key| theirs.contains_key(key))
            }
            _ => false,
        }
    }

    /// The value under a key or index.
    pub(crate) fn at(&self, step: &str) -> Option<&Stored> {
        match self {
            Stored::Dict(entries) | Stored::Object(_, entries) => entries.get(step),
            Stored::List(items) | Stored::Tuple(items) => items.get(step.parse::<usize>().ok()?),
            _ => None,
        }
    }

    /// The value in almost Python's notation.
    pub(crate) fn shown(&self) -> String {
        let list = |items: &[Stored]| items.iter().map(Stored::shown).collect::<Vec<_>>().join(", ");
        match self {
            Stored::None => "None".to_owned(),
            Stored::Bool(value) => if *value { "True" } else { "False" }.to_owned(),
            Stored::Integer(value) => value.to_string(),
            Stored::Other(text) => text.clone(),
            Stored::Float(value) => format!("{value:?}"),
            Stored::Text(text) | Stored::Path(text) => format!("{text:?}"),
            Stored::List(items) => format!("[{}]", list(items)),
            Stored::Tuple(items) => format!("({})", list(items)),
            Stored::Dict(entries) | Stored::Object(_, entries) => {
                let entries = entries.iter().map(|(key, value)| format!("{key:?}: {}", value.shown()));
                format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
            }
        }
    }
}
