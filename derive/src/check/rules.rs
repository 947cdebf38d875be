//! Rules: whether each applies to its field, whether they can be satisfied at all, and whether a literal satisfies them.

use std::ops::RangeInclusive;

use l2_adapter_rules::{Pattern, ValueType, describe_all};

use super::{literals::table_literal, satisfiable::why_unsatisfiable};
use crate::{
    errors::Errors,
    model::{Argument, Literal, Located, Purpose, RawArgument, RawRule, Rule, Shape, Value, ValueKind},
};

/// The largest integer up to which a float holds every integer: beyond it validators in other languages round numbers.
const FACTOR_MAX: u64 = 1 << 53;

/// Checks the rules on a value of some shape, separately and together. `None` marks an invalid rule, so that the others can
/// still be held against defaults.
pub(super) fn check_rules(raw: &[RawRule], shape: &Shape, secret: bool, errors: &Errors) -> Vec<Option<Rule>> {
    let errors_before = errors.count();
    let mut seen: Vec<&str> = Vec::new();
    let mut written: Vec<Option<Rule>> = Vec::new();
    for rule in raw {
        let name = rule.word.name;
        if seen.contains(&name) && name != "must_not_contain" {
            errors.on(&rule.name, format!("`{name}` is given twice"));
        }
        seen.push(name);
        let checked = if applies(rule, shape, errors) { check_rule(rule, shape, secret, errors) } else { None };
        if let Some(checked) = &checked
            && let Some(why) = written.iter().flatten().find_map(|other| contradiction(other, checked))
        {
            errors.on(&rule.name, why);
        }
        written.push(checked);
    }
    let rules: Vec<Rule> = written.iter().flatten().copied().collect();
    check_allowed_against_others(raw, &written, errors);
    if errors.count() == errors_before
        && let (Some(last), Some(why)) = (raw.last(), why_unsatisfiable(&rules, shape))
    {
        errors
            .on(&last.name, format!("no value can satisfy these rules ({}): {why}", describe_all(&in_order(&written))));
    }
    written
}

/// The valid rules, in the order in which the engine checks and reports them, both ends of a range side by side.
pub(super) fn in_order(written: &[Option<Rule>]) -> Vec<Rule> {
    let mut rules: Vec<Rule> = written.iter().flatten().copied().collect();
    rules.sort_by_key(|rule| Rule::WORDS.iter().position(|word| word.name == rule.word().name));
    rules
}

/// Whether a literal violates a rule. What cannot be known here does not: the compiler decides it.
pub(super) fn violates(literal: &Literal, rule: &Rule) -> bool {
    !rule.accepts(literal) || !rule.matches_patterns(literal)
}

/// Whether the rule applies to values of this shape; of an unknown shape the compiler decides.
fn applies(rule: &RawRule, shape: &Shape, errors: &Errors) -> bool {
    let (name, word, value) = (&rule.name, rule.word, shape.value_type());
    if *shape.content() == Shape::Unknown || word.applies_to(value) {
        return true;
    }
    let is_for_entries = word.applies_to(ValueType::List) || word.applies_to(ValueType::Map);
    let hint = match value {
        ValueType::List | ValueType::Map if !is_for_entries => format!("; for each entry write each({name} ...)"),
        _ => String::new(),
    };
    let (wanted, found) = (word.noun, shape.noun());
    errors.on(name, format!("`{name}` is a rule for {wanted}, and this is {found}{hint}"));
    false
}

fn check_rule(rule: &RawRule, shape: &Shape, secret: bool, errors: &Errors) -> Option<Rule> {
    Some(match (rule.word.argument, &rule.argument) {
        (_, RawArgument::Checked(Rule::Unique)) if shape.content().holds_floats() => {
            let why = "`unique` compares items as they are written, and numbers with a fraction are rounded when they \
                       are read";
            return errors.refuse(&rule.name, why);
        }
        (_, RawArgument::Checked(rule)) => *rule,
        (Argument::Bound(make), RawArgument::Value(bound)) => make(range_bound(bound, shape.content(), errors)?),
        (Argument::Factor(make), RawArgument::Value(value)) => {
            make(count(value, "`multiple_of`", 1..=FACTOR_MAX, errors)?)
        }
        (Argument::Size(make), RawArgument::Value(value)) => {
            let what = if rule.word.applies_to(ValueType::String) { "a length" } else { "a count" };
            // The tables of a 32-bit target hold the same numbers.
            make(usize::try_from(count(value, what, 0..=u32::MAX.into(), errors)?).ok()?)
        }
        (Argument::Values(_), RawArgument::Value(values)) if secret && Purpose::Allowed.is_refused(values, errors) => {
            return None;
        }
        (Argument::Values(make), RawArgument::Value(values)) => make(allowed(values, shape, errors)?.leak()),
        (Argument::Text(make), RawArgument::Text(text)) => make(leaked(&text.value)),
        (Argument::Pattern(make), RawArgument::Text(text)) => make(pattern(text, errors)?),
        (Argument::Rules(make), RawArgument::Rules(rules)) => {
            let inner = match shape.content() {
                _ if !rule.word.applies_to(ValueType::List) => &Shape::String,
                Shape::List(item) | Shape::Map(item) => item,
                _ => &Shape::Unknown,
            };
            make(in_order(&check_rules(rules, inner, secret, errors)).leak())
        }
        // The syntax stage reads the argument that the word requires.
        _ => return None,
    })
}

