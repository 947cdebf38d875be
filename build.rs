//! Declares a module for every adapter in `src/adapters/` and in `src/adapters/catalogue/`, so that a new type is one new file.
//! Sets `pd_runtime` if the PD runtime is built: with the feature `pd`, on Linux, as eventfd, memfd and NIXL need Linux.
//!
//! As in LMCache, an adapter is found by its name: `<type>_l2_adapter.rs`, or a folder `<type>_l2_adapter` with a `mod.rs`.

use std::{env, fs, io, path::Path};

fn main() -> io::Result<()> {
    println!("cargo::rustc-check-cfg=cfg(pd_runtime)");
    println!("cargo::rustc-check-cfg=cfg(loom)");
    println!("cargo::rustc-check-cfg=cfg(fuzzing)");
    if env::var_os("CARGO_FEATURE_PD").is_some()
        && env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "linux")
    {
        println!("cargo::rustc-cfg=pd_runtime");
    }
    let root = env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?;
    let adapters = Path::new(&root).join("src").join("adapters");
    declare_adapters(&adapters, "adapters.rs")?;
    declare_adapters(&adapters.join("catalogue"), "catalogue.rs")
}

/// Writes the declarations of the adapters in a folder, for its `mod.rs` to include.
fn declare_adapters(folder: &Path, declarations_file: &str) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());

    let mut modules: Vec<(String, String)> = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let file = if path.is_dir() { path.join("mod.rs") } else { path.clone() };
        let Some(stem) = path.file_stem().and_then(|stem| stem.to_str()) else { continue };
        let is_rust = file.extension().is_some_and(|extension| extension == "rs");
        if stem.ends_with("_l2_adapter") && is_rust && file.is_file() {
            modules.push((stem.to_owned(), file.display().to_string()));
        }
    }
    modules.sort();

    let declarations: String =
        modules.iter().map(|(name, file)| format!("#[path = {file:?}]\npub mod {name};\n")).collect();
    let output = env::var("OUT_DIR").map_err(io::Error::other)?;
    fs::write(Path::new(&output).join(declarations_file), declarations)
}
