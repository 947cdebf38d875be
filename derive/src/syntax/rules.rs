//! The rules on values.

use l2_adapter_rules::{Access, Leave, PathKind};
use proc_macro2::Ident;
use syn::Expr;

use crate::{
    errors::Errors,
    foreign::unknown_attribute,
    model::{Argument, RawArgument, RawRule, Rule, Value, ValueKind},
    syntax::items::{Body, Item, Words, named},
};

/// Every rule's word.
pub(super) fn rule_words() -> impl Iterator<Item = &'static str> {
    Rule::WORDS.iter().map(|word| word.name)
}

/// Reads an item that is a rule by its word.
pub(super) fn parse_rule(item: Item, errors: &Errors) -> Option<RawRule> {
    let name = item.name.clone();
    let word = Rule::WORDS.iter().find(|word| name == word.name)?;
    let argument = match word.argument {
        Argument::Nothing(rule) => item.word(errors).map(|_| RawArgument::Checked(rule))?,
        Argument::Text(_) | Argument::Pattern(_) => RawArgument::Text(item.characters(errors)?),
        Argument::Paths(make) => {
            const WRITTEN: &[PathKind] = &[PathKind::Directory, PathKind::File, PathKind::Device];
            let hint = "name what exists: directory, file or device";
            RawArgument::Checked(make(names(item, hint, (WRITTEN, PathKind::word), errors)?.leak()))
        }
        Argument::Leaves(make) if plain_word(&item) => RawArgument::Checked(make(&[])),
        Argument::Leaves(make) => {
            let hint = "say what is allowed by its name: bracketed, scoped, listed or advised";
            RawArgument::Checked(make(names(item, hint, (Leave::ALL, Leave::word), errors)?.leak()))
        }
        Argument::Access(make) => {
            let hint = "name what the process does there: read, write or create";
            let value = item.value(errors)?;
            RawArgument::Checked(make(name_in(&value, &name, hint, (Access::ALL, Access::word), errors)?))
        }
        Argument::Rules(_) => RawArgument::Rules(parse_rules(item, errors)?),
        _ => RawArgument::Value(item.value(errors)?),
    };
    Some(RawRule { name, word, argument })
}

/// The value of an item: a name, or a list of names.
fn names<T: Copy>(item: Item, hint: &str, known: Words<T>, errors: &Errors) -> Option<Vec<T>> {
    let rule = item.name.clone();
    let value = item.value(errors)?;
    let values = match &value.value {
        ValueKind::List(values) if !values.is_empty() => values.iter().collect(),
        _ => vec![&value],
    };
    let names: Vec<_> = values.into_iter().map(|value| name_in(value, &rule, hint, known, errors)).collect();
    names.into_iter().collect()
}

/// The value that a name in a rule means.
fn name_in<T: Copy>(value: &Value, rule: &Ident, hint: &str, known: Words<T>, errors: &Errors) -> Option<T> {
    match &value.value {
        ValueKind::Constant(Expr::Path(path)) if path.path.get_ident().is_some() => {
            named(path.path.get_ident()?, &format!("value of `{rule}`:"), known, errors)
        }
        _ => errors.refuse(&value.tokens, hint),
    }
}

/// Reads the rules in the parentheses of `each` or `keys`.
fn parse_rules(item: Item, errors: &Errors) -> Option<Vec<RawRule>> {
    let (what, known) = (format!("rule in `{}(...)`:", item.name), rule_words().collect::<Vec<_>>());
    let rules = item.items(errors)?.into_iter().filter_map(|item| match item.name.to_string().as_str() {
        name if !known.contains(&name) => errors.refuse(&item.name, unknown_attribute(&what, name, &known)),
        _ => parse_rule(item, errors),
    });
    Some(rules.collect())
}

/// The name of an item if it is a plain word, for lists of names.
pub(super) fn plain_word(item: &Item) -> bool {
    matches!(item.body, Body::Nothing)
}
