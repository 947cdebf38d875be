//! Runs the fuzz targets' code over their seeds, which have every input that fuzzing has found. Fuzzing itself needs a nightly
//! toolchain (`fuzz/README.md`). Targets of private functions are tested in `src/fuzz.rs`.

mod seeds;
#[expect(unreachable_pub, reason = "it is a library for the targets")]
#[path = "../fuzz/src/lib.rs"]
mod targets;

#[test]
fn from_str_returns_for_every_seed() {
    seeds::run("from_str", 0, targets::from_str);
}

#[test]
fn check_returns_for_every_seed() {
    seeds::run("check", 0, targets::check);
}

#[test]
fn object_key_returns_for_every_seed_and_its_changes() {
    seeds::run("object_key", 4_000, targets::object_key);
}
