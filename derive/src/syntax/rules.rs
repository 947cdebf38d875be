//! The rules on values.

use l2_adapter_rules::{Access, Leave, PathKind};
use proc_macro2::Ident;
use syn::Expr;

use crate::{
    errors::Errors,
    foreign::unknown_attribute,
    model::{Argument, RawArgument, RawRule, Rule, Value, ValueKind, Word},
    syntax::items::{Body, Item, named},
};

/// The rule that is called so.
pub(super) fn rule_word(name: &Ident) -> Option<&'static Word> {
    Rule::WORDS.iter().find(|word| name == word.name)
}

/// Every rule's word.
pub(super) fn rule_words() -> impl Iterator<Item = &'static str> {
    Rule::WORDS.iter().map(|word| word.name)
}

/// Reads an item that is a rule by its word.
pub(super) fn parse_rule(item: Item, word: &'static Word, errors: &Errors) -> Option<RawRule> {
    let name = item.name.clone();
    let argument = match word.argument {
        Argument::Nothing(_) => item.word(errors).map(|_| RawArgument::Nothing)?,
        Argument::Text(_) | Argument::Pattern(_) => RawArgument::Text(item.characters(errors)?),
        Argument::Paths(_) => RawArgument::Paths(existing(item, errors)?),
        Argument::Leaves(_) => RawArgument::Leaves(leaves(item, errors)?),
        Argument::Access(_) => RawArgument::Access(access(item, errors)?),
        Argument::Rules(_) => RawArgument::Rules(parse_rules(item, errors)?),
        _ => RawArgument::Value(item.value(errors)?),
    };
    Some(RawRule { name, word, argument })
}

/// The value of `exists`: a name, or a list of those of which one will do.
fn existing(item: Item, errors: &Errors) -> Option<Vec<PathKind>> {
    const WRITTEN: &[PathKind] = &[PathKind::Directory, PathKind::File, PathKind::Device];
    let hint = "name what exists: directory, file or device";
    one_or_several(item, "value of `exists`:", hint, (WRITTEN, PathKind::word), errors)
}

/// What a rule on addresses allows: nothing, a name, or a list of names.
fn leaves(item: Item, errors: &Errors) -> Option<Vec<Leave>> {
    if plain_word(&item) {
        return Some(Vec::new());
    }
    let (what, hint) =
        (format!("value of `{}`:", item.name), "say what is allowed by its name: bracketed, scoped, listed or advised");
    one_or_several(item, &what, hint, (Leave::ALL, Leave::word), errors)
}

/// The value of an item: a name, or a list of names.
fn one_or_several<T: Copy>(
    item: Item,
    what: &str,
    hint: &str,
    (known, name_of): (&[T], fn(T) -> &'static str),
    errors: &Errors,
) -> Option<Vec<T>> {
    let value = item.value(errors)?;
    let names = match &value.value {
        ValueKind::List(names) if !names.is_empty() => names.iter().collect(),
        _ => vec![&value],
    };
    let read = |value: &Value| named(word_of(value, hint, errors)?, what, known, name_of, errors);
    let read: Vec<_> = names.into_iter().map(read).collect();
    read.into_iter().collect()
}

/// The value of `access`.
fn access(item: Item, errors: &Errors) -> Option<Access> {
    let value = item.value(errors)?;
    let word = word_of(&value, "name what the process does there: read, write or create", errors)?;
    named(word, "value of `access`:", Access::ALL, Access::word, errors)
}

/// A value that is a word.
fn word_of<'v>(value: &'v Value, hint: &str, errors: &Errors) -> Option<&'v Ident> {
    let word = match &value.value {
        ValueKind::Constant(Expr::Path(path)) => path.path.get_ident(),
        _ => None,
    };
    if word.is_none() {
        errors.on(&value.tokens, hint);
    }
    word
}

/// Reads the rules in the parentheses of `each` or `keys`.
fn parse_rules(item: Item, errors: &Errors) -> Option<Vec<RawRule>> {
    let outer = item.name.clone();
    let mut rules = Vec::new();
    for item in item.items(errors)? {
        if let Some(word) = rule_word(&item.name) {
            rules.extend(parse_rule(item, word, errors));
        } else {
            let known: Vec<_> = rule_words().collect();
            let name = item.name.to_string();
            errors.on(&item.name, unknown_attribute(&format!("rule in `{outer}(...)`:"), &name, &known));
        }
    }
    Some(rules)
}

/// The name of an item if it is a plain word, for lists of names.
pub(super) fn plain_word(item: &Item) -> bool {
    matches!(item.body, Body::Nothing)
}
