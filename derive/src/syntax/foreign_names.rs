//! What other systems call things: `also_known_as`, `mistaken_for`, `spec_of` and `known`.

use super::items::{Body, Item, Slot, need, read_parts};
use crate::{
    errors::Errors,
    model::{ForeignNames, KnownKey, Located, OtherConfig, RawNestedSpec, Value, ValueKind},
};

/// `also_known_as = ["a", "b"]` or `also_known_as(names = ["a", "b"], advice = "...")`.
pub(super) fn foreign_names(item: Item, errors: &Errors) -> Option<ForeignNames> {
    if let Body::Value(_) = item.body {
        return texts(item, errors).map(|names| ForeignNames { names, advice: String::new() });
    }
    read_parts!(item, errors, { names: texts, "names = [\"...\"]"; advice: Item::text; });
    Some(ForeignNames { names: names?, advice: text_of(advice) })
}

/// `known = ["a", "b"]` or `known(key = "a", also_known_as = [...], advice = "...")`.
pub(super) fn known_keys(item: Item, errors: &Errors) -> Vec<KnownKey> {
    if let Body::Value(_) = item.body {
        let keys = texts(item, errors).unwrap_or_default().into_iter();
        return keys.map(|key| KnownKey { key, also_known_as: Vec::new() }).collect();
    }
    known_key(item, errors).into_iter().collect()
}

fn known_key(item: Item, errors: &Errors) -> Option<KnownKey> {
    read_parts!(item, errors, {
        key: Item::text, "key = \"...\"";
        also_known_as: texts, "also_known_as = [\"...\"]";
        advice: Item::text;
    });
    let names = ForeignNames { names: also_known_as?, advice: text_of(advice) };
    Some(KnownKey { key: key?, also_known_as: vec![names] })
}

/// `mistaken_for(what = "...", keys = [...], advice = "...", rewritten)`.
pub(super) fn other_config(item: Item, errors: &Errors) -> Option<OtherConfig> {
    read_parts!(item, errors, {
        what: Item::text, "what = \"...\"";
        keys: texts, "keys = [\"...\"]";
        advice: Item::text, "advice = \"...\"";
        rewritten: Item::word;
    });
    Some(OtherConfig { what: what?, keys: keys?, advice: advice?, rewritten: rewritten.is_some() })
}

/// `spec_of(config = path, other_field = "v", outside = [...])`: any other name is that of a field.
pub(super) fn nested_spec(item: Item, errors: &Errors) -> Option<RawNestedSpec> {
    let (outer, errors_before) = (item.name.clone(), errors.count());
    let (mut config, mut outside, mut when) = (None, None, Vec::new());
    for part in item.items(errors)? {
        let name = part.name.clone();
        match name.to_string().as_str() {
            "config" => config.fill(part.path(errors), &name, errors),
            "outside" => outside.fill(texts(part, errors), &name, errors),
            _ => when.extend(one_or_more(part, errors).map(|values| (name, values))),
        }
    }
    if when.is_empty() && errors.count() == errors_before {
        errors.on(&outer, format!("`{outer}` needs another field: write `{outer}(..., other_field = \"...\")`"));
    }
    if errors.count() > errors_before {
        return None;
    }
    let config = need(config, &outer, "config = path", errors)?;
    Some(RawNestedSpec { word: outer, config, when, outside: outside.unwrap_or_default() })
}

fn text_of(advice: Option<Located<String>>) -> String {
    advice.map(|advice| advice.value).unwrap_or_default()
}

/// `name = ["a", "b"]`, with at least one string, none of them blank.
fn texts(item: Item, errors: &Errors) -> Option<Vec<Located<String>>> {
    let name = item.name.clone();
    let value = item.value(errors)?;
    match value.value {
        ValueKind::List(values) if !values.is_empty() => values.into_iter().map(|value| text(value, errors)).collect(),
        _ => errors.refuse(&value.tokens, format!("`{name}` is a list of strings: write `{name} = [\"...\"]`")),
    }
}

/// `"a"` or `["a", "b"]`.
fn one_or_more(item: Item, errors: &Errors) -> Option<Vec<Located<String>>> {
    match &item.body {
        Body::Value(Value { value: ValueKind::List(_), .. }) => texts(item, errors),
        _ => item.text(errors).map(|text| vec![text]),
    }
}

fn text(value: Value, errors: &Errors) -> Option<Located<String>> {
    match value.value {
        ValueKind::String(text) if !text.trim().is_empty() => Some(Located::new(text, value.tokens)),
        _ => errors.refuse(&value.tokens, "write a string that is not blank"),
    }
}
