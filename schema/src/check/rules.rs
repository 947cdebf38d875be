//! Whether rules suit a kind.

use super::literals::has_kind;
use crate::{
    kind::Kind,
    literal::Literal,
    rule::{Bound, Rule},
};

/// The bound of a range that was written as a constant.
#[track_caller]
pub const fn bound(literal: Literal) -> Bound {
    match literal {
        Literal::Integer(value) => Bound::Integer(value),
        Literal::Float(value) => Bound::Float(value),
        _ => panic!("a bound must be a number"),
    }
}

/// Checks that rules suit a kind.
#[track_caller]
pub const fn rules(kind: Kind, rules: &[Rule]) {
    let kind = kind.unwrap_optional();
    let mut index = 0;
    while index < rules.len() {
        rule(kind, &rules[index]);
        index += 1;
    }
}

#[track_caller]
const fn rule(kind: Kind, rule: &Rule) {
    match rule {
        Rule::Allowed(values) => {
            if !matches!(kind, Kind::Text | Kind::Path | Kind::Integer { .. }) {
                panic!("`allowed` is a rule for strings and integers, and this type is neither");
            }
            let mut index = 0;
            while index < values.len() {
                if !has_kind(kind, &values[index]) {
                    panic!("this allowed value is no value of the field's type");
                }
                index += 1;
            }
        }
        Rule::Min(bound) | Rule::Max(bound) | Rule::Above(bound) | Rule::Below(bound) => bound_suits(kind, *bound),
        Rule::MultipleOf(_) | Rule::PowerOfTwo => {
            if !matches!(kind, Kind::Integer { .. }) {
                panic!("this is a rule for integers, and the type is none");
            }
        }
        Rule::NotBlank
        | Rule::Trimmed
        | Rule::MinLength(_)
        | Rule::MaxLength(_)
        | Rule::Pattern(_)
        | Rule::Prefix(_)
        | Rule::MustNotContain(_)
        | Rule::Exists(_) => {
            if !matches!(kind, Kind::Text | Kind::Path) {
                panic!("this is a rule for strings, and the type is none");
            }
        }
        Rule::MinItems(_) | Rule::MaxItems(_) => {
            if !matches!(kind, Kind::List(_) | Kind::Map(_)) {
                panic!("this is a rule for lists and maps, and the type is neither");
            }
        }
        Rule::Unique => match kind {
            Kind::List(item) => {
                if !is_written_one_way(*item) {
                    panic!(
                        "`unique` compares items as they are written, and equal ones of this type can be written differently"
                    );
                }
            }
            _ => panic!("`unique` is a rule for lists, and the type is none"),
        },
        Rule::Each(each) => match kind {
            Kind::List(item) | Kind::Map(item) => rules(*item, each),
            _ => panic!("`each` is a rule for lists and maps, and the type is neither"),
        },
        Rule::Keys(keys) => {
            if !matches!(kind, Kind::Map(_)) {
                panic!("`keys` is a rule for maps, and the type is none");
            }
            rules(Kind::Text, keys);
        }
    }
}

/// Whether values of a kind that are equal once they are read were equal JSON. Where they need not be, a list that is
/// unique as it is written may repeat items once it is read and written again.
const fn is_written_one_way(kind: Kind) -> bool {
    match kind {
        Kind::Optional(content) | Kind::List(content) | Kind::Map(content) => is_written_one_way(*content),
        Kind::Choice(choices) => !choices.ignore_case,
        // Numbers are rounded; defaults may be written out or not.
        Kind::Number { .. } | Kind::Section(_) | Kind::Union(_) | Kind::AdapterSpec => false,
        _ => true,
    }
}

#[track_caller]
const fn bound_suits(kind: Kind, bound: Bound) {
    match (kind, bound) {
        (Kind::Integer { min, max }, Bound::Integer(value)) => {
            if value < min || value > max {
                panic!("the bound is outside the field's integer type");
            }
        }
        (Kind::Integer { .. }, Bound::Float(_)) => panic!("the bound of an integer must be an integer"),
        (Kind::Number { max }, bound) => {
            let bound = bound.as_f64();
            if !(bound >= -max && bound <= max) {
                panic!("the bound is outside the field's float type");
            }
        }
        _ => panic!("ranges are rules for numbers, and this type is none"),
    }
}
