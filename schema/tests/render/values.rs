//! Parser and schema agree on values, rule by rule: both accept a value, or both refuse it.

use std::collections::BTreeMap;

use l2_adapter_schema::{
    BLANK, Bound, ConfigValue, Context, Field, Given, Kind, Literal, Path, Pattern, Place, Presence, Reader, Rule,
    Table, schema_of,
};
use serde_json::{Map, Value, json};

use crate::fixture::STORE;

/// Asserts that parser and schema agree on each value, and that some are accepted and some refused.
fn agree<T: ConfigValue>(rules: &[Rule], values: impl IntoIterator<Item = Value>) {
    let rules: &'static [Rule] = Box::leak(rules.to_vec().into_boxed_slice());
    let field = Field { rules, ..Field::new("value", "A value.", T::KIND, Presence::Required) };
    let table = Table { fields: Box::leak(Box::new([field])), ..Table::new("One", "One key.", STORE.source) };
    let schema = schema_of(Box::leak(Box::new(table)), &[], None);
    let schema = schema.as_value().pointer("/properties/value").unwrap();
    let validator = jsonschema::draft202012::new(schema).unwrap();
    let (mut accepted, mut refused) = (0, 0);
    for value in values {
        let context = Context::empty();
        let mut reader = Reader::new(&context);
        let parsed = T::read(&value, &Place::new(&Path::Root, rules, false), &mut reader).is_some();
        // A schema cannot state that the digits of an integer are lost: `FaultCode::InexactInteger`.
        let is_integer = matches!(T::KIND.unwrap_optional(), Kind::Integer { .. });
        let inexact = is_integer && value.is_f64() && value.as_f64().is_some_and(|float| float.abs() >= 2_f64.powi(53));
        if inexact {
            assert!(!parsed, "{value:?}");
            continue;
        }
        assert_eq!(parsed, validator.is_valid(&value), "parser, then schema, of {value:?}\n{schema:#}");
        *(if parsed { &mut accepted } else { &mut refused }) += 1;
    }
    assert!(accepted > 0 && refused > 0, "{accepted} accepted and {refused} refused show nothing");
}

/// Numbers at the bounds of every type, on both sides of each bound, written as integers and as floats.
fn numbers() -> Vec<Value> {
    let mut numbers = vec![
        json!(0.5),
        json!(-0.5),
        json!(-0.0),
        json!(1e-320),
        json!(1e300),
        json!(-1e300),
        json!(f64::MAX),
        json!(null),
    ];
    numbers.extend([
        json!("1"),
        json!(true),
        json!([1]),
        json!({ "0": 1 }),
        json!(f32::MAX),
        json!(3.4028234663852887e38),
        json!(3.5e38),
    ]);
    for bits in 0..=64_u32 {
        for offset in [-2_i128, -1, 0, 1, 2] {
            for integer in [(1_i128 << bits) + offset, -(1_i128 << bits) + offset] {
                numbers.extend(
                    i64::try_from(integer).map(Value::from).or_else(|_| u64::try_from(integer).map(Value::from)),
                );
                numbers.push(json!(integer as f64));
            }
        }
    }
    numbers
}

#[test]
fn integers_of_every_width() {
    agree::<u8>(&[], numbers());
    agree::<u16>(&[], numbers());
    agree::<u32>(&[], numbers());
    agree::<u64>(&[], numbers());
    agree::<i8>(&[], numbers());
    agree::<i16>(&[], numbers());
    agree::<i32>(&[], numbers());
    agree::<i64>(&[], numbers());
}

#[test]
fn ranges_of_integers() {
    let (low, high) = (Bound::Integer(-4), Bound::Integer(1 << 40));
    agree::<i64>(&[Rule::Min(low)], numbers());
    agree::<i64>(&[Rule::Above(low), Rule::Below(high)], numbers());
    agree::<i64>(
        &[Rule::Min(low), Rule::Min(Bound::Integer(3)), Rule::Max(high), Rule::Max(Bound::Integer(9))],
        numbers(),
    );
    agree::<u64>(&[Rule::Above(Bound::Integer(i128::from(u64::MAX) - 2))], numbers());
    agree::<Option<u16>>(&[Rule::Above(Bound::Integer(65_533))], numbers());
}

