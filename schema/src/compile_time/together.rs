//! Whether rules can be satisfied together, on types that only the compiler knows: aliases, types that wrap others, choices.

use l2_adapter_rules::{Domain, Entries, Rule, any, count_values, first_violated, unsatisfiable};

use super::rules::misfit;
use crate::kind::Kind;

/// Checks that some value satisfies all rules. Rules that do not apply to the kind are reported by `rules`.
#[track_caller]
pub const fn together(kind: Kind, rules: &[Rule]) {
    let kind = kind.unwrap_optional();
    if !apply(kind, rules) {
        return;
    }
    if let Kind::List(item) | Kind::Map(item) = kind {
        together(*item, Entries::of(rules).each);
    }
    if any!(rule in rules => matches!(rule, Rule::Allowed(values) if any!(value in *values => first_violated(rules, value).is_some())))
    {
        panic!("a value in `allowed` violates another rule of its field");
    }
    if let Some(why) = unsatisfiable(domain(kind, rules), rules) {
        panic!("{}", why);
    }
}

const fn apply(kind: Kind, rules: &[Rule]) -> bool {
    !any!(rule in rules => misfit(kind, rule).is_some())
}

/// What values of a kind are to rules, given those on lists.
const fn domain(kind: Kind, rules: &[Rule]) -> Domain {
    match kind {
        Kind::Boolean => Domain::Finite(2),
        Kind::Choice(choices) => Domain::Finite(choices.variants.len() as i128),
        Kind::Integer { min, max } => Domain::Integers { min, max },
        Kind::Number { max } => Domain::Floats { max },
        Kind::String | Kind::Path => Domain::Strings,
        Kind::List(item) => Domain::Lists { items: count(*item, Entries::of(rules).each) },
        Kind::Map(_) => Domain::Maps,
        _ => Domain::Other,
    }
}

/// How many values of a kind satisfy rules; `None` where they cannot be counted, or a rule does not apply.
const fn count(kind: Kind, rules: &[Rule]) -> Option<i128> {
    if !apply(kind, rules) {
        return None;
    }
    match kind {
        // Rules apply to present values, and `null` is one more value.
        Kind::Optional(content) => match count(*content, rules) {
            Some(values) => Some(values + 1),
            None => None,
        },
        kind => count_values(domain(kind, rules), rules),
    }
}

#[cfg(test)]
mod tests {
    use l2_adapter_rules::Literal;

    use super::*;

    #[test]
    fn values_are_counted_if_every_rule_applies() {
        const BYTE: Kind = Kind::Integer { min: 0, max: 255 };
        let at_most = |bound| [Rule::Max(Literal::Integer(bound))];
        assert_eq!(count(BYTE, &at_most(1)), Some(2));
        assert_eq!(count(Kind::Optional(&BYTE), &at_most(1)), Some(3));
        assert_eq!(count(BYTE, &at_most(256)), None);
        assert_eq!(count(BYTE, &[Rule::Max(Literal::Float(1.5))]), None);
    }
}
