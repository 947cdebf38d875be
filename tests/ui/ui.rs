//! What the derives refuse, and where each error points. `fail` has a folder for each subject and a file for each
//! group of mistakes that one build reports together; a field or struct is named after its mistake. Mistakes that only the
//! compiler finds are in files of their own, since an error of a derive keeps rustc from looking for them.
//! `pass` has what the derives accept although it looks hard.
//!
//! After a change of messages, `TRYBUILD=overwrite cargo test -p l2-adapter-ui-tests` writes the new ones; read the difference.

#[test]
fn derives_refuse_a_mistake_at_its_token_and_accept_hostile_names_and_lints() {
    // One run for both, so that the dependencies are compiled once.
    let cases = trybuild::TestCases::new();
    cases.compile_fail("fail/*/*.rs");
    cases.pass("pass/*.rs");
}
