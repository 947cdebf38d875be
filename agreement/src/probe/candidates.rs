//! Values that may violate one rule and satisfy the others. Most of the many values are useless: the parser decides which one
//! does.

use l2_adapter_rules::Entries;
use l2_adapter_schema::{BLANK, Kind, Rule};
use serde_json::Value;

use crate::generator::{Generator, interesting_numbers, lengths, near_misses, number, spoilt_by_blanks};

/// The number of random values for a rule without more specific ones.
const RANDOM: usize = 400;

/// Values of a kind that may violate the rule at `index`; `sample` satisfies all rules.
pub(super) fn breaking(
    generator: &mut Generator<'_>,
    kind: Kind,
    rules: &'static [Rule],
    index: usize,
    sample: &Value,
) -> Vec<Value> {
    match kind {
        Kind::Optional(inner) => breaking(generator, *inner, rules, index, sample),
        Kind::Integer { min, max } => numbers(min, max, rules, rules[index]),
        Kind::Number { .. } => numbers(i128::from(i64::MIN), i128::from(u64::MAX), rules, rules[index]),
        Kind::List(inner) => lists(generator, *inner, rules, rules[index], sample),
        Kind::Map(inner) => maps(generator, *inner, rules, rules[index], sample),
        _ => texts(generator, rules, index, sample.as_str().unwrap_or_default()),
    }
}

fn numbers(min: i128, max: i128, rules: &[Rule], rule: Rule) -> Vec<Value> {
    // The first that will do is tried, and a schema with half the factor would accept these.
    let halves = match rule {
        Rule::MultipleOf(factor) => vec![number(&(factor / 2).to_string()), number(&(factor + factor / 2).to_string())],
        _ => Vec::new(),
    };
    let mut values = [halves, interesting_numbers(min, max, rules)].concat();
    // Multiples that are not powers of two, and powers of two that are not multiples.
    let factors =
        rules.iter().filter_map(|rule| if let Rule::MultipleOf(factor) = rule { Some(*factor) } else { None });
    values
        .extend(factors.flat_map(|factor| (1..64).map(move |count| number(&(u128::from(factor) * count).to_string()))));
    values.extend((0..64).map(|shift| number(&(1_u64 << shift).to_string())));
    values
}

fn texts(generator: &mut Generator<'_>, rules: &'static [Rule], index: usize, sample: &str) -> Vec<Value> {
    let mut others: Vec<Rule> = rules.to_vec();
    let rule = others.remove(index);
    let (shortest, longest) = lengths(rules);
    let mut texts: Vec<String> = Vec::new();
    match rule {
        Rule::MinLength(least) => {
            texts.extend((0..least).rev().take(3).map(|length| sample.chars().take(length).collect()));
            others.push(Rule::MaxLength(least.saturating_sub(1)));
        }
        Rule::MaxLength(most) => {
            let missing = (most + 1).saturating_sub(sample.chars().count());
            texts.push(format!("{sample}{}", "x".repeat(missing)));
            // As many bytes as a count of bytes allows, and one character too many.
            texts.push("中".repeat(most + 1));
            others.push(Rule::MinLength(most + 1));
        }
        Rule::NotBlank => {
            let length = shortest.max(1);
            texts.push(String::new());
            texts.extend(BLANK.iter().map(|blank| std::iter::repeat_n(*blank, length).collect::<String>()));
        }
        rule if rule.is_address() => {
            texts.extend(["http://h", "h,i", "user@h", "h/p", "h i", "[h]"].map(str::to_owned));
        }
        Rule::MustNotContain(part) => {
            let characters: Vec<char> = sample.chars().collect();
            for split in 0..=characters.len() {
                let (left, right): (String, String) =
                    (characters[..split].iter().collect(), characters[split..].iter().collect());
                texts.push(format!("{left}{part}{right}"));
            }
        }
        _ => {}
    }
    texts.extend(near_misses(sample));
    texts.extend((0..RANDOM).map(|_| generator.text(&others)));
    for _ in 0..20 {
        let text = generator.text(&others);
        texts.extend(near_misses(&text));
        texts.extend(spoilt_by_blanks(&text));
        texts.push(text.chars().take(longest).collect());
    }
    texts.into_iter().map(Value::from).collect()
}

fn lists(generator: &mut Generator<'_>, inner: Kind, rules: &'static [Rule], rule: Rule, sample: &Value) -> Vec<Value> {
    let within = Entries::of(rules);
    let items = sample.as_array().cloned().unwrap_or_default();
    let mut item = || generator.value(inner, within.each, 1);
    let mut grown = |mut items: Vec<Value>, count: usize| {
        for _ in 0..count * 4 {
            let next = item();
            if items.len() < count && !(within.unique && items.contains(&next)) {
                items.push(next);
            }
        }
        items.truncate(count);
        Value::Array(items)
    };
    match rule {
        Rule::MinItems(least) => (0..least).rev().take(3).map(|count| grown(items.clone(), count)).collect(),
        Rule::MaxItems(most) => (0..20).map(|_| grown(items.clone(), most + 1)).collect(),
        Rule::Unique => {
            let count = within.min_items.max(2);
            (0..20)
                .map(|_| match grown(items.clone(), count) {
                    Value::Array(mut items) => {
                        let last = items.len().saturating_sub(1);
                        if last > 0 {
                            items[last] = items[0].clone();
                        }
                        Value::Array(items)
                    }
                    other => other,
                })
                .collect()
        }
        _ => Vec::new(),
    }
}

fn maps(generator: &mut Generator<'_>, inner: Kind, rules: &'static [Rule], rule: Rule, sample: &Value) -> Vec<Value> {
    let within = Entries::of(rules);
    let map = sample.as_object().cloned().unwrap_or_default();
    let mut grown = |count: usize| {
        let mut map: serde_json::Map<_, _> = map.clone().into_iter().take(count).collect();
        for _ in 0..count * 8 {
            if map.len() < count {
                map.insert(generator.text(within.keys), generator.value(inner, within.each, 1));
            }
        }
        Value::Object(map)
    };
    match rule {
        Rule::MinItems(least) => (0..least).rev().take(3).map(&mut grown).collect(),
        Rule::MaxItems(most) => (0..20).map(|_| grown(most + 1)).collect(),
        _ => Vec::new(),
    }
}
