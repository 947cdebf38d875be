//! `exists`, `machine_rule`: what is asked of the machine, and nothing where there is none.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use l2_adapter::{Context, Existing, Fault, L2AdapterConfig, Machine, RuleError, SharedConfig};
use serde_json::{Value, json};

use crate::{accepted, object, refused};

/// Shows what the machine is asked.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "machine")]
#[config(rule(name = "named", doc = "The first path names the mount point.", reads(base_paths), check = named))]
#[config(machine_rule(
    name = "base_paths_in_mount_point",
    doc = "Each of `base_paths` is a directory in `mount_point`.",
    reads(mount_point, base_paths),
    check = base_paths_in_mount_point,
))]
#[config(warning(name = "many", doc = "Many paths are slow.", reads(base_paths), check = few))]
struct Mounted {
    /// Where the file system is mounted.
    #[config(required, not_blank, exists = directory, example = "/mnt/kv")]
    mount_point: PathBuf,
    /// Directories in it.
    #[config(default = ["."], each(not_blank))]
    base_paths: Vec<String>,
    /// A device.
    #[config(exists = device)]
    device: Option<PathBuf>,
    /// A file.
    #[config(default = "settings", env = "MACHINE_SETTINGS", exists = file)]
    settings: PathBuf,
    /// Sockets by directory.
    #[config(default_with = BTreeMap::new, default_doc = "none", keys(exists = directory), each(exists = file))]
    others: BTreeMap<String, String>,
    shared: SharedConfig,
}

fn named(base_paths: &[String]) -> Result<(), RuleError> {
    if base_paths.is_empty() { Err(RuleError::new("must not be empty")) } else { Ok(()) }
}

fn few(base_paths: &[String]) -> Result<(), RuleError> {
    if base_paths.len() < 3 { Ok(()) } else { Err(RuleError::new("is long")) }
}

fn base_paths_in_mount_point(
    machine: &dyn Machine,
    mount_point: &Path,
    base_paths: &[String],
) -> Result<(), RuleError> {
    let mount_point = machine.resolve(mount_point);
    for (index, path) in base_paths.iter().enumerate() {
        let path = machine.resolve(Path::new(path));
        if !path.starts_with(&mount_point) || !machine.has(&path, Existing::Directory) {
            let message = format!("must be a directory in {}", mount_point.display());
            return Err(RuleError::new(message).at("base_paths").item(index));
        }
    }
    Ok(())
}

/// A machine with a few paths, whose working directory is `/mnt/store`.
struct Pretended;