/// The literals of the values of `allowed`.
pub(super) fn allowed(values: &Value, shape: &Shape, errors: &Errors) -> Option<Vec<Literal>> {
    let message = match &values.value {
        ValueKind::List(items) if !items.is_empty() => {
            let literals = items.iter().map(|item| table_literal(item, shape, Purpose::Allowed, errors)).collect();
            return distinct(items, literals, errors);
        }
        ValueKind::List(_) => "`allowed` lists no value: nothing could be given",
        _ => "write the allowed values as a list: allowed = [...]",
    };
    errors.refuse(&values.tokens, message)
}

/// The literals of values. Reports those that are listed twice.
pub(super) fn distinct(values: &[Value], literals: Vec<Option<Literal>>, errors: &Errors) -> Option<Vec<Literal>> {
    for (index, (value, literal)) in values.iter().zip(&literals).enumerate() {
        let is_same = |(other, known): (&Value, &Option<Literal>)| {
            other.tokens.to_string() == value.tokens.to_string()
                || known.zip(*literal).is_some_and(|(known, literal)| known.is_same(&literal))
        };
        if values.iter().zip(&literals).take(index).any(is_same) {
            errors.on(&value.tokens, format!("{} is listed twice: remove one", value.tokens));
        }
    }
    literals.into_iter().collect()
}

fn range_bound(bound: &Value, shape: &Shape, errors: &Errors) -> Option<Literal> {
    match table_literal(bound, shape, Purpose::Bound, errors)? {
        number @ (Literal::Integer(_) | Literal::Float(_) | Literal::Constant(_)) => Some(number),
        _ => errors.refuse(&bound.tokens, "a bound must be a number"),
    }
}

fn pattern(text: &Located<String>, errors: &Errors) -> Option<&'static Pattern> {
    let pattern = Pattern::new(leaked(&text.value));
    match pattern.pieces() {
        Ok(_) => Some(Box::leak(Box::new(pattern))),
        Err(why) => errors.refuse(&text.tokens, why),
    }
}

/// A leaked text; the compiler's process is short-lived.
pub(super) fn leaked(text: &str) -> &'static str {
    text.to_owned().leak()
}

/// A whole number in a range.
fn count(value: &Value, what: &str, range: RangeInclusive<u64>, errors: &Errors) -> Option<u64> {
    if let ValueKind::Integer(integer) = value.value
        && let Some(count) = u64::try_from(integer).ok().filter(|count| range.contains(count))
    {
        return Some(count);
    }
    let (low, high) = range.into_inner();
    errors.refuse(&value.tokens, format!("{what} must be written as a whole number from {low} to {high}"))
}

/// Why two rules are not given together.
fn contradiction(first: &Rule, second: &Rule) -> Option<String> {
    let why = match (first.end(), second.end()) {
        (Some(left), Some(right)) if left.is_lower == right.is_lower => "both bound the same end",
        _ if first.is_address() && second.is_address() => "no text is both",
        _ => return None,
    };
    let (first, second) = (first.word().name, second.word().name);
    (first != second).then(|| format!("drop `{first}` or `{second}`: {why}"))
}

/// Reports allowed values that the other rules refuse.
fn check_allowed_against_others(raw: &[RawRule], written: &[Option<Rule>], errors: &Errors) {
    for (raw, rule) in raw.iter().zip(written) {
        let Some(Rule::Allowed(values)) = rule else { continue };
        for value in *values {
            // No boolean satisfies `allowed`, listed or not: the compiler, which knows the type, says that it cannot be listed.
            let violates = |rule: &&Rule| !matches!(rule, Rule::Allowed(_)) && violates(value, rule);
            if let Some(violated) = written.iter().flatten().find(violates) {
                errors.on(&raw.name, format!("the allowed value {value} violates {violated}"));
            }
        }
    }
}
