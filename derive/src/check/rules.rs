//! Rules: whether each suits its field, whether they can be kept at all, and whether a literal keeps them.

use super::{
    literals::{Purpose, table_literal},
    pattern,
    satisfiable::why_unsatisfiable,
};
use crate::{
    errors::Errors,
    model::{Limit, Literal, Located, RangeEnd, RawRule, RawRuleKind, Rule, Shape, Value, ValueKind},
};

/// The largest integer up to which a float holds every integer.
const FACTOR_MAX: u64 = 1 << 53;

/// Checks the rules on a value of some shape. The answer is in the order the engine checks and reports them; rules that
/// are wrong are left out, so that the others can still be held against defaults.
pub(super) fn check_rules(raw: &[RawRule], shape: &Shape, errors: &Errors) -> Vec<Rule> {
    let errors_before = errors.count();
    let mut seen: Vec<String> = Vec::new();
    let mut rules: Vec<Rule> = Vec::new();
    for rule in raw {
        let name = rule.name.to_string();
        if seen.contains(&name) && name != "must_not_contain" {
            errors.at(rule.name.span(), format!("`{name}` is given twice"));
        }
        seen.push(name);
        if suits(rule, shape, errors)
            && let Some(checked) = check_rule(rule, shape, errors)
        {
            if let Some(why) = contradiction(&rules, &checked, shape.content()) {
                errors.at(rule.name.span(), why);
            }
            rules.push(checked);
        }
    }
    check_allowed_against_others(raw, &rules, errors);
    if errors.count() == errors_before
        && let (Some(last), Some(why)) = (raw.last(), why_unsatisfiable(&rules, shape))
    {
        errors.at(last.name.span(), format!("no value can satisfy these rules: {why}"));
    }
    rules.sort_by_key(Rule::rank);
    rules
}

/// Whether the rule is one for values of this shape; of an unknown shape the compiler decides.
fn suits(rule: &RawRule, shape: &Shape, errors: &Errors) -> bool {
    let content = shape.content();
    let number = matches!(content, Shape::Integer { .. } | Shape::Float { .. });
    let text = matches!(content, Shape::Text | Shape::Path);
    let container = matches!(content, Shape::List(_) | Shape::Map(_));
    let (suits, wanted) = match rule.kind {
        _ if *content == Shape::Unknown => return true,
        RawRuleKind::Allowed(_) => (text || matches!(content, Shape::Integer { .. }), "strings and integers"),
        RawRuleKind::Range(..) => (number, "numbers"),
        RawRuleKind::MultipleOf(_) | RawRuleKind::PowerOfTwo => (matches!(content, Shape::Integer { .. }), "integers"),
        RawRuleKind::NotBlank
        | RawRuleKind::Trimmed
        | RawRuleKind::Length(..)
        | RawRuleKind::Pattern(_)
        | RawRuleKind::Prefix(_)
        | RawRuleKind::MustNotContain(_)
        | RawRuleKind::Exists(_) => (text, "strings"),
        RawRuleKind::Items(..) | RawRuleKind::Each(_) => (container, "lists and maps"),
        RawRuleKind::Unique => (matches!(content, Shape::List(_)), "lists"),
        RawRuleKind::Keys(_) => (matches!(content, Shape::Map(_)), "maps"),
    };
    if !suits {
        let hint = match content {
            Shape::List(_) | Shape::Map(_) if !container_rule(&rule.kind) => {
                format!("; for each entry write each({} ...)", rule.name)
            }
            _ => String::new(),
        };
        let name = &rule.name;
        errors.at(name.span(), format!("`{name}` is a rule for {wanted}, and this is {}{hint}", content.noun()));
    }
    suits
}

fn container_rule(kind: &RawRuleKind) -> bool {
    matches!(kind, RawRuleKind::Items(..) | RawRuleKind::Unique | RawRuleKind::Each(_) | RawRuleKind::Keys(_))
}

fn check_rule(rule: &RawRule, shape: &Shape, errors: &Errors) -> Option<Rule> {
    let content = shape.content();
    match &rule.kind {
        RawRuleKind::Allowed(values) => allowed(values, shape, errors).map(Rule::Allowed),
        RawRuleKind::Range(end, bound) => range_bound(bound, content, errors).map(|bound| Rule::Range(*end, bound)),
        RawRuleKind::MultipleOf(factor_value) => match count(factor_value, "`multiple_of`", errors)? {
            0 => {
                errors.on(&factor_value.tokens, "nothing is a multiple of 0 but 0 itself");
                None
            }
            factor if factor > FACTOR_MAX => {
                let message = "a factor is at most 2^53: beyond it validators in other languages round numbers";
                errors.on(&factor_value.tokens, message);
                None
            }
            factor => Some(Rule::MultipleOf(factor)),
        },
        RawRuleKind::PowerOfTwo => Some(Rule::PowerOfTwo),
        RawRuleKind::NotBlank => Some(Rule::NotBlank),
        RawRuleKind::Trimmed => Some(Rule::Trimmed),
        RawRuleKind::Length(limit, value) => size(value, "a length", errors).map(|size| Rule::Length(*limit, size)),
        RawRuleKind::Pattern(text) => pattern::check_pattern(text, errors).then(|| Rule::Pattern(text.value.clone())),
        RawRuleKind::Prefix(text) => Some(Rule::Prefix(text.value.clone())),
        RawRuleKind::MustNotContain(text) => Some(Rule::MustNotContain(text.value.clone())),
        RawRuleKind::Exists(existing) => Some(Rule::Exists(existing.clone())),
        RawRuleKind::Items(limit, value) => size(value, "a count", errors).map(|size| Rule::Items(*limit, size)),
        RawRuleKind::Unique if content.holds_floats() => {
            let why = "`unique` compares items as they are written, and numbers with a fraction are rounded when they \
                       are read";
            errors.at(rule.name.span(), why);
            None
        }
        RawRuleKind::Unique => Some(Rule::Unique),
        RawRuleKind::Each(rules) => Some(Rule::Each(check_rules(rules, &shape.item(), errors))),
        RawRuleKind::Keys(rules) => {
            Some(Rule::Keys(check_rules(rules, &Shape::Text.hidden_if(shape.is_secret()), errors)))
        }
    }
}

