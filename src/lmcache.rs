//! LMCache as the peer that specs are for: the versions whose specs are known here, and the one that is installed.

use std::{
    ffi::OsString,
    fmt, fs,
    path::{Path, PathBuf},
};

use l2_adapter_schema::{Peer, Version};

/// A version in this file. A text that is not a version does not compile.
const fn version(text: &str) -> Version {
    match Version::parse(text) {
        Some(version) => version,
        None => panic!("not a version"),
    }
}

/// The versions whose specs are known, the oldest first.
pub const VERSIONS: &[Version] = &[version("0.5.6"), version("0.5.7")];

/// The default version for which specs are checked: the last released one.
pub const RELEASED: Version = VERSIONS[0];

/// LMCache in one version. `choose` returns how a user chooses another one, for messages.
///
/// ```
/// use l2_adapter::{L2AdapterConfig, lmcache, registry::GlobalTypes};
/// use l2_adapter::adapters::fs_l2_adapter::FsL2AdapterConfig;
/// use serde_json::json;
///
/// let lmcache = lmcache::peer(lmcache::known_version("0.5.7rc2")?, |version| format!("--lmcache {version}"));
/// let context = GlobalTypes::CONTEXT.with_peer(&lmcache);
/// let document = json!({"base_path": "/cache", "affinity_tag": "fast"});
/// let error = FsL2AdapterConfig::parse(document.as_object().unwrap(), &context).unwrap_err();
/// assert_eq!(
///     error.faults[0].message,
///     "`affinity_tag` is only in LMCache before 0.5.7, and this checks for 0.5.7: leave it out, or check for another version \
///      with `--lmcache 0.5.6`"
/// );
/// # Ok::<(), l2_adapter::lmcache::UnknownVersion>(())
/// ```
pub const fn peer(version: Version, choose: fn(Version) -> String) -> Peer<'static> {
    Peer::new("LMCache", version).with_choice(VERSIONS, choose)
}

/// The known version that a text names. A pre-release, such as `0.5.7rc2`, counts as the release that it becomes.
///
/// # Errors
///
/// If it is none of [`VERSIONS`].
pub fn known_version(text: &str) -> Result<Version, UnknownVersion> {
    let end = text.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(text.len());
    let release = Version::parse(text[..end].trim_end_matches('.'));
    release.filter(|version| VERSIONS.contains(version)).ok_or_else(|| UnknownVersion { version: text.to_owned() })
}

/// A version of LMCache whose specs are not known here.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownVersion {
    /// The version, as it was given.
    pub version: String,
}

impl fmt::Display for UnknownVersion {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known: Vec<String> = VERSIONS.iter().map(ToString::to_string).collect();
        write!(
            formatter,
            "the specs of LMCache {:?} are not known here, only those of {}",
            self.version,
            known.join(" and ")
        )
    }
}

impl std::error::Error for UnknownVersion {}

/// The version of the LMCache that a server started here would run, as its package names it: that of the first folder in
/// `PYTHONPATH` that has one, else of the first Python installation that has a command in `PATH`. `variable` looks up
/// environment variables.
///
/// Only folders are read. `None` if there is none, or if it cannot be found without starting a Python.
pub fn installed_version(variable: &dyn Fn(&str) -> Option<OsString>) -> Option<String> {
    let folders = |name: &str| variable(name).map(|value| std::env::split_paths(&value).collect()).unwrap_or_default();
    let (own, commands): (Vec<PathBuf>, Vec<PathBuf>) = (folders("PYTHONPATH"), folders("PATH"));
    let installations = commands.iter().filter(|folder| is_installation(folder)).filter_map(|folder| folder.parent());
    own.into_iter().chain(installations.flat_map(package_folders)).find_map(|folder| version_in(&folder))
}

/// Whether a folder of commands has a Python, or LMCache's own command.
fn is_installation(commands: &Path) -> bool {
    ["lmcache", "python3", "python"].iter().any(|name| commands.join(name).is_file())
}

/// Where the Python versions of an installation have their packages.
fn package_folders(installation: &Path) -> Vec<PathBuf> {
    let libraries = [installation.join("lib"), installation.join("local/lib"), installation.join("lib64")];
    let pythons = libraries.iter().flat_map(|library| names_in(library, "python3").map(move |name| library.join(name)));
    pythons.flat_map(|python| ["site-packages", "dist-packages"].map(|packages| python.join(packages))).collect()
}

/// The version of LMCache whose metadata is in a folder of packages.
fn version_in(packages: &Path) -> Option<String> {
    let name = names_in(packages, "lmcache-").find(|name| name.ends_with(".dist-info"))?;
    Some(name.strip_prefix("lmcache-")?.strip_suffix(".dist-info")?.to_owned())
}

/// The names in a folder with this prefix, sorted. Empty if the folder cannot be read.
fn names_in(folder: &Path, prefix: &str) -> impl Iterator<Item = String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.retain(|name| name.starts_with(prefix));
    names.sort_unstable();
    names.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pre_release_counts_as_its_release() {
        for text in ["0.5.7", "0.5.7rc2", "0.5.7.dev3+g1a2b3c4", "0.5.7.post1"] {
            assert_eq!(known_version(text), Ok(version("0.5.7")), "{text}");
        }
    }

    #[test]
    fn an_unknown_version_is_refused_with_all_known_ones() {
        for text in ["0.5.8", "0.5.70", "1", "", "latest", "0.5", "0.5.7.1"] {
            let error = known_version(text).expect_err("an unknown version").to_string();
            assert!(
                error.contains(&format!("{text:?}")) && error.ends_with("only those of 0.5.6 and 0.5.7"),
                "{error}"
            );
        }
    }
}
