//! Integers of every width, floats, and the rules on them.

use l2_adapter::{CommonConfig, L2AdapterConfig};
use serde_json::json;

use crate::{accepted, message, refused, round_trips, warned};

const MOST: u16 = 9;

/// Shows widths.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "widths")]
struct Widths {
    /// 8 bits, signed.
    i8: Option<i8>,
    /// 16 bits, signed.
    i16: Option<i16>,
    /// 32 bits, signed.
    i32: Option<i32>,
    /// 64 bits, signed.
    i64: Option<i64>,
    /// 8 bits.
    u8: Option<u8>,
    /// 16 bits.
    u16: Option<u16>,
    /// 32 bits.
    u32: Option<u32>,
    /// 64 bits.
    u64: Option<u64>,
    /// Single precision.
    f32: Option<f32>,
    /// Double precision.
    f64: Option<f64>,
    /// Yes or no.
    bool: Option<bool>,
    common: CommonConfig,
}

#[test]
fn integers_are_accepted_up_to_the_bounds_of_their_type() {
    let smallest = json!({"i8": i8::MIN, "i16": i16::MIN, "i32": i32::MIN, "i64": i64::MIN, "u8": 0, "u16": 0});
    let largest = json!({
        "i8": i8::MAX, "i16": i16::MAX, "i32": i32::MAX, "i64": i64::MAX,
        "u8": u8::MAX, "u16": u16::MAX, "u32": u32::MAX, "u64": u64::MAX,
    });
    round_trips(&accepted::<Widths>(smallest));
    let config: Widths = accepted(largest);
    assert_eq!((config.i64, config.u64), (Some(i64::MAX), Some(u64::MAX)));
    round_trips(&config);
}

#[test]
fn integers_are_refused_beyond_the_bounds_of_their_type() {
    let too_small = json!({"i8": -129, "i16": -32769, "i32": -2147483649_i64, "u8": -1, "u64": -1});
    let codes = ["/i8 out_of_range", "/i16 out_of_range", "/i32 out_of_range", "/u8 out_of_range", "/u64 out_of_range"];
    assert_eq!(refused::<Widths>(too_small), codes);
    let too_large = json!({"i8": 128, "i64": u64::MAX, "u32": 4294967296_u64, "u64": 1e30});
    let codes = ["/i8 out_of_range", "/i64 out_of_range", "/u32 out_of_range", "/u64 out_of_range"];
    assert_eq!(refused::<Widths>(too_large), codes);
}

#[test]
fn no_value_is_converted() {
    let document = json!({"u16": "5", "f64": "0.5", "bool": 1, "i32": true, "u8": 1.5, "f32": null});
    let codes = ["/i32 wrong_type", "/u8 wrong_type", "/u16 wrong_type", "/f64 wrong_type", "/bool wrong_type"];
    assert_eq!(refused::<Widths>(document), codes);
}

#[test]
fn an_integral_float_is_an_integer_with_a_warning() {
    let (config, warnings) = warned::<Widths>(json!({"u16": 5.0}));
    assert_eq!(config.u16, Some(5));
    assert_eq!(warnings, ["/u16 integral_float"]);
}

#[test]
fn a_number_too_large_for_single_precision_is_refused() {
    assert_eq!(refused::<Widths>(json!({"f32": 1e39})), ["/f32 out_of_range"]);
    accepted::<Widths>(json!({"f32": 3.4e38, "f64": 1e300}));
}

type Port = u16;

/// Shows rules on numbers.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "number-rules")]
struct NumberRules {
    /// Has inclusive bounds.
    #[config(default = 5, min = 1, max = 10)]
    closed: u16,
    /// Has exclusive bounds.
    #[config(default = 0.5, above = 0.0, below = 1.0)]
    open: f64,
    /// Bounded by a constant.
    #[config(default = 5, max = MOST)]
    constant: u16,
    /// One of these.
    #[config(default = 256, allowed = [128, 256])]
    block: u32,
    /// Of a type that only the compiler knows.
    #[config(default = 80, min = 80, max = 443)]
    port: Port,
    common: CommonConfig,
}

