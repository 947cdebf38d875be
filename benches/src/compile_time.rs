//! The compile time of a hundred structs of ten fields: `L2AdapterConfig` compared with serde, schemars and garde on the same
//! structs.
//!
//! Writes two crates below the given folder, builds their dependencies once, then builds the crates repeatedly in turn, and prints
//! the least time of each and their ratio: other work on the machine can only add to a time. A time includes only the crate itself.

use std::{
    env,
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::{Duration, Instant},
};

const STRUCTS: usize = 100;
const ROUNDS: usize = 7;

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "the table is what a benchmark is for")]
fn main() -> ExitCode {
    let Some(folder) = env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: compile-time FOLDER (an empty folder for the generated crates)");
        return ExitCode::from(2);
    };
    match measure(&folder) {
        Ok(table) => {
            println!("{table}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("compile-time: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(folder: &Path) -> io::Result<String> {
    let ours = write_crate(folder, "ours", OUR_DEPENDENCIES, &our_source())?;
    let theirs = write_crate(folder, "theirs", THEIR_DEPENDENCIES, &their_source())?;
    let mut table = format!("{STRUCTS} structs of ten fields, seconds, the least of {ROUNDS}\n");
    for profile in ["dev", "release"] {
        build(&ours, profile)?;
        build(&theirs, profile)?;
        let mut times = [Vec::new(), Vec::new()];
        for _ in 0..ROUNDS {
            times[0].push(build(&ours, profile)?);
            times[1].push(build(&theirs, profile)?);
        }
        let [ours, theirs] = times.map(least);
        // Writing to a String cannot fail.
        let _ = writeln!(
            table,
            "{profile:<8} L2AdapterConfig {:6.2}   serde + schemars + garde {:6.2}   ratio {:.1}",
            ours.as_secs_f64(),
            theirs.as_secs_f64(),
            theirs.as_secs_f64() / ours.as_secs_f64(),
        );
    }
    Ok(table)
}

fn least(times: Vec<Duration>) -> Duration {
    times.into_iter().min().unwrap_or_default()
}

fn write_crate(folder: &Path, name: &str, dependencies: &str, source: &str) -> io::Result<PathBuf> {
    let root = folder.join(name);
    fs::create_dir_all(root.join("src"))?;
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n{}",
        dependencies.replace("{library}", &library.display().to_string())
    );
    fs::write(root.join("Cargo.toml"), manifest)?;
    fs::copy(library.join("Cargo.lock"), root.join("Cargo.lock"))?;
    fs::write(root.join("src").join("lib.rs"), source)?;
    Ok(root)
}

/// Compiles the crate again, and returns how long that took.
fn build(root: &Path, profile: &str) -> io::Result<Duration> {
    let source = root.join("src").join("lib.rs");
    let text = fs::read(&source)?;
    fs::write(&source, text)?;
    let start = Instant::now();
    let status = Command::new("cargo")
        .args(["build", "--quiet", "--profile", profile])
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_TARGET_DIR", root.join("target"))
        .current_dir(root)
        .status()?;
    if !status.success() {
        return Err(io::Error::other(format!("cargo build failed in {}", root.display())));
    }
    Ok(start.elapsed())
}

const OUR_DEPENDENCIES: &str = "\
l2-adapter = { path = \"{library}\", default-features = false }
serde_json = \"1\"
";

fn our_source() -> String {
    let mut source =
        "use l2_adapter::{ConfigError, L2AdapterConfig, CommonConfig};\nuse serde_json::{Map, Value};\n".to_owned();
    for index in 0..STRUCTS {
        let _ = write!(
            source,
            r#"
/// Number {index}.
#[derive(Debug, L2AdapterConfig)]
#[config(type = "kind{index}")]
pub struct Config{index} {{
    /// Where it is.
    #[config(required, not_blank, example = "10.0.0.7")]
    pub host: String,
    /// Its ports.
    #[config(required, min_items = 1, each(min = 1))]
    pub ports: Vec<u16>,
    /// Threads.
    #[config(default = 8, min = 1)]
    pub num_workers: u32,
    /// Time to wait.
    #[config(default = 1000, min = 1, unit = milliseconds)]
    pub timeout_ms: u64,
    /// A name.
    #[config(default = "lmcache", min_length = 1)]
    pub namespace: String,
    /// A user.
    pub username: Option<String>,
    /// Room.
    #[config(default = 0.0, min = 0.0, unit = gib)]
    pub max_capacity_gb: f64,
    /// Whether it is direct.
    #[config(default = false)]
    pub use_odirect: bool,
    /// Names of backends.
    #[config(default = ["tcp"], min_items = 1)]
    pub backends: Vec<String>,
    /// Size.
    #[config(default = 65536, min = 1, max = 1073741824)]
    pub slot_bytes: u64,
    /// Common keys.
    pub common: CommonConfig,
}}
pub fn parse{index}(map: &Map<String, Value>) -> Result<Config{index}, ConfigError> {{ Config{index}::from_dict(map) }}
pub fn schema{index}() -> Value {{ Config{index}::json_schema().to_value() }}
"#
        );
    }
    source
}

const THEIR_DEPENDENCIES: &str = "\
garde = { version = \"0.23.0\", default-features = false, features = [\"derive\"] }
schemars = \"1.2.3\"
serde = { version = \"1\", features = [\"derive\"] }
serde_json = \"1\"
";

fn their_source() -> String {
    let mut source = r#"use garde::Validate;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
fn eight() -> u32 { 8 }
fn second() -> u64 { 1000 }
fn lmcache() -> String { "lmcache".to_owned() }
fn tcp() -> Vec<String> { vec!["tcp".to_owned()] }
fn slot() -> u64 { 65536 }
fn yes() -> bool { true }
fn tag() -> String { "_default".to_owned() }
"#
    .to_owned();
    for index in 0..STRUCTS {
        let _ = write!(
            source,
            r#"
/// Number {index}.
#[derive(Debug, Deserialize, JsonSchema, Validate)]
#[serde(deny_unknown_fields)]
pub struct Config{index} {{
    /// Where it is.
    #[garde(length(min = 1))]
    pub host: String,
    /// Its ports.
    #[garde(length(min = 1), inner(range(min = 1)))]
    pub ports: Vec<u16>,
    /// Threads.
    #[serde(default = "eight")]
    #[garde(range(min = 1))]
    pub num_workers: u32,
    /// Time to wait.
    #[serde(default = "second")]
    #[garde(range(min = 1))]
    pub timeout_ms: u64,
    /// A name.
    #[serde(default = "lmcache")]
    #[garde(length(min = 1))]
    pub namespace: String,
    /// A user.
    #[garde(skip)]
    pub username: Option<String>,
    /// Room.
    #[serde(default)]
    #[garde(range(min = 0.0))]
    pub max_capacity_gb: f64,
    /// Whether it is direct.
    #[serde(default)]
    #[garde(skip)]
    pub use_odirect: bool,
    /// Names of backends.
    #[serde(default = "tcp")]
    #[garde(length(min = 1))]
    pub backends: Vec<String>,
    /// Size.
    #[serde(default = "slot")]
    #[garde(range(min = 1, max = 1073741824))]
    pub slot_bytes: u64,
    /// Eviction.
    #[garde(skip)]
    pub eviction: Option<Map<String, Value>>,
    /// Persistence.
    #[serde(default = "yes")]
    #[garde(skip)]
    pub persist_enabled: bool,
    /// Encoding.
    #[garde(skip)]
    pub serde: Option<Map<String, Value>>,
    /// Sharing.
    #[serde(default)]
    #[garde(skip)]
    pub shared: bool,
    /// Affinity.
    #[serde(default = "tag")]
    #[garde(length(min = 1))]
    pub affinity_tag: String,
}}
pub fn parse{index}(value: &Value) -> Result<Config{index}, String> {{
    let config = Config{index}::deserialize(value).map_err(|error| error.to_string())?;
    config.validate().map_err(|report| report.to_string())?;
    Ok(config)
}}
pub fn schema{index}() -> Value {{ schemars::schema_for!(Config{index}).to_value() }}
"#
        );
    }
    source
}
