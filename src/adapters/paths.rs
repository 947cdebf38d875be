//! What several types ask of the machine about their paths.

#[cfg(feature = "lmcache-catalogue")]
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

#[cfg(feature = "lmcache-catalogue")]
use crate::Access;
use crate::{Machine, RuleError};

/// LMCache creates no adapter with a directory for unfinished files that is not under that of the finished ones.
pub(crate) fn relative_tmp_dir(path: &Path) -> Result<(), RuleError> {
    let is_outside = |part: Component<'_>| !matches!(part, Component::Normal(_) | Component::CurDir);
    if !path.components().any(is_outside) {
        return Ok(());
    }
    let inside: PathBuf = path.components().filter(|part| matches!(part, Component::Normal(_))).collect();
    let instead = inside.file_name().map_or("tmp".into(), |name| name.to_string_lossy());
    Err(RuleError::new(format!("leads out of `base_path`: write a path in it without `..`, such as \"{instead}\"")))
}

/// Files past the page cache, if they are wanted, need a file system that takes them: every later write would fail.
pub(crate) fn direct_io(machine: &dyn Machine, is_wanted: &bool, path: &Path) -> Result<(), RuleError> {
    match machine.direct_io(path) {
        Err(error) if *is_wanted => Err(RuleError::new(format!(
            "needs a file system with `O_DIRECT`, and that of {} refuses it ({error}): write false, or a path on another one",
            path.display()
        ))),
        _ => Ok(()),
    }
}

/// The directory that the parameters of a NIXL backend name for its files.
#[cfg(feature = "lmcache-catalogue")]
pub(crate) fn directory_of_files(machine: &dyn Machine, params: &BTreeMap<String, String>) -> Result<(), RuleError> {
    let Some(path) = params.get("file_path").map(Path::new) else { return Ok(()) };
    if let Some(refusal) = machine.refusal(path, Access::Create) {
        return Err(RuleError::new(refusal).at("backend_params").key("file_path"));
    }
    let is_wanted = params.get("use_direct_io").is_some_and(|text| text.eq_ignore_ascii_case("true"));
    direct_io(machine, &is_wanted, path).map_err(|error| error.at("backend_params").key("use_direct_io"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_temporary_directory_is_inside_the_base_path() {
        for (path, instead) in
            [("../x", "x"), ("a/../b", "b"), ("/tmp", "tmp"), ("/", "tmp"), ("..", "tmp"), ("a/..", "a")]
        {
            let error = format!("{:?}", relative_tmp_dir(Path::new(path)));
            assert!(error.contains(&format!("such as \\\"{instead}\\\"")), "{path}: {error}");
        }
        for path in ["", "tmp", "a/b", "./tmp", "..tmp", "a..b"] {
            assert_eq!(relative_tmp_dir(Path::new(path)), Ok(()), "{path}");
        }
    }
}
