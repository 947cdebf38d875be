//! What the derives refuse, and where they point: `tests/ui/fail` has one mistake in each file, named after it, and the
//! message beside it. What they accept although it looks hard is in `tests/ui/pass`.
//!
//! After a change of messages, `TRYBUILD=overwrite cargo test --test ui` writes the new ones; read the difference.

#[test]
fn a_mistake_in_an_attribute_is_an_error_at_its_token() {
    trybuild::TestCases::new().compile_fail("tests/ui/fail/*.rs");
}

#[test]
fn hostile_names_and_lints_do_not_disturb_the_output() {
    trybuild::TestCases::new().pass("tests/ui/pass/*.rs");
}
