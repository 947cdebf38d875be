//! Registrations after each way of linking. `tests/linking/` has the programs and libraries.
//!
//! They are packages of this workspace, so that they use its locked dependencies and nothing is downloaded. They have a separate
//! target folder, so that they share no features with the rest of the workspace.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// The types of this crate, which every program here has.
const OWN_TYPES: &str = "fs, mock, pd";

#[test]
fn a_referenced_plugin_crate_is_registered_and_creates_its_adapter() {
    build("linking-app", &[]);
    let lines = stdout_lines(&run(&program("linking-app"), &[]));
    assert_eq!(
        lines,
        [
            format!("types: {OWN_TYPES}, plugin"),
            "adapter: mock(3 GiB at 10 GiB/s), Healthy".to_owned(),
            "closed: Closed".to_owned(),
        ]
    );
}

#[test]
fn an_unlinked_plugin_is_not_registered_and_assert_registered_panics() {
    build("linking-app-without", &[]);
    let output = run(&program("linking-app-without"), &[]);
    assert_eq!(stdout_lines(&output), [format!("types: {OWN_TYPES}")]);
    assert!(!output.status.success());
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("app_without/src/main.rs"), "the panic names the caller's line: {stderr}");
    assert!(
        stderr.contains(&format!(
            "L2 adapter types not registered: plugin. Registered types: {OWN_TYPES}. Link the crate that declares them \
             with `use the_crate as _;`, or call register_l2_adapter_type"
        )),
        "{stderr}"
    );
}

#[test]
fn every_duplicate_type_name_is_refused_with_both_places() {
    build("linking-duplicate", &[]);
    let lines = stdout_lines(&run(&program("linking-duplicate"), &[]));
    let [line] = lines.as_slice() else { panic!("one line, not {lines:?}") };
    let text = line.strip_prefix("refused: ").unwrap_or_else(|| panic!("{line}"));
    let duplicates = text.split("; ").map(|duplicate| {
        let places = duplicate
            .strip_prefix("two L2 adapter types are named `")
            .and_then(|rest| rest.strip_suffix(": rename one of them"))
            .and_then(|rest| rest.split_once("`, at "));
        let (name, places) = places.unwrap_or_else(|| panic!("{duplicate}"));
        // The linker decides which of them registers first.
        (name, places.split(" and at ").map(str::to_owned).collect::<BTreeSet<_>>())
    });
    let duplicates: BTreeMap<_, _> = duplicates.collect();
    let places = ["tests/linking/plugin/src/lib.rs", "tests/linking/rival/src/lib.rs"].map(place_of);
    assert_eq!(duplicates["plugin"], BTreeSet::from(places));
    // The path of `mock` is absolute, because its crate is outside that workspace.
    let of_mock: Vec<_> = duplicates["mock"].iter().collect();
    assert!(of_mock[0].contains("/src/adapters/mock_l2_adapter/mod.rs:"), "{of_mock:?}");
    assert!(of_mock[1].starts_with("tests/linking/rival/src/lib.rs:"), "{of_mock:?}");
}

#[test]
fn a_crate_without_features_can_derive_a_config_and_reads_floats_exactly() {
    build("linking-configuration-only", &[]);
    let lines = stdout_lines(&run(&program("linking-configuration-only"), &[]));
    assert_eq!(lines, ["path: /cache", "types: folder, fs, mock, pd", "floats misread: 0"]);
}

/// C programs are built with `cc` and flags of Linux linkers.
#[cfg(target_os = "linux")]
mod from_c {
    use super::*;

    #[test]
    fn a_shared_library_loaded_by_a_c_program_has_the_types_of_its_plugin_crate() {
        build("linking-cdylib", &[]);
        let loader = compile("tests/linking/cdylib/main.c", "load_cdylib", &["-ldl"]);
        let library = program("liblinking_cdylib.so");
        let lines = stdout_lines(&run(&loader, &[library.to_str().expect("the target folder has a UTF-8 name")]));
        assert_eq!(lines, [format!("types: {OWN_TYPES}, plugin")]);
    }

    /// One test of three ways, because they build the same library in the same place.
    #[test]
    fn a_static_library_reliably_has_only_explicitly_registered_types() {
        const LIBRARIES: [&str; 3] = ["-lpthread", "-ldl", "-lm"];
        build("linking-staticlib", &[]);
        let archive = program("liblinking_staticlib.a");
        let archive = archive.to_str().expect("the target folder has a UTF-8 name");
        let types = |name: &str, arguments: &[&str]| {
            let program = compile("tests/linking/staticlib/main.c", name, &[arguments, &LIBRARIES].concat());
            stdout_lines(&run(&program, &[])).concat()
        };

        // A linker takes only referenced objects from an archive, and nothing references a registration. Those of this crate may be
        // linked because of other code in the same objects.
        let silent = types("static_silent", &[archive]);
        assert!(silent.starts_with("types: ") && !silent.contains("plugin"), "{silent}");

        let whole = types("static_whole", &["-Wl,--whole-archive", archive, "-Wl,--no-whole-archive"]);
        assert_eq!(whole, format!("types: {OWN_TYPES}, plugin"));

        build("linking-staticlib", &["--features", "explicit"]);
        let explicit = types("static_explicit", &[archive]);
        assert!(explicit.starts_with("types: ") && explicit.ends_with("pd, plugin"), "{explicit}");
    }

    fn compile(source: &str, name: &str, arguments: &[&str]) -> PathBuf {
        let output = program(name);
        let mut compiler = Command::new(env::var_os("CC").unwrap_or_else(|| "cc".into()));
        succeed(compiler.arg("-o").arg(&output).arg(workspace().join(source)).args(arguments));
        output
    }
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn target_folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("linking")
}

/// The path of a built file.
fn program(name: &str) -> PathBuf {
    target_folder().join("debug").join(name)
}

/// Builds a package alone.
fn build(package: &str, arguments: &[&str]) {
    let mut cargo = Command::new(env!("CARGO"));
    succeed(
        cargo
            .current_dir(workspace())
            .args(["build", "--quiet", "--locked", "--offline", "--package", package, "--target-dir"])
            .arg(target_folder())
            .args(arguments)
            .env("CARGO_PROFILE_DEV_DEBUG", "0"),
    );
}

fn run(program: &Path, arguments: &[&str]) -> Output {
    Command::new(program)
        .args(arguments)
        .env("RUST_BACKTRACE", "0")
        .output()
        .unwrap_or_else(|error| panic!("cannot run {}: {error}", program.display()))
}

fn succeed(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("cannot run {command:?}: {error}"));
    assert!(output.status.success(), "{command:?}:\n{}", String::from_utf8_lossy(&output.stderr));
}

fn stdout_lines(output: &Output) -> Vec<String> {
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

/// The place of a file's derive, as the compiler names it.
fn place_of(file: &str) -> String {
    let text = fs::read_to_string(workspace().join(file)).unwrap_or_else(|error| panic!("cannot read {file}: {error}"));
    let line = text.lines().position(|line| line.starts_with("#[derive(")).expect("the file has a derive");
    format!("{file}:{}", line + 1)
}
