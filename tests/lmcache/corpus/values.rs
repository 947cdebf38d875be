//! Replacements for a valid value: values of other types, at the ends of ranges, and almost allowed ones.

use l2_adapter_schema::{ChoiceTable, Kind, Literal, Rule};

use super::json::Json;

/// One value of every JSON type, and values that are easily confused with another type.
const OF_EVERY_TYPE: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "1",
    "-1",
    "1.5",
    "\"\"",
    "\"x\"",
    "\"1\"",
    "[]",
    "[1]",
    "[\"x\"]",
    "{}",
    "{\"x\":1}",
];

/// Numbers at the limits of machine integers, and forms that only some parsers read as a number.
const INTEGERS: &[&str] = &[
    "2147483648",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775809",
    "1e308",
    "3.9",
    "-0",
    "NaN",
    "\" 5 \"",
    "\"1_000\"",
    "\"5.7\"",
    "\"1e3\"",
    "\"0x10\"",
    "\"true\"",
];

/// Numbers that a parser reads wrongly if it does not round to the nearest binary number, and forms that only some parsers read as
/// a number.
const FLOATS: &[&str] = &[
    "-0.0",
    "0.1",
    "0.30000000000000004",
    "1e3",
    "4.000000000000001",
    "8.41234567890123e21",
    "1.0000000000000002",
    "7.0385307e-26",
    "2.2250738585072011e-308",
    "5e-324",
    "1e308",
    "9007199254740993",
    "18446744073709551616",
    "NaN",
    "Infinity",
    "-Infinity",
    "1e400",
    "\"0.5\"",
    "\" 5 \"",
    "\"1e3\"",
    "\"nan\"",
    "\"inf\"",
    "\"1_000.5\"",
];

/// The replacements for a valid value of this kind.
pub(super) fn instead_of(valid: &Json, kind: Kind, rules: &[Rule]) -> Vec<Json> {
    let mut values: Vec<Json> = OF_EVERY_TYPE.iter().map(|text| Json::raw(*text)).collect();
    match kind.unwrap_optional() {
        Kind::Integer { min, max } => values.extend(integers(valid, min, max, rules)),
        Kind::Number { .. } => values.extend(floats(valid, rules)),
        Kind::String | Kind::Path => values.extend(texts(valid, rules)),
        Kind::Choice(choices) => values.extend(choices_of(choices)),
        Kind::List(_) => values.extend(lists(valid)),
        Kind::Map(_) => values.extend(maps(valid)),
        Kind::FreeObject | Kind::Anything => values.extend(free_objects()),
        _ => {}
    }
    values
}

fn raws(texts: impl IntoIterator<Item = String>) -> impl Iterator<Item = Json> {
    texts.into_iter().map(Json::Raw)
}

fn integers(valid: &Json, min: i128, max: i128, rules: &[Rule]) -> Vec<Json> {
    let mut around: Vec<i128> = vec![min, max];
    let mut plain: Vec<i128> = vec![7, 12, 1000];
    for rule in rules {
        match rule {
            Rule::Min(Literal::Integer(bound)) | Rule::Max(Literal::Integer(bound)) => around.push(*bound),
            Rule::Above(Literal::Integer(bound)) | Rule::Below(Literal::Integer(bound)) => around.push(*bound),
            Rule::MultipleOf(factor) => plain.extend([1, 2, 3].map(|times| times * i128::from(*factor))),
            Rule::PowerOfTwo => plain.extend([2, 3, 4, 512, 4096]),
            Rule::Allowed(values) => plain.extend(values.iter().filter_map(|value| match value {
                Literal::Integer(integer) => Some(*integer),
                _ => None,
            })),
            _ => {}
        }
    }
    plain.extend(around.into_iter().flat_map(|bound| [bound - 1, bound, bound + 1]));
    let mut values: Vec<Json> = raws(plain.iter().map(i128::to_string)).collect();
    values.extend(INTEGERS.iter().map(|text| Json::raw(*text)));
    // An integral float together with its integer.
    values.extend(raws(["1.0", "1e3"].map(str::to_owned)));
    if let Json::Raw(text) = valid {
        values.extend(raws([text.clone(), format!("{text}.0"), format!("\"{text}\"")]));
    }
    values
}