impl Machine for Pretended {
    fn look(&self, path: &Path) -> io::Result<Existing> {
        match self.resolve(path).to_str() {
            Some("/mnt" | "/mnt/store" | "/mnt/store/chunks") => Ok(Existing::Directory),
            Some("/mnt/store/settings" | "/etc/settings") => Ok(Existing::File),
            Some("/dev/store") => Ok(Existing::Device),
            Some("/secret") => Err(io::ErrorKind::PermissionDenied.into()),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn resolve(&self, path: &Path) -> PathBuf {
        if path == Path::new(".") { "/mnt/store".into() } else { Path::new("/mnt/store").join(path) }
    }
}

/// What is wrong with a document on the pretended machine.
fn faults(document: Value) -> Vec<Fault> {
    let context = Context::empty().with_machine(&Pretended);
    Mounted::parse(&object(document), &context).map_or_else(|error| error.faults, |_| Vec::new())
}

/// Pointer and code of each.
fn refused_here(document: Value) -> Vec<String> {
    faults(document).iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect()
}

#[test]
fn without_a_machine_every_path_will_do() {
    let document =
        json!({"mount_point": "/none", "device": "/none", "settings": "/none", "others": {"/none": "/none"}});
    assert_eq!(accepted::<Mounted>(document).mount_point, Path::new("/none"));
    assert_eq!(refused::<Mounted>(json!({"mount_point": " "})), ["/mount_point blank"]);
}

#[test]
fn what_exists_as_asked_is_accepted() {
    let document = json!({
        "mount_point": "/mnt", "base_paths": ["chunks", "/mnt/store"], "device": "/dev/store",
        "settings": "/etc/settings", "others": {"chunks": "settings"},
    });
    assert_eq!(refused_here(document), [""; 0]);
    assert_eq!(refused_here(json!({"mount_point": ".", "device": null})), [""; 0]);
}

#[test]
fn a_path_that_leads_nowhere_is_refused() {
    let faults = faults(json!({"mount_point": "/none"}));
    assert_eq!(faults.len(), 1);
    let expected = "/mount_point: `mount_point` must be an existing directory on this machine, got \"/none\"";
    assert_eq!(faults[0].to_string(), expected);
    assert_eq!(faults[0].expected.as_deref(), Some("an existing directory on this machine"));
}

#[test]
fn a_path_that_leads_elsewhere_is_refused_with_what_is_there() {
    let message = |document| faults(document)[0].message.clone();
    let told = message(json!({"mount_point": "/mnt", "device": "/etc/settings"}));
    assert_eq!(told, "`device` must be an existing device on this machine, not a file");
    let told = message(json!({"mount_point": "/mnt", "settings": "/mnt"}));
    assert_eq!(told, "`settings` must be an existing file on this machine, not a directory");
    let told = message(json!({"mount_point": "/secret"}));
    assert!(told.contains("the path cannot be accessed (permission denied)"), "{told}");
}

#[test]
fn exists_also_applies_to_entries_and_keys() {
    let faults = refused_here(json!({"mount_point": "/mnt", "others": {"settings": "chunks"}}));
    assert_eq!(faults, ["/others/settings not_on_machine"; 2]);
}

#[test]
fn exists_also_applies_to_a_value_from_the_environment() {
    let elsewhere = |name: &str| (name == "MACHINE_SETTINGS").then(|| "/none".into());
    let context = Context::empty().with_machine(&Pretended).with_environment(&elsewhere);
    let error = Mounted::parse(&object(json!({"mount_point": "/mnt"})), &context).unwrap_err();
    assert!(error.to_string().contains("from the environment variable MACHINE_SETTINGS, must be an existing file"));
}

/// Shows a default that does not exist.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "machine-default")]
struct Defaulted {
    /// A file.
    #[config(default = "/mnt", exists = file)]
    file: String,
    /// A folder.
    #[config(default = "/none", alias = "directory", exists = directory)]
    folder: String,
    /// Another.
    #[config(default = "/mnt", exists = directory)]
    other: String,
    shared: SharedConfig,
}

#[test]
fn exists_also_applies_to_a_literal_default() {
    let error = Defaulted::parse(&object(json!({})), &Context::empty().with_machine(&Pretended)).unwrap_err();
    let faults: Vec<_> = error.faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect();
    assert_eq!(faults, ["/file not_on_machine", "/folder not_on_machine"]);
    assert_eq!(accepted::<Defaulted>(json!({})).folder, "/none");
}

#[test]
fn a_machine_rule_points_to_the_key_that_it_names() {
    let faults = refused_here(json!({"mount_point": "/mnt", "base_paths": ["chunks", "/etc", "none"]}));
    assert_eq!(faults, ["/base_paths/1 not_on_machine"]);
    let faults = self::faults(json!({"mount_point": "/mnt", "base_paths": ["/etc"]}));
    assert_eq!(faults[0].message, "`base_paths[0]` must be a directory in /mnt");
}

#[test]
fn a_machine_rule_is_not_run_on_what_is_faulty() {
    let faults = refused_here(json!({"mount_point": "/none", "base_paths": ["/etc"]}));
    assert_eq!(faults, ["/mount_point not_on_machine"]);
}

#[test]
fn a_machine_rule_comes_after_the_rules_and_before_warnings() {
    let faults = refused_here(json!({"mount_point": "/mnt", "base_paths": [], "extra": 1}));
    assert_eq!(faults, ["/base_paths rule", "/extra unknown_key"]);
    assert_eq!(refused_here(json!({"mount_point": "/mnt", "base_paths": ["a", "b", "c"]})).len(), 1);
}

#[test]
fn what_the_machine_is_asked_is_documented() {
    let help = Mounted::help().split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "mount_point (path, required; not blank, an existing directory when checked on the machine)",
        "Rules when checked on the machine: base_paths_in_mount_point: Each of `base_paths`",
    ] {
        assert!(help.contains(words), "{words} is not in\n{help}");
    }
    assert!(Mounted::markdown().contains("Accepted: not blank, an existing directory when checked on the machine."));
    let schema =
        l2_adapter_schema::editor_schema_of(<Mounted as l2_adapter_schema::Section>::table(), &[], None).to_value();
    assert_eq!(schema["x-machine-rules"][0]["name"], "base_paths_in_mount_point");
    let mount_point = &schema["properties"]["mount_point"];
    assert_eq!(mount_point["x-exists"], json!(["directory"]));
    let hover = mount_point["markdownDescription"].as_str().unwrap();
    assert!(hover.contains("an existing directory when checked on the machine"), "{hover}");
}
