//! `exists`, `access`, `machine_rule`: rules about the machine, which apply only if the context has one.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use l2_adapter::{Access, CommonConfig, Context, Fault, L2AdapterConfig, Machine, PathKind, RuleError};
use serde_json::{Value, json};

use crate::{accepted, object, refused};

/// Shows rules about the machine.
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
    common: CommonConfig,
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
        if !path.starts_with(&mount_point) || !machine.has(&path, PathKind::Directory) {
            let message = format!("must be a directory in {}", mount_point.display());
            return Err(RuleError::new(message).at("base_paths").item(index));
        }
    }
    Ok(())
}

/// A machine with a few paths, whose working directory is `/mnt/store`.
struct Pretended;

impl Machine for Pretended {
    fn look(&self, path: &Path) -> io::Result<PathKind> {
        match self.resolve(path).to_str() {
            Some("/mnt" | "/mnt/store" | "/mnt/store/chunks") => Ok(PathKind::Directory),
            Some("/mnt/store/settings" | "/etc/settings") => Ok(PathKind::File),
            Some("/dev/store") => Ok(PathKind::Device),
            Some("/secret") => Err(io::ErrorKind::PermissionDenied.into()),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// Files below `/etc` can only be read, and `/dev/store` cannot be accessed.
    fn access(&self, path: &Path, access: Access) -> io::Result<()> {
        let path = self.resolve(path);
        let is_denied = path.starts_with("/dev") || (path.starts_with("/etc") && access != Access::Read);
        let is_there = self.look(&path).map(|_| ());
        if is_denied { Err(io::ErrorKind::PermissionDenied.into()) } else { is_there }
    }

    fn resolve(&self, path: &Path) -> PathBuf {
        if path == Path::new(".") { "/mnt/store".into() } else { Path::new("/mnt/store").join(path) }
    }
}

/// The faults of a document on the simulated machine.
fn faults(document: Value) -> Vec<Fault> {
    let context = Context::empty().with_machine(&Pretended);
    Mounted::parse(&object(document), &context).map_or_else(|error| error.faults, |_| Vec::new())
}

/// The pointer and code of each fault.
fn refused_here(document: Value) -> Vec<String> {
    faults(document).iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect()
}

#[test]
fn without_a_machine_every_path_is_accepted() {
    let document =
        json!({"mount_point": "/none", "device": "/none", "settings": "/none", "others": {"/none": "/none"}});
    assert_eq!(accepted::<Mounted>(document).mount_point, Path::new("/none"));
    assert_eq!(refused::<Mounted>(json!({"mount_point": " "})), ["/mount_point blank"]);
}

#[test]
fn a_path_that_exists_as_required_is_accepted() {
    let document = json!({
        "mount_point": "/mnt", "base_paths": ["chunks", "/mnt/store"], "device": "/dev/store",
        "settings": "/etc/settings", "others": {"chunks": "settings"},
    });
    assert_eq!(refused_here(document), [""; 0]);
    assert_eq!(refused_here(json!({"mount_point": ".", "device": null})), [""; 0]);
}

#[test]
fn a_path_that_does_not_exist_is_refused() {
    let faults = faults(json!({"mount_point": "/none"}));
    assert_eq!(faults.len(), 1);
    let expected = "/mount_point: `mount_point` must be an existing directory on this machine, got \"/none\"";
    assert_eq!(faults[0].to_string(), expected);
    assert_eq!(faults[0].expected.as_deref(), Some("an existing directory on this machine"));
}

#[test]
fn a_path_of_another_kind_is_refused_with_its_kind() {
    let message = |document| faults(document)[0].message.clone();
    let text = message(json!({"mount_point": "/mnt", "device": "/etc/settings"}));
    assert_eq!(text, "`device` must be an existing device on this machine, not a file");
    let text = message(json!({"mount_point": "/mnt", "settings": "/mnt"}));
    assert_eq!(text, "`settings` must be an existing file on this machine, not a directory");
    let text = message(json!({"mount_point": "/secret"}));
    assert!(text.contains("the path cannot be accessed (permission denied)"), "{text}");
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
    common: CommonConfig,
}

#[test]
fn exists_also_applies_to_a_literal_default() {
    let error = Defaulted::parse(&object(json!({})), &Context::empty().with_machine(&Pretended)).unwrap_err();
    let faults: Vec<_> = error.faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect();
    assert_eq!(faults, ["/file not_on_machine", "/folder not_on_machine"]);
    assert_eq!(accepted::<Defaulted>(json!({})).folder, "/none");
}

#[test]
fn a_machine_rule_points_at_the_key_that_it_names() {
    let faults = refused_here(json!({"mount_point": "/mnt", "base_paths": ["chunks", "/etc", "none"]}));
    assert_eq!(faults, ["/base_paths/1 not_on_machine"]);
    let faults = self::faults(json!({"mount_point": "/mnt", "base_paths": ["/etc"]}));
    assert_eq!(faults[0].message, "`base_paths[0]` must be a directory in /mnt");
}

#[test]
fn a_machine_rule_is_not_run_on_invalid_fields() {
    let faults = refused_here(json!({"mount_point": "/none", "base_paths": ["/etc"]}));
    assert_eq!(faults, ["/mount_point not_on_machine"]);
}

#[test]
fn machine_rules_run_after_cross_field_rules_and_before_warnings() {
    let faults = refused_here(json!({"mount_point": "/mnt", "base_paths": [], "extra": 1}));
    assert_eq!(faults, ["/base_paths rule", "/extra unknown_key"]);
    assert_eq!(refused_here(json!({"mount_point": "/mnt", "base_paths": ["a", "b", "c"]})).len(), 1);
}

#[test]
fn help_documents_rules_about_the_machine() {
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

/// Shows rules about access to paths.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "machine-access")]
#[config(machine_rule(name = "near", doc = "`created` is below `/mnt`.", reads(created), check = near))]
struct Used {
    /// A file.
    #[config(exists = file, access = read)]
    read: Option<PathBuf>,
    /// A file or a device.
    #[config(exists = [device, file], access = write)]
    written: Option<PathBuf>,
    /// A folder.
    #[config(access = create)]
    created: Option<PathBuf>,
    common: CommonConfig,
}

fn near(machine: &dyn Machine, created: &Option<PathBuf>) -> Result<(), RuleError> {
    match created.as_deref().map(|path| machine.resolve(path)) {
        Some(path) if !path.starts_with("/mnt") => Err(RuleError::new("is far away").as_warning()),
        _ => Ok(()),
    }
}

/// The faults, or else the warnings, about paths on the simulated machine.
fn used(document: Value) -> Vec<String> {
    match Used::parse(&object(document), &Context::empty().with_machine(&Pretended)) {
        Ok(parsed) => parsed.warnings.iter().map(ToString::to_string).collect(),
        Err(error) => error.faults.into_iter().map(|fault| fault.message).collect(),
    }
}

#[test]
fn a_path_must_be_usable_as_required() {
    let denied = "(permission denied)";
    for (document, expected) in [
        (json!({"read": "/etc/settings"}), String::new()),
        (json!({"written": "settings"}), String::new()),
        (json!({"created": "chunks"}), String::new()),
        (json!({"created": "chunks/not/there/yet"}), String::new()),
        (
            json!({"written": "/etc/settings"}),
            format!("`written` must be readable and writable for this process on this machine {denied}"),
        ),
        (
            json!({"written": "/dev/store"}),
            format!("`written` must be readable and writable for this process on this machine {denied}"),
        ),
        // One fault for one cause.
        (json!({"read": "/none"}), "`read` must be an existing file on this machine".to_owned()),
        (json!({"read": "/mnt"}), "`read` must be an existing file on this machine, not a directory".to_owned()),
        (
            json!({"created": "settings"}),
            "`created` must be a directory that is writable or can be created for this process on this machine, and \
             /mnt/store/settings cannot be used (it is a file)"
                .to_owned(),
        ),
        (
            json!({"created": "/mnt/store/settings/below"}),
            "`created` must be a directory that is writable or can be created for this process on this machine, and \
             /mnt/store/settings cannot be used (it is a file)"
                .to_owned(),
        ),
        (
            json!({"created": "/secret"}),
            format!(
                "`created` must be a directory that is writable or can be created for this process on this machine {denied}"
            ),
        ),
    ] {
        assert_eq!(used(document.clone()).join("; "), expected, "{document}");
    }
}

#[test]
fn a_machine_rule_may_only_warn() {
    assert_eq!(used(json!({"created": "/none"})), ["/created: `created` is far away"]);
}

#[test]
fn access_is_documented_and_checked_only_on_a_machine() {
    let document = json!({"read": "/none", "written": "/etc/settings", "created": "/etc/settings"});
    assert!(accepted::<Used>(document).read.is_some());
    let help = Used::help().split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "an existing file when checked on the machine, readable when checked on the machine",
        "can be created when checked",
    ] {
        assert!(help.contains(words), "{words} is not in\n{help}");
    }
    let schema =
        l2_adapter_schema::editor_schema_of(<Used as l2_adapter_schema::Section>::table(), &[], None).to_value();
    let access = ["read", "written", "created"].map(|key| schema["properties"][key]["x-access"].clone());
    assert_eq!(access, ["read", "write", "create"]);
}