fn floats(valid: &Json, rules: &[Rule]) -> Vec<Json> {
    let mut numbers = Vec::new();
    for rule in rules {
        if let Rule::Min(bound) | Rule::Max(bound) | Rule::Above(bound) | Rule::Below(bound) = rule {
            let bound = bound.as_f64();
            numbers.extend([bound, bound.next_down(), bound.next_up(), bound - 1.0, bound + 1.0]);
        }
    }
    let mut values: Vec<Json> = raws(numbers.iter().map(|number| format!("{number:?}"))).collect();
    values.extend(FLOATS.iter().map(|text| Json::raw(*text)));
    if let Json::Raw(text) = valid {
        values.extend(raws([text.clone(), format!("\"{text}\"")]));
    }
    values
}

fn texts(valid: &Json, rules: &[Rule]) -> Vec<Json> {
    let valid = match valid {
        Json::Raw(text) => serde_json::from_str::<String>(text).unwrap_or_default(),
        _ => String::new(),
    };
    let mut texts =
        vec![" ".to_owned(), "\t\n".to_owned(), "\u{2003}".to_owned(), "é".to_owned(), "a\u{0}b".to_owned()];
    texts.extend([format!(" {valid}"), format!("{valid} "), format!("{valid}\n"), format!("{valid}{valid}")]);
    texts.extend([valid.to_uppercase(), valid.to_lowercase()]);
    let mut shorter = valid.chars();
    shorter.next_back();
    texts.push(shorter.as_str().to_owned());
    for rule in rules {
        match rule {
            Rule::Allowed(values) => texts.extend(values.iter().filter_map(Literal::as_text).map(str::to_owned)),
            Rule::MustNotContain(part) => texts.extend([(*part).to_owned(), format!("{valid}{part}")]),
            Rule::Prefix(prefix) => texts.extend([(*prefix).to_owned(), prefix.to_uppercase()]),
            Rule::MaxLength(max) if *max < 100 => texts.extend(["x".repeat(*max), "x".repeat(max + 1)]),
            _ => {}
        }
    }
    let mut values: Vec<Json> = texts.iter().map(|text| Json::text(text)).collect();
    values.push(Json::raw("\"\\ud800\""));
    values
}

fn choices_of(choices: &ChoiceTable) -> Vec<Json> {
    let spellings = choices.variants.iter().flat_map(|choice| {
        let name = choice.name;
        [name.to_owned(), name.to_uppercase(), name.to_lowercase(), format!("{name} "), format!("{name}x")]
    });
    spellings.map(|text| Json::text(&text)).collect()
}

fn lists(valid: &Json) -> Vec<Json> {
    let Json::List(items) = valid else { return Vec::new() };
    let mut values = vec![valid.clone(), Json::List(vec![valid.clone()])];
    if let Some(item) = items.first() {
        values.push(Json::List(vec![item.clone(), item.clone()]));
        values.push(item.clone());
    }
    values
}

fn maps(valid: &Json) -> Vec<Json> {
    let Json::Object(entries) = valid else { return Vec::new() };
    let mut values = vec![valid.clone()];
    if let Some((_, value)) = entries.first() {
        values.extend(["", " ", "x"].map(|key| Json::one(key, value.clone())));
    }
    values
}

fn free_objects() -> Vec<Json> {
    let texts =
        ["{\"a\":{\"b\":[1,null,\"x\",1.5,true]}}", "{\"\":1}", "{\"type\":\"x\"}", "{\"x\":NaN}", "{\"x\":1,\"x\":2}"];
    texts.iter().map(|text| Json::raw(*text)).collect()
}