#[test]
fn a_bound_may_be_a_constant() {
    accepted::<NumberRules>(json!({"constant": 9}));
    assert_eq!(message::<NumberRules>(json!({"constant": 10})), "`constant` must be at most 9");
}

#[test]
fn a_type_alias_is_read_as_its_type() {
    accepted::<NumberRules>(json!({"port": 443}));
    assert_eq!(refused::<NumberRules>(json!({"port": 444})), ["/port out_of_range"]);
    assert_eq!(refused::<NumberRules>(json!({"port": 70000})), ["/port out_of_range"]);
}

#[test]
fn a_violation_of_a_number_rule_is_reported_with_other_faults() {
    let document = json!({"closed": 0, "open": 2.0, "block": 1});
    assert_eq!(refused::<NumberRules>(document), ["/closed out_of_range", "/open out_of_range", "/block not_allowed"]);
}

#[test]
fn an_integer_that_was_rounded_is_refused() {
    for (text, faults) in [
        (r#"{"i64": -9223372036854775809}"#, "/i64 inexact_integer"),
        (r#"{"i64": 9007199254740993.0}"#, "/i64 inexact_integer"),
        (r#"{"u64": 18446744073709551616}"#, "/u64 out_of_range"),
        (r#"{"u64": 9223372036854775809.0}"#, "/u64 inexact_integer"),
        (r#"{"u64": 1e19}"#, "/u64 inexact_integer"),
        (r#"{"u64": 1e20}"#, "/u64 out_of_range"),
        (r#"{"u64": -1e300}"#, "/u64 out_of_range"),
        (r#"{"u32": 1e16}"#, "/u32 out_of_range"),
        (r#"{"i64": 0.5}"#, "/i64 wrong_type"),
        (r#"{"u64": {"$serde_json::private::Number": "5"}}"#, "/u64/$serde_json::private::Number unknown_key"),
    ] {
        let fault = Widths::from_str(text).expect_err(text).faults.remove(0);
        assert_eq!(format!("{} {}", fault.pointer, fault.code), faults, "{text}");
    }
    for (text, value) in [("-9223372036854775808", i64::MIN), ("9007199254740993", 9_007_199_254_740_993), ("-0", 0)] {
        assert_eq!(Widths::from_str(&format!("{{\"i64\": {text}}}")).map(|config| config.i64), Ok(Some(value)));
    }
    assert_eq!(Widths::from_str(r#"{"i64": 9007199254740991.0}"#).map(|config| config.i64), Ok(Some((1 << 53) - 1)));
}

#[test]
fn help_states_the_bounds_of_every_type() {
    let help = Widths::help();
    for words in [
        "i8 (integer or null, optional; -128 to 127)",
        "i32 (integer or null, optional; -2^31 to 2^31-1)",
        "i64 (integer or null, optional; -2^63 to 2^63-1)",
        "u16 (integer or null, optional; 0 to 65535)",
        "u32 (integer or null, optional; 0 to 2^32-1)",
        "u64 (integer or null, optional; 0 to 2^64-1)",
        "f32 (number or null, optional; -3.4028234663852886e38 to 3.4028234663852886e38)",
    ] {
        assert!(help.contains(words) || help.replace("\n          ", " ").contains(words), "{words} is not in\n{help}");
    }
}

#[test]
fn the_warning_about_an_integral_float_says_what_to_write() {
    let warnings = |text: &str| {
        let document = serde_json::from_str(text).expect("an object");
        let parsed = Widths::parse(&document, &l2_adapter::Context::empty()).expect("a valid document");
        parsed.warnings.into_iter().map(|warning| warning.message).collect::<Vec<_>>()
    };
    assert_eq!(warnings(r#"{"i64": 2e3}"#), ["`i64` is the integer 2000: write it without a fraction or exponent"]);
    assert!(warnings(r#"{"i64": -0, "f64": 2.0}"#).is_empty());
}
