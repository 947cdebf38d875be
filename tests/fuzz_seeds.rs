//! The fuzz targets' code over the fuzz targets' seeds. Fuzzing itself needs a nightly toolchain (`fuzz/README.md`); what
//! it once found stays in the seeds and is checked by every test run. Targets that call what no user can are tested in
//! `src/fuzz.rs`.

mod seeds;
#[expect(unreachable_pub, reason = "it is a library for the targets")]
#[path = "../fuzz/src/lib.rs"]
mod targets;

#[test]
fn every_seed_of_from_str_is_answered() {
    seeds::run("from_str", 0, targets::from_str);
}

#[test]
fn every_seed_of_check_is_answered() {
    seeds::run("check", 0, targets::check);
}

#[test]
fn every_seed_of_object_key_and_its_changes_are_answered() {
    seeds::run("object_key", 4_000, targets::object_key);
}
