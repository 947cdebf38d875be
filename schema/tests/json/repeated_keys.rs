//! Repeated keys, at any depth.

use l2_adapter_schema::{AdapterSpec, Context, FaultCode};
use proptest::prelude::*;

fn repeated(text: &str) -> Vec<String> {
    let error = AdapterSpec::from_text(text, &Context::empty()).unwrap_err();
    let is_repeated = |code| code == FaultCode::RepeatedKey;
    let repeated: Vec<_> = error.faults.iter().take_while(|fault| is_repeated(fault.code)).collect();
    assert!(error.faults[repeated.len()..].iter().all(|fault| !is_repeated(fault.code)), "repeated keys come first");
    for fault in &repeated {
        let key = fault.pointer.rsplit('/').next().unwrap().replace("~1", "/");
        assert_eq!(fault.message, format!("`{key}` appears more than once in this object: remove the duplicates"));
    }
    repeated.iter().map(|fault| fault.pointer.clone()).collect()
}

#[test]
fn repeated_keys_are_found_once_each_in_document_order() {
    for (text, pointers) in [
        (r#"{"a": 1, "a": 2, "b": 1, "a": 3}"#, &["/a"][..]),
        (r#"{"z": 1, "z": {"y": 0, "y": 0}, "a": 1, "a": 1}"#, &["/z", "/z/y", "/a"]),
        // In lists and in overwritten values, too.
        (r#"{"a": [[], {"b": 1, "b": 1}], "a": 0}"#, &["/a/1/b", "/a"]),
        // Compared without escapes.
        (r#"{"a/b": 1, "\u0061\/b": 2}"#, &["/a~1b"]),
        (r#"{"a": {"b": 1}, "c": {"b": 1}, "b": [{"b": 1}, {"b": 2}]}"#, &[]),
    ] {
        assert_eq!(repeated(text), pointers, "{text}");
    }
}

#[test]
fn pointers_of_many_repeated_keys_below_a_long_one_take_bounded_memory() {
    let inner: Vec<_> = (0..20_000).map(|number| format!(r#""{number}": 0, "{number}": 0"#)).collect();
    let text = format!(r#"{{"{}": {{{}}}}}"#, "k".repeat(100_000), inner.join(","));
    let bytes: usize = repeated(&text).iter().map(String::len).sum();
    assert!(bytes <= text.len() + (1 << 20), "{bytes} bytes of pointers for {} bytes of text", text.len());
}

proptest! {
    #[test]
    fn a_key_written_twice_is_always_found(keys in prop::collection::vec("[a-d]{1,2}", 1..6)) {
        let entries: Vec<_> = keys.iter().map(|key| format!("\"{key}\": {{\"x\": [1.5e3, \"{{\"]}}")).collect();
        let mut expected: Vec<String> = Vec::new();
        for (index, key) in keys.iter().enumerate() {
            let pointer = format!("/{key}");
            if keys[..index].contains(key) && !expected.contains(&pointer) {
                expected.push(pointer);
            }
        }
        prop_assert_eq!(repeated(&format!("{{{}}}", entries.join(", "))), expected);
    }
}
