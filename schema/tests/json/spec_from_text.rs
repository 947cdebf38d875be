//! Texts without a spec.

use l2_adapter_schema::{AdapterSpec, Context, Document, Fault, FaultCode, Report, Target};
use proptest::prelude::*;

#[test]
fn text_that_is_not_json_has_one_fault_without_a_place_in_its_message() {
    let nested = "[".repeat(100_000);
    for (text, message) in [
        (r#"{"type": pd}"#, "the text is not JSON: a text has no quotes: write `\"` around it"),
        ("\u{feff}{}", "the text begins with a byte order mark: save it as UTF-8 without one"),
        ("", "the text is not JSON: it is empty: if it comes from a variable, the variable is not set"),
        // Beyond the limit of JSON parsers.
        (&nested, "the text is not JSON: recursion limit exceeded"),
    ] {
        let error = AdapterSpec::from_text(text, &Context::empty()).unwrap_err();
        assert_eq!(error.faults, [Fault::new("", FaultCode::Syntax, message)]);
    }
}

#[test]
fn a_value_that_is_not_an_object_has_the_wrong_type_and_is_not_shown() {
    let error = AdapterSpec::from_text(r#""hunter2""#, &Context::empty()).unwrap_err();
    assert_eq!(error.faults[0].code, FaultCode::WrongType);
    assert!(!error.to_string().contains("hunter2"), "{error}");
}

#[test]
fn bytes_that_are_not_utf8_are_located_and_utf_16_is_recognized() {
    let utf_16: Vec<u8> = "\u{feff}{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (bytes, expected) in [
        (b"{\"\xc3\xbc\": \"\xff\"}".to_vec(), "a:1:8: error[syntax]: the text is not UTF-8: unexpected byte 0xff\n"),
        (utf_16, "a:1:1: error[syntax]: the text is UTF-16, as PowerShell's `>` writes it: save it as UTF-8\n"),
    ] {
        let report = Report::of(Document::whole(bytes), "a", 0, Target::Unknown(Context::empty()));
        assert_eq!(report.to_string(), expected);
    }
}

proptest! {
    #[test]
    fn parsing_every_damaged_json_text_returns(text in "[\\[\\]{}\":,\\\\au01e.+\\-nltrfs \n\u{feff}]{0,60}") {
        prop_assert!(AdapterSpec::from_text(&text, &Context::empty()).is_err());
    }
}
