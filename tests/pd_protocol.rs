//! The generated code of the PD protocol matches its `.proto` file. It is committed so that a build needs no protobuf compiler.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by unwrapping")]

use std::{fs, path::Path, process::Command};

const FOLDER: &str = "src/adapters/pd_l2_adapter/control";

/// `UPDATE_PD_PROTOCOL=1 cargo test --test pd_protocol` generates it again.
#[test]
fn the_generated_code_matches_the_proto_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let committed = root.join(FOLDER).join("generated.rs");
    let generated = generate(root);
    if std::env::var_os("UPDATE_PD_PROTOCOL").is_some() {
        fs::write(&committed, generated).unwrap();
        return;
    }
    assert!(
        fs::read_to_string(&committed).unwrap() == generated,
        "{FOLDER}/generated.rs is not what pd.proto says: run `UPDATE_PD_PROTOCOL=1 cargo test --test pd_protocol`"
    );
}

fn generate(root: &Path) -> String {
    let descriptors = protox::compile(["pd.proto"], [root.join(FOLDER)]).unwrap();
    let output = tempfile::tempdir().unwrap();
    tonic_prost_build::configure()
        .build_transport(false)
        .emit_rerun_if_changed(false)
        .out_dir(output.path())
        .compile_fds(descriptors)
        .unwrap();
    let file = output.path().join("l2adapter.pd.v1.rs");
    let formatted = Command::new("rustfmt")
        .args(["--edition", "2024", "--config-path"])
        .arg(root.join("rustfmt.toml"))
        .arg(&file)
        .status()
        .unwrap();
    assert!(formatted.success());
    fs::read_to_string(file).unwrap()
}
