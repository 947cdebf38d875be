//! The phrases of every page: types, limits, sentences and paragraphs.
//!
//! Sentences put keys and code in backticks: Markdown shows them as code, and a terminal reads well with them.

use l2_adapter_rules::{Entries, Rule, Versions, describe_all};

use crate::{foreign::ForeignNames, kind::Kind};

/// The JSON type of one value: "integer", "list of strings", "object or null".
pub(super) fn type_name(kind: Kind) -> String {
    match kind {
        Kind::Boolean => "boolean".to_owned(),
        Kind::Integer { .. } => "integer".to_owned(),
        Kind::Number { .. } => "number".to_owned(),
        Kind::String | Kind::Choice(_) => "string".to_owned(),
        Kind::Path => "path".to_owned(),
        Kind::List(item) => format!("list of {}", plural_name(*item)),
        Kind::Map(value) => format!("map of names to {}", plural_name(*value)),
        Kind::Section(_) | Kind::Union(_) => "object".to_owned(),
        Kind::AdapterSpec => "adapter spec".to_owned(),
        Kind::FreeObject => "free-form object".to_owned(),
        Kind::Anything => "any value".to_owned(),
        Kind::Optional(inner) => format!("{} or null", type_name(inner.unwrap_optional())),
    }
}

fn plural_name(kind: Kind) -> String {
    match kind {
        Kind::List(item) => format!("lists of {}", plural_name(*item)),
        Kind::Map(value) => format!("maps of names to {}", plural_name(*value)),
        Kind::Optional(inner) => format!("{} or nulls", plural_name(inner.unwrap_optional())),
        other => format!("{}s", type_name(other)),
    }
}

/// The values accepted, beyond the type: "1 to 65535", "not empty, each at least 1". Empty if there is no limit.
pub(super) fn limits(kind: Kind, rules: &[Rule]) -> String {
    let mut phrases = Vec::new();
    match kind.unwrap_optional() {
        Kind::Integer { min, max } => phrases.push(numbers(integer_name(min), integer_name(max), rules)),
        Kind::Number { max } if max < f64::MAX => {
            phrases.push(numbers(format!("-{max:e}"), format!("{max:e}"), rules));
        }
        Kind::List(inner) | Kind::Map(inner) => {
            let own: Vec<Rule> = rules.iter().filter(|rule| !matches!(rule, Rule::Each(_))).copied().collect();
            phrases.push(describe_all(&own));
            let each = limits(*inner, Entries::of(rules).each);
            if each.starts_with("each ") {
                phrases.push(format!("in each, {each}"));
            } else if !each.is_empty() {
                phrases.push(format!("each {each}"));
            }
        }
        _ => phrases.push(describe_all(rules)),
    }
    phrases.retain(|phrase| !phrase.is_empty());
    phrases.join(", ")
}

/// The rules of a number, with the bounds of its type, `lower` and `upper`, where no rule is tighter.
fn numbers(lower: String, upper: String, rules: &[Rule]) -> String {
    if rules.iter().any(|rule| matches!(rule, Rule::Allowed(_))) {
        return describe_all(rules);
    }
    let (bounds, others): (Vec<Rule>, Vec<Rule>) = rules.iter().partition(|rule| rule.end().is_some());
    let is_power = others.iter().any(|rule| matches!(rule, Rule::PowerOfTwo));
    let lower = if is_power { "1".to_owned() } else { lower };
    // Each end with whether it belongs to the range.
    let end = |is_lower: bool, of_type: String| {
        let end = bounds.iter().filter_map(Rule::end).find(|end| end.is_lower == is_lower);
        end.map_or((of_type, true), |end| (end.bound.as_bound(), !end.is_open))
    };
    let mut phrases = match (end(true, lower), end(false, upper)) {
        ((lower, true), (upper, true)) => vec![format!("{lower} to {upper}")],
        ((lower, is_least), (upper, is_most)) => vec![
            format!("{} {lower}", if is_least { "at least" } else { "above" }),
            format!("{} {upper}", if is_most { "at most" } else { "below" }),
        ],
    };
    phrases.extend((!others.is_empty()).then(|| describe_all(&others)));
    phrases.join(", ")
}

/// An integer; the bounds of wide types are written as powers of two, which are easier to read than their digits.
fn integer_name(integer: i128) -> String {
    for bits in [31, 32, 63, 64] {
        let power = 1_i128 << bits;
        if integer == power - 1 {
            return format!("2^{bits}-1");
        }
        if integer == -power {
            return format!("-2^{bits}");
        }
    }
    integer.to_string()
}

/// What other systems call a key or a type, as a sentence.
pub(super) fn elsewhere(names: &[ForeignNames]) -> Option<String> {
    let names: Vec<_> = names.iter().flat_map(|names| names.names).map(|name| format!("`{name}`")).collect();
    (!names.is_empty()).then(|| format!("Elsewhere: {}.", names.join(", ")))
}

/// Which versions of the peer have something, where not all have it.
pub(super) fn version_note(versions: &Versions) -> Option<String> {
    (!versions.are_all()).then(|| format!("Only in {versions}."))
}

/// Documentation on one line, and which versions of the peer have what it is about.
pub(super) fn in_versions(doc: &str, versions: &Versions) -> String {
    paragraphs(doc).into_iter().chain(version_note(versions)).collect::<Vec<_>>().join(" ")
}

/// The text as a sentence: with a capital, and a full stop unless it ends in one.
pub(super) fn sentence(text: &str) -> String {
    let mut characters = text.trim().chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    let text: String = first.into_iter().chain(characters).collect();
    if text.ends_with(['.', '!', '?']) { text } else { format!("{text}.") }
}

/// Words made of values and rules, escaped for Markdown: text in backticks is unchanged.
pub(super) fn markdown_escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut in_code = false;
    for character in text.chars() {
        in_code ^= character == '`';
        if !in_code && matches!(character, '\\' | '*' | '_' | '<' | '[' | '~') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// The paragraphs of a doc comment, each on one line; lists, tables and code keep their lines.
pub(super) fn paragraphs(doc: &str) -> Vec<String> {
    let mut paragraphs = Vec::new();
    let mut lines: Vec<&str> = Vec::new();
    let mut in_code = false;
    for line in doc.trim().lines().map(str::trim_end) {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if line.is_empty() && !in_code {
            paragraphs.extend(joined(&lines));
            lines.clear();
        } else {
            lines.push(line);
        }
    }
    paragraphs.extend(joined(&lines));
    paragraphs
}

fn joined(lines: &[&str]) -> Option<String> {
    let starts_item = |line: &&str| {
        let text = line.trim_start();
        ["- ", "* ", "|", "```"].iter().any(|mark| text.starts_with(mark)) || line.starts_with("    ")
    };
    let kept = lines.iter().any(starts_item);
    (!lines.is_empty()).then(|| {
        if kept { lines.join("\n") } else { lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ") }
    })
}
