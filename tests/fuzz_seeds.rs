//! The fuzz targets' code over the fuzz targets' seeds. Fuzzing itself needs a nightly toolchain (`fuzz/README.md`); what
//! it once found stays in the seeds and is checked by every test run.

#[expect(unreachable_pub, reason = "it is a library for the targets")]
#[path = "../fuzz/src/lib.rs"]
mod targets;

use std::{fs, path::Path};

#[test]
fn every_seed_of_from_str_is_answered() {
    for_each_seed("from_str", targets::from_str);
}

#[test]
fn every_seed_of_check_is_answered() {
    for_each_seed("check", targets::check);
}

#[expect(
    clippy::print_stderr,
    reason = "a failing assertion does not say which seed it was about: captured output does"
)]
fn for_each_seed(target: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target);
    let mut count = 0;
    for entry in fs::read_dir(&folder).expect("the seeds are in the repository") {
        let path = entry.expect("a folder's entry can be read").path();
        eprintln!("{}", path.display());
        run(&fs::read(&path).expect("a seed can be read"));
        count += 1;
    }
    assert!(count > 0, "{} has no seeds", folder.display());
}
