//! Schemas of strings. Every pattern must load and mean the same in Rust, RE2, ECMAScript with and without its `u` flag, and
//! Python: no look-around, no shorthand classes, no needless escapes. Python's `$` also matches before a final line feed, so a
//! separate schema refuses strings that end in one.

use l2_adapter_rules::{BLANK, Leave, Piece, Rule};
use serde_json::{Map, Value, json};

use super::{number::allowed, value::typed};

/// The schema of a string.
pub(super) fn text(rules: &[Rule]) -> Map<String, Value> {
    let mut schema = typed("string");
    schema.extend(constraints(rules));
    schema.extend(rules.iter().filter_map(|rule| match rule {
        // For programs that look at machines: a schema cannot.
        Rule::Exists(kinds) => {
            Some(("x-exists".to_owned(), kinds.iter().map(|kind| Value::from(kind.to_string())).collect()))
        }
        Rule::Access(access) => Some(("x-access".to_owned(), json!(access.word()))),
        _ => None,
    }));
    schema
}

/// The requirements of rules on a string, without the type: the keys of a map are always strings.
pub(super) fn constraints(rules: &[Rule]) -> Map<String, Value> {
    let mut schema = Map::new();
    schema.extend(rules.iter().filter_map(|rule| match rule {
        Rule::MinLength(min) => Some(("minLength".to_owned(), json!(min))),
        Rule::MaxLength(max) => Some(("maxLength".to_owned(), json!(max))),
        _ => None,
    }));
    schema.extend(allowed(rules));
    let mut patterns: Vec<Value> = rules.iter().flat_map(patterns_of).collect();
    match (patterns.len(), patterns.pop()) {
        (1, Some(Value::Object(only))) if !only.contains_key("not") => schema.extend(only),
        (_, Some(last)) => {
            patterns.push(last);
            schema.insert("allOf".to_owned(), Value::Array(patterns));
        }
        (_, None) => {}
    }
    schema
}

/// The rules that only patterns can express. A value that is no string matches every pattern: `not` also requires a string, so that
/// `null` passes.
fn patterns_of(rule: &Rule) -> Vec<Value> {
    let message = || rule.demand();
    let matches = |pattern: &str| json!({ "pattern": pattern, "patternErrorMessage": message() });
    let differs = |pattern: &str| json!({ "not": { "type": "string", "pattern": pattern }, "errorMessage": message() });
    match rule {
        Rule::NotBlank => vec![matches(&format!("[^{}]", blank_class()))],
        // A final line feed is blank: whether `$` matches before it makes no difference.
        Rule::Trimmed => vec![differs(&format!("^[{blank}]|[{blank}]$", blank = blank_class()))],
        Rule::Pattern(pattern) if pattern.pieces().is_ok_and(|pieces| pieces.last() != Some(&Piece::ANYTHING)) => {
            vec![matches(pattern.source()), differs(LINE_FEED_AT_END)]
        }
        Rule::Pattern(pattern) => vec![matches(pattern.source())],
        rule if rule.is_address() && !rule.is_advice() => address_patterns(rule, &matches, &differs),
        Rule::Prefix(prefix) => vec![matches(&format!("^{}", escaped(prefix)))],
        Rule::MustNotContain(part) => vec![differs(&escaped(part))],
        _ => Vec::new(),
    }
}

/// What patterns can say of an address: the characters it is made of. What a variable may stand for is judged elsewhere, and so are
/// blank strings.
fn address_patterns(rule: &Rule, matches: &dyn Fn(&str) -> Value, differs: &dyn Fn(&str) -> Value) -> Vec<Value> {
    const OF_HOSTS: &str = "A-Za-z0-9._:";
    let (blank, leaves) = (blank_class(), rule.leaves());
    let is_listed = leaves.contains(&Leave::Listed);
    let form = match rule {
        Rule::Url(_) if is_listed => "://".to_owned(),
        Rule::Url(_) => format!("^[A-Za-z][A-Za-z0-9+.-]*://[^{blank}]*$"),
        _ if is_listed => format!("^[{OF_HOSTS}%~\\[\\],{blank}-]*$"),
        Rule::HostPort(_) => format!("^[{OF_HOSTS}%~\\[\\]-]*:[0-9]+$"),
        _ => {
            let brackets = if leaves.contains(&Leave::Bracketed) { "\\[\\]" } else { "" };
            let scope = if leaves.contains(&Leave::Scoped) { "%~" } else { "" };
            format!("^[{OF_HOSTS}{brackets}{scope}-]*$")
        }
    };
    let mut patterns = vec![matches(&format!("{form}|^[{blank}]*$|[$<{{`]|%[A-Za-z_][^%]*%"))];
    if !is_listed {
        patterns.push(differs(&format!("[^{blank}]{LINE_FEED_AT_END}")));
    }
    patterns
}

/// Strings that end in a line feed.
const LINE_FEED_AT_END: &str = "\\n$";

/// A schema of strings that are any of these names, whatever the case of their ASCII letters.
pub(super) fn ignoring_case<'a>(names: impl Iterator<Item = &'a str>) -> Value {
    let folded = |name: &str| -> String {
        let character = |character: char| {
            if character.is_ascii_alphabetic() {
                format!("[{}{}]", character.to_ascii_uppercase(), character.to_ascii_lowercase())
            } else {
                escaped(&character.to_string())
            }
        };
        name.chars().map(character).collect()
    };
    let names: Vec<_> = names.map(folded).collect();
    let pattern = format!("^(?:{})$", names.join("|"));
    json!({ "type": "string", "pattern": pattern, "not": { "type": "string", "pattern": LINE_FEED_AT_END } })
}

/// The text as a pattern that matches nothing else.
fn escaped(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for character in text.chars() {
        // The syntax characters of ECMAScript, the only ones its `u` flag lets be escaped.
        if "^$\\.*+?()[]{}|".contains(character) {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}

/// [`BLANK`] as the inside of a class, neighbours as ranges.
fn blank_class() -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for character in BLANK.iter().map(|character| u32::from(*character)) {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == character => *last = character,
            _ => ranges.push((character, character)),
        }
    }
    // Engines share no escape for characters beyond two digits, so these are written literally.
    let character = |code: u32| match char::from_u32(code) {
        Some(character) if code > 0xff => character.to_string(),
        _ => format!("\\x{code:02x}"),
    };
    let range = |(first, last): (u32, u32)| match last - first {
        0 => character(first),
        _ => format!("{}-{}", character(first), character(last)),
    };
    ranges.into_iter().map(range).collect()
}
