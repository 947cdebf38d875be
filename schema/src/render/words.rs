//! The words that help, Markdown and editor hovers share, so that they cannot differ.
//!
//! Sentences put keys and code in backticks: Markdown shows them as code, and a terminal reads well with them.

use super::{
    example::shown_examples,
    lineage::{CommonField, shown_default},
};
use l2_adapter_rules::{BothNames, ConditionEffect, Entries, Literal, Rule, Versions, describe_all, one_of};

use crate::{
    foreign::ForeignNames,
    kind::Kind,
    literal::LiteralValue,
    read::describe_condition,
    spec::NestedSpec,
    table::{Alias, CommonKeyDemand, Field, Presence, Rest},
};

/// The description of the `type` key of an adapter spec.
pub(super) const TYPE_KEY: &str = "Chooses this adapter type. It may be omitted only where the type is already known.";

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

/// The meaning of an absent key: "required", "optional", "optional, default 8". `hidden` states whether the key is inside a
/// secret.
pub(super) fn presence(field: &Field, hidden: bool) -> String {
    match (&field.presence, field.environment) {
        (Presence::Required, None) => "required".to_owned(),
        (Presence::Required, Some(variable)) => format!("required unless {variable} is set"),
        (Presence::Optional, _) => "optional".to_owned(),
        (Presence::Default(_), _) => match shown_default(field, hidden) {
            Some(Literal::Object([])) if matches!(field.kind.unwrap_optional(), Kind::Section(_)) => {
                "optional, defaults of its own keys".to_owned()
            }
            Some(literal) => format!("optional, default {}", literal.to_value()),
            None => "optional".to_owned(),
        },
        (Presence::DefaultFrom(key), _) => format!("optional, default as `{key}`"),
        (Presence::Computed(words), _) => format!("optional, default {words}"),
    }
}

/// The presence of a common key under the type's rules.
pub(super) fn common_presence(common: &CommonField) -> String {
    if common.forbidden() {
        "not allowed here".to_owned()
    } else if common.required() {
        "required".to_owned()
    } else {
        presence(common.field, false)
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
    // Each end with whether it belongs to the range.
    let (mut lower, mut upper) = ((lower, true), (upper, true));
    if others.iter().any(|rule| matches!(rule, Rule::PowerOfTwo)) {
        lower = ("1".to_owned(), true);
    }
    for end in bounds.iter().filter_map(Rule::end) {
        *(if end.is_lower { &mut lower } else { &mut upper }) = (end.bound.to_string(), !end.is_open);
    }
    let mut phrases = match (lower, upper) {
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

/// The text in brackets after a key's name: type and presence, limits, unit, secrecy. Limits have commas, so they are separated
/// by semicolons.
pub(super) fn headline(field: &Field, presence: String) -> String {
    let mut parts = vec![format!("{}, {presence}", type_name(field.kind))];
    let limits = limits(field.kind, field.rules);
    if !limits.is_empty() {
        parts.push(limits);
    }
    parts.extend(field.unit.map(|unit| format!("in {}", unit.name())));
    if field.secret {
        parts.push("secret".to_owned());
    }
    parts.join("; ")
}

/// More facts about a key, one sentence each. `hidden` states whether the key is inside a secret.
pub(super) fn notes(field: &'static Field, hidden: bool) -> Vec<String> {
    let mut notes = Vec::new();
    notes.extend(version_note(&field.versions));
    notes.extend(field.deprecated.map(|reason| sentence(&format!("Deprecated: {reason}"))));
    for condition in field.conditions {
        let described = describe_condition(condition);
        notes.push(match condition.effect {
            ConditionEffect::RequiredIf => format!("Required when {described}."),
            ConditionEffect::ForbiddenUnless => format!("Not allowed unless {described}."),
        });
    }
    notes.extend(
        field.environment.map(|variable| format!("Taken from the environment variable {variable} when absent.")),
    );
    notes.extend(field.aliases.iter().map(|alias| alias_note(field.key, alias)));
    if let Kind::Choice(choices) = field.kind.innermost()
        && choices.ignore_case
    {
        notes.push("Upper and lower case are the same.".to_owned());
    }
    notes.extend(field.nested_spec.map(nested_spec_note));
    let examples = shown_examples(field, hidden);
    if !examples.is_empty() {
        let examples: Vec<_> = examples.iter().map(|example| format!("`{}`", example.to_line())).collect();
        notes.push(format!("For example {}.", examples.join(", ")));
    }
    notes
}

fn nested_spec_note(nested: &NestedSpec) -> String {
    let is = |(key, values): &(&str, &[&str])| {
        format!("`{key}` is {}", one_of(values.iter().map(|value| format!("\"{value}\""))))
    };
    let when: Vec<_> = nested.when.iter().map(is).collect();
    format!("Where {}, a `{}` spec.", when.join(" and "), (nested.entry.table)().adapter.unwrap_or_default())
}

/// The undeclared keys that are known, as a sentence.
pub(super) fn known_keys(rest: &Rest) -> Option<String> {
    let keys: Vec<_> = rest.known.iter().map(|known| format!("`{}`", known.key)).collect();
    (!keys.is_empty()).then(|| format!("Known are {}.", keys.join(", ")))
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

/// A type's rules on a common key, one sentence each.
pub(super) fn demand_notes(common: &CommonField) -> Vec<String> {
    let note = |rule: &&'static crate::table::CommonKeyRule| match rule.demand {
        CommonKeyDemand::Forbidden if !rule.versions.are_all() => {
            in_versions(&sentence(&format!("Not allowed here: {}", rule.reason)), &rule.versions)
        }
        CommonKeyDemand::Forbidden => sentence(rule.reason),
        CommonKeyDemand::Allowed(values) => {
            let values = describe_all(&[Rule::Allowed(values)]);
            in_versions(&sentence(&format!("Must be {values} here: {}", rule.reason)), &rule.versions)
        }
    };
    common.demands.iter().chain(&common.of_other_versions).map(note).collect()
}

fn alias_note(key: &str, alias: &Alias) -> String {
    let what = if alias.legacy { "is an old name that still works, with a warning" } else { "is another name" };
    let both = match alias.both {
        BothNames::Refused => "give only one of them".to_owned(),
        BothNames::KeyWins => format!("`{key}` wins if both are given"),
        BothNames::AliasWins => "it wins if both are given".to_owned(),
    };
    format!("`{}` {what}; {both}.", alias.key)
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