fn allowed(values: &Value, shape: &Shape, errors: &Errors) -> Option<Vec<Literal>> {
    let ValueKind::List(items) = &values.value else {
        errors.on(&values.tokens, "write the allowed values as a list: allowed = [...]");
        return None;
    };
    if items.is_empty() {
        errors.on(&values.tokens, "`allowed` lists no value: nothing could be given");
        return None;
    }
    let mut literals: Vec<Literal> = Vec::new();
    let mut sound = true;
    for item in items {
        if let ValueKind::Bool(_) | ValueKind::Float(_) | ValueKind::List(_) = item.value {
            errors.on(&item.tokens, "allowed values are strings or integers");
            sound = false;
            continue;
        }
        let Some(literal) = table_literal(item, shape, Purpose::Allowed, errors) else {
            sound = false;
            continue;
        };
        if literals.iter().any(|known| known.equals(&literal)) {
            errors.on(&item.tokens, format!("{} is listed twice", literal.words()));
        }
        literals.push(literal);
    }
    sound.then_some(literals)
}

fn range_bound(bound: &Value, shape: &Shape, errors: &Errors) -> Option<Literal> {
    match (&bound.value, shape) {
        (ValueKind::Float(_), Shape::Integer { .. }) => {
            errors.on(&bound.tokens, "the bound of an integer must be an integer");
            None
        }
        (ValueKind::Bool(_) | ValueKind::Text(_) | ValueKind::List(_), _) => {
            errors.on(&bound.tokens, "a bound must be a number");
            None
        }
        _ => table_literal(bound, shape, Purpose::Bound, errors),
    }
}

/// A whole number that is not negative.
fn count(value: &Value, what: &str, errors: &Errors) -> Option<u64> {
    if let ValueKind::Integer(integer) = value.value
        && let Ok(count) = u64::try_from(integer)
    {
        return Some(count);
    }
    errors.on(&value.tokens, format!("{what} must be written as a whole number from 0"));
    None
}

fn size(value: &Value, what: &str, errors: &Errors) -> Option<usize> {
    // The tables of a 32-bit target hold the same numbers.
    let size = count(value, what, errors)?;
    match u32::try_from(size) {
        Ok(size) => Some(size as usize),
        Err(_) => {
            errors.on(&value.tokens, format!("{what} must be below 2^32"));
            None
        }
    }
}

/// Why no value can keep `rule` together with one of `others`.
fn contradiction(others: &[Rule], rule: &Rule, shape: &Shape) -> Option<String> {
    others.iter().find_map(|other| match (other, rule) {
        (Rule::Range(left, low), Rule::Range(right, high)) if left.is_lower() != right.is_lower() => {
            let ((low_end, low), (high_end, high)) =
                if left.is_lower() { ((left, low), (right, high)) } else { ((right, high), (left, low)) };
            empty_range(*low_end, low, *high_end, high, shape).then(|| {
                format!("no number is {} {} and {} {}", low_end.words(), low.words(), high_end.words(), high.words())
            })
        }
        (Rule::Range(left, _), Rule::Range(right, _)) if left != right => {
            Some(format!("drop `{}` or `{}`: both bound the same end", left.word(), right.word()))
        }
        (Rule::Length(left, first), Rule::Length(_, second)) | (Rule::Items(left, first), Rule::Items(_, second)) => {
            let (least, most) = if *left == Limit::Least { (first, second) } else { (second, first) };
            (least > most).then(|| format!("the smallest size, {least}, is above the largest, {most}"))
        }
        _ => None,
    })
}

fn empty_range(low_end: RangeEnd, low: &Literal, high_end: RangeEnd, high: &Literal, shape: &Shape) -> bool {
    let open = low_end == RangeEnd::Above || high_end == RangeEnd::Below;
    match (low, high) {
        // Between open bounds there must be an integer, not only a number.
        (Literal::Integer(low), Literal::Integer(high)) if matches!(shape, Shape::Integer { .. }) => {
            let lowest = if low_end == RangeEnd::Above { low.saturating_add(1) } else { *low };
            let highest = if high_end == RangeEnd::Below { high.saturating_sub(1) } else { *high };
            lowest > highest
        }
        (Literal::Integer(low), Literal::Integer(high)) => low > high || (open && low == high),
        (Literal::Float(low), Literal::Float(high)) => low > high || (open && low == high),
        _ => false,
    }
}

/// Reports allowed values that the other rules refuse.
fn check_allowed_against_others(raw: &[RawRule], rules: &[Rule], errors: &Errors) {
    let Some(values) = raw.iter().find_map(|rule| match &rule.kind {
        RawRuleKind::Allowed(Located { value: ValueKind::List(items), .. }) => Some(items),
        _ => None,
    }) else {
        return;
    };
    let Some(literals) =
        rules.iter().find_map(|rule| if let Rule::Allowed(values) = rule { Some(values) } else { None })
    else {
        return;
    };
    for (literal, value) in literals.iter().zip(values) {
        if let Some(broken) = rules.iter().find(|rule| !rule.is_kept_by(literal)) {
            errors.on(&value.tokens, format!("the allowed value {} breaks {}", literal.words(), broken.words()));
        }
    }
}