#[test]
fn lists_of_integers_allowed() {
    static SOME: [Literal; 4] =
        [Literal::Integer(0), Literal::Integer(-1), Literal::Integer(u64::MAX as i128), Literal::Integer(1 << 53)];
    static OTHERS: [Literal; 2] = [Literal::Integer(-1), Literal::String("0")];
    agree::<i64>(&[Rule::Allowed(&SOME)], numbers());
    agree::<u64>(&[Rule::Allowed(&SOME)], numbers());
    agree::<Option<i64>>(&[Rule::Allowed(&SOME), Rule::Allowed(&OTHERS)], numbers());
}

#[test]
fn powers_of_two_and_multiples() {
    agree::<u64>(&[Rule::PowerOfTwo], numbers());
    agree::<Option<i8>>(&[Rule::PowerOfTwo, Rule::Min(Bound::Integer(3))], numbers());
    agree::<i64>(&[Rule::MultipleOf(3)], numbers());
    agree::<u64>(&[Rule::MultipleOf(512)], numbers());
    agree::<i32>(&[Rule::MultipleOf(4), Rule::MultipleOf(6)], numbers());
    agree::<Option<u64>>(&[Rule::MultipleOf(1 << 33)], numbers());
}

#[test]
fn unsatisfiable_integer_rules_accept_only_null() {
    static NONE: [Literal; 1] = [Literal::String("none")];
    agree::<Option<u8>>(&[Rule::Min(Bound::Integer(300))], numbers());
    agree::<Option<u8>>(&[Rule::Allowed(&NONE)], numbers());
    agree::<Option<u8>>(&[Rule::PowerOfTwo, Rule::Below(Bound::Integer(1))], numbers());
}

#[test]
fn numbers_and_their_ranges() {
    agree::<f32>(&[], numbers());
    agree::<f64>(&[], numbers());
    agree::<f64>(&[Rule::Min(Bound::Integer(0)), Rule::Max(Bound::Float(0.5))], numbers());
    agree::<f32>(&[Rule::Above(Bound::Float(-0.5)), Rule::Below(Bound::Integer(4096))], numbers());
    agree::<f64>(&[Rule::Above(Bound::Integer((1 << 53) + 1)), Rule::Max(Bound::Integer((1 << 62) + 1))], numbers());
    agree::<Given<f64>>(&[Rule::Above(Bound::Float(0.0))], numbers());
}

/// Difficult strings: every blank on every side, line ends, characters of several bytes, special characters of patterns.
fn strings() -> Vec<Value> {
    let mut strings: Vec<String> = [
        "",
        "a",
        "A",
        "ab",
        "abc",
        "abcd",
        "a\n",
        "\na",
        "a\r\n",
        "é",
        "e\u{301}",
        "\u{1F511}",
        "a\u{0}",
        "ß",
        "K",
        "ı",
    ]
    .map(str::to_owned)
    .to_vec();
    strings.extend(
        "^$\\.*+?()[]{}|/-#&~ "
            .chars()
            .flat_map(|character| [format!("{character}"), format!("a{character}b"), format!("{character}\n")]),
    );
    strings.extend(
        BLANK
            .iter()
            .flat_map(|blank| [format!("{blank}"), format!("a{blank}"), format!("{blank}a"), format!("a{blank}a")]),
    );
    // Blank in some languages, but not here.
    strings.extend(["\u{200b}", "\u{feff}", "\u{180e}"].map(str::to_owned));
    let others = [json!(null), json!(1), json!(true), json!(["a"]), json!({ "a": "a" })];
    strings.into_iter().map(Value::from).chain(others).collect()
}

static WORD: Pattern = Pattern::new("^[a-z]{1,2}$");
static INSIDE: Pattern = Pattern::new("[.$^]");
static ESCAPED: Pattern = Pattern::new("^a\\.b\\$");

