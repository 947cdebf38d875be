//! What the derives refuse, and where each error points. `tests/ui/fail` has a folder for each subject and a file for each
//! group of mistakes that one build reports together; a field or struct is named after its mistake. Mistakes that only the
//! compiler finds are in files of their own, since an error of a derive keeps rustc from looking for them.
//! `tests/ui/pass` has what the derives accept although it looks hard.
//!
//! After a change of messages, `TRYBUILD=overwrite cargo test --test ui` writes the new ones; read the difference.

#[test]
fn a_mistake_in_an_attribute_is_an_error_at_its_token() {
    trybuild::TestCases::new().compile_fail("tests/ui/fail/*/*.rs");
}

#[test]
fn hostile_names_and_lints_do_not_disturb_the_output() {
    trybuild::TestCases::new().pass("tests/ui/pass/*.rs");
}
