//! Parser and schema agree on numbers and strings that trip up, under each rule. The crate l2-adapter-agreement shows the same
//! of lists, maps and whole documents.

use l2_adapter_schema::{
    BLANK, ConfigValue, Context, Field, Given, Kind, Literal, Path, Pattern, Place, Presence, Reader, Rule, Table,
    schema_of,
};
use serde_json::{Value, json};

use crate::HERE;

/// Asserts that parser and schema agree on each value, and that some are accepted and some refused.
fn agree<T: ConfigValue>(rules: &[Rule], values: impl IntoIterator<Item = Value>) {
    let rules: &'static [Rule] = Box::leak(rules.to_vec().into_boxed_slice());
    let field = Field { rules, ..Field::new("value", "A value.", T::KIND, Presence::Required) };
    let table = Table { fields: Box::leak(Box::new([field])), ..Table::new("One", "One key.", HERE) };
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
        if is_integer && value.is_f64() && value.as_f64().is_some_and(|float| float.abs() >= 2_f64.powi(53)) {
            assert!(!parsed, "{value:?}");
            continue;
        }
        assert_eq!(parsed, validator.is_valid(&value), "parser, then schema, of {value:?}\n{schema:#}");
        *(if parsed { &mut accepted } else { &mut refused }) += 1;
    }
    assert!(accepted > 0 && refused > 0, "{accepted} accepted and {refused} refused show nothing");
}

/// Characters to which patterns give a meaning.
const MEANT_BY_PATTERNS: &str = "^$\\.*+?()[]{}|/-#&~ ";

/// Difficult strings: every blank on every side, line ends, characters of several bytes, special characters of patterns.
fn strings() -> Vec<Value> {
    let words = "a A ab abc abcd a\n \na a\r\n é e\u{301} \u{1F511} a\0 ß K ı";
    let mut strings: Vec<String> = [""].into_iter().chain(words.split(' ')).map(str::to_owned).collect();
    strings.extend(
        MEANT_BY_PATTERNS
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
    for part in MEANT_BY_PATTERNS.chars().chain(['\n', '\u{1F511}']) {
        let part: &'static str = part.to_string().leak();
        agree::<String>(&[Rule::Prefix(part)], strings());
        agree::<String>(&[Rule::MustNotContain(part)], strings());
    }
}

#[test]
fn lists_of_strings_allowed() {
    static SOME: [Literal; 2] = [Literal::String("a"), Literal::String("")];
    agree::<String>(&[Rule::Allowed(&SOME)], strings());
    agree::<Option<String>>(&[Rule::Allowed(&SOME), Rule::MaxLength(1)], strings());
}

/// Numbers at the bounds of every type, on both sides of each bound, written as integers and as floats.
fn numbers() -> Vec<Value> {
    let floats =
        [0.5, -0.5, -0.0, 1e-320, 1e300, -1e300, f64::MAX, 3.402_823_466_385_288_7e38, 3.5e38, f64::from(f32::MAX)];
    let others = [json!(null), json!("1"), json!(true), json!([1]), json!({ "0": 1 })];
    let mut numbers: Vec<Value> = floats.into_iter().map(Value::from).chain(others).collect();
    for power in (0..=64).map(|bits| 1_i128 << bits) {
        for integer in (-2..=2).flat_map(|offset| [power + offset, -power + offset]) {
            let exact = i64::try_from(integer).map(Value::from);
            numbers.extend(exact.or_else(|_| u64::try_from(integer).map(Value::from)));
            numbers.push(json!(integer as f64));
        }
    }
    numbers
}

#[test]
fn rules_on_numbers() {
    static SOME: [Literal; 4] =
        [Literal::Integer(0), Literal::Integer(-1), Literal::Integer(u64::MAX as i128), Literal::Integer(1 << 53)];
    let (low, high) = (Literal::Integer(-4), Literal::Integer(1 << 40));
    agree::<u8>(&[], numbers());
    agree::<u16>(&[], numbers());
    agree::<u32>(&[], numbers());
    agree::<i8>(&[], numbers());
    agree::<i16>(&[], numbers());
    agree::<i32>(&[], numbers());
    for rules in [
        &[][..],
        &[Rule::Min(low)],
        &[Rule::Above(low), Rule::Below(high)],
        &[Rule::Min(Literal::Integer(3)), Rule::Max(Literal::Integer(9))],
        &[Rule::Allowed(&SOME)],
        &[Rule::PowerOfTwo],
        &[Rule::PowerOfTwo, Rule::Min(Literal::Integer(3))],
        &[Rule::MultipleOf(3)],
        &[Rule::MultipleOf(512)],
        &[Rule::MultipleOf(4), Rule::MultipleOf(6)],
        &[Rule::MultipleOf(1 << 33)],
    ] {
        agree::<i64>(rules, numbers());
        agree::<Option<u64>>(rules, numbers());
    }
    agree::<u64>(&[Rule::Above(Literal::Integer(i128::from(u64::MAX) - 2))], numbers());
    agree::<f32>(&[], numbers());
    agree::<f64>(&[], numbers());
    agree::<f64>(&[Rule::Min(Literal::Integer(0)), Rule::Max(Literal::Float(0.5))], numbers());
    agree::<f32>(&[Rule::Above(Literal::Float(-0.5)), Rule::Below(Literal::Integer(4096))], numbers());
    agree::<f64>(
        &[Rule::Above(Literal::Integer((1 << 53) + 1)), Rule::Max(Literal::Integer((1 << 62) + 1))],
        numbers(),
    );
    agree::<Given<f64>>(&[Rule::Above(Literal::Float(0.0))], numbers());
}