#[test]
fn rules_on_strings() {
    for rule in [
        Rule::NotBlank,
        Rule::Trimmed,
        Rule::MinLength(2),
        Rule::MaxLength(1),
        Rule::Pattern(&WORD),
        Rule::Pattern(&INSIDE),
        Rule::Prefix("a"),
        Rule::MustNotContain("a"),
    ] {
        agree::<String>(&[rule], strings());
        agree::<Option<String>>(&[rule], strings());
    }
    agree::<String>(&[], strings());
    agree::<String>(
        &[Rule::Trimmed, Rule::NotBlank, Rule::MaxLength(2), Rule::MustNotContain("$"), Rule::Prefix("a")],
        strings(),
    );
    agree::<std::path::PathBuf>(
        &[Rule::Pattern(&ESCAPED)],
        strings().into_iter().chain([json!("a.b$c"), json!("axb$")]),
    );
}

#[test]
fn special_characters_of_patterns_are_escaped() {
    for part in [
        "^",
        "$",
        "\\",
        ".",
        "*",
        "+",
        "?",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "|",
        "/",
        "-",
        "#",
        "&",
        "~",
        " ",
        "\n",
        "\u{1F511}",
    ] {
        let part: &'static str = part.to_owned().leak();
        agree::<String>(&[Rule::Prefix(part)], strings());
        agree::<String>(&[Rule::MustNotContain(part)], strings());
    }
}

#[test]
fn lists_of_strings_allowed() {
    static SOME: [Literal; 3] = [Literal::String("a"), Literal::String(""), Literal::Integer(1)];
    static OTHERS: [Literal; 2] = [Literal::String("a"), Literal::String("b")];
    agree::<String>(&[Rule::Allowed(&SOME)], strings());
    agree::<Option<String>>(&[Rule::Allowed(&SOME), Rule::Allowed(&OTHERS), Rule::NotBlank], strings());
}

#[test]
fn rules_on_lists() {
    let lists = || {
        let items = [
            json!([]),
            json!([1]),
            json!([1, 1]),
            json!([1, 1.0]),
            json!([1, 2]),
            json!([1, 2, 3]),
            json!([0]),
            json!([null]),
            json!(["1"]),
        ];
        let nested = [
            json!([[]]),
            json!([[1]]),
            json!([[1], [1.0]]),
            json!([[1], [2]]),
            json!(null),
            json!({}),
            json!(1),
            json!("1"),
        ];
        items.into_iter().chain(nested)
    };
    agree::<Vec<u8>>(&[], lists());
    agree::<Vec<u8>>(&[Rule::MinItems(1), Rule::MaxItems(2)], lists());
    agree::<Vec<u8>>(&[Rule::Unique, Rule::Each(&[Rule::Min(Bound::Integer(1))])], lists());
    agree::<Option<Vec<Option<u8>>>>(&[Rule::MinItems(1), Rule::Unique], lists());
    agree::<Vec<Vec<u8>>>(
        &[Rule::Unique, Rule::Each(&[Rule::MinItems(1), Rule::Each(&[Rule::Below(Bound::Integer(2))])])],
        lists(),
    );
}

#[test]
fn rules_on_maps() {
    let maps = || {
        let maps = [
            json!({}),
            json!({ "a": 1 }),
            json!({ "": 1 }),
            json!({ "ab": 2, "b": 1 }),
            json!({ "abc": 1 }),
            json!({ "a\n": 1 }),
        ];
        let others = [json!({ "a": null }), json!({ "a": "1" }), json!({ "a": 0 }), json!([]), json!(null), json!("a")];
        maps.into_iter().chain(others)
    };
    agree::<BTreeMap<String, u8>>(&[], maps());
    agree::<BTreeMap<String, u8>>(&[Rule::MinItems(1), Rule::MaxItems(1)], maps());
    agree::<Option<BTreeMap<String, Option<u8>>>>(&[Rule::Keys(&[Rule::NotBlank, Rule::MaxLength(2)])], maps());
    agree::<BTreeMap<String, u8>>(&[Rule::Each(&[Rule::PowerOfTwo]), Rule::Keys(&[Rule::Trimmed])], maps());
    agree::<Map<String, Value>>(&[], maps());
}
