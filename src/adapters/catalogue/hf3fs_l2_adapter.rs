//! `hf3fs`: keeps KV chunks in a 3FS file system. Configuration only.

use std::{
    collections::BTreeMap,
    path::{Component, Path, PathBuf},
};

use crate::{BLANK, CommonConfig, L2AdapterConfig, Machine, PathKind, RuleError};

/// Keeps KV chunks in a 3FS file system.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "hf3fs")]
#[config(also_known_as = ["3fs", "usrbio", "deepseek_3fs"])]
#[config(rule(
    name = "under_the_mount_point",
    doc = "Each of `base_paths` begins with `mount_point`, letter by letter, and is under it.",
    reads(base_paths, mount_point),
    check = under_the_mount_point,
))]
#[config(machine_rule(
    name = "directories_under_the_mount_point",
    doc = "Each of `base_paths` is a directory at or under `mount_point`.",
    reads(base_paths, mount_point),
    check = directories_under_the_mount_point,
))]
pub struct Hf3fsL2AdapterConfig {
    /// The directory where 3FS is mounted.
    #[config(required, min_length = 1, must_not_contain = "\0", exists = directory, example = "/mnt/3fs")]
    #[config(also_known_as = ["mount", "mount_path"])]
    pub mount_point: PathBuf,
    /// The directories under `mount_point` that hold the files, with commas between them; white space around them is stripped.
    /// Relative paths, also that of `mount_point`, begin in the server's working directory.
    #[config(required, must_not_contain = "\0", parse_with = split_at_commas, write_with = join_with_commas)]
    #[config(example = "/mnt/3fs/kv-0,/mnt/3fs/kv-1")]
    #[config(also_known_as = ["path", "paths", "directories"])]
    pub base_paths: Vec<PathBuf>,
    /// Threads that read and write.
    #[config(default = 4, min = 1)]
    #[config(also_known_as = ["num_threads", "threads", "max_workers", "io_threads"])]
    pub num_workers: u32,
    /// How many requests an I/O ring holds.
    #[config(default = 256, min = 128, max = 1024)]
    pub ior_entries: u32,
    /// How requests are batched: as 3FS defines it, 0 sends each at once.
    #[config(default = 0, min = -128, max = 128)]
    pub io_depth: i32,
    /// The NUMA node of the buffers. -1: the node on which each thread runs.
    #[config(default = -1)]
    pub numa_id: i32,
    /// The I/O buffer of one thread.
    #[config(default = 209715200, min = 104857600, max = 2147483648, unit = bytes)]
    pub iov_size: u64,
    /// Whether the names of stored chunks are kept in memory, so that lookups ask no file system.
    #[config(default = true)]
    pub enable_key_buffer: bool,
    /// Separate threads for some operations. Absent or null: all operations use those of `num_workers`.
    #[config(keys(allowed = ["lookup", "retrieve", "store", "delete"]), each(min = 1))]
    #[config(example = {"lookup": 2})]
    pub per_op_workers: Option<BTreeMap<String, u32>>,
    /// The keys that every adapter shares.
    pub common: CommonConfig,
}

fn split_at_commas(paths: String) -> Result<Vec<PathBuf>, RuleError> {
    let parts: Vec<&str> = paths.split(',').map(|part| part.trim_matches(BLANK)).collect();
    if parts.contains(&"") {
        return Err(RuleError::new("must name a directory before and after each comma"));
    }
    Ok(parts.into_iter().map(PathBuf::from).collect())
}

fn join_with_commas(paths: &[PathBuf]) -> String {
    // Only `split_at_commas` makes these, so each is text.
    paths.iter().map(|path| path.to_string_lossy()).collect::<Vec<_>>().join(",")
}

/// LMCache resolves the paths, and its connector compares them as text. Where `..` leads, the machine knows.
fn under_the_mount_point(base_paths: &[PathBuf], mount_point: &Path) -> Result<(), RuleError> {
    let written = |path: &Path| path.as_os_str().as_encoded_bytes().to_owned();
    let has_detour = |path: &Path| path.components().any(|part| part == Component::ParentDir);
    let is_under = |path: &Path| {
        written(path).starts_with(&written(mount_point)) && (path.starts_with(mount_point) || has_detour(path))
    };
    match base_paths.iter().find(|path| !is_under(path)) {
        Some(path) => Err(RuleError::new(format!(
            "must begin with `mount_point` and lie under it, and `{}` does not",
            path.display()
        ))),
        None => Ok(()),
    }
}

/// LMCache's own check, which follows links.
fn directories_under_the_mount_point(
    machine: &dyn Machine,
    base_paths: &[PathBuf],
    mount_point: &Path,
) -> Result<(), RuleError> {
    let mount_point = machine.resolve(mount_point);
    for path in base_paths {
        let resolved = machine.resolve(path);
        if !machine.has(&resolved, PathKind::Directory) {
            return Err(RuleError::new(format!("must lead to directories, and `{}` does not", path.display())));
        }
        if !resolved.starts_with(&mount_point) {
            return Err(RuleError::new(format!("must lie under `mount_point`, and `{}` does not", path.display())));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io;

    use serde_json::json;

    use super::*;
    use crate::Context;

    /// A machine with some directories and one link.
    struct Mounted;

    impl Machine for Mounted {
        fn look(&self, path: &Path) -> io::Result<PathKind> {
            let is_there =
                ["/mnt/3fs", "/mnt/3fs/kv", "/mnt/3fs/away", "/data"].iter().any(|known| path == Path::new(known));
            if is_there { Ok(PathKind::Directory) } else { Err(io::ErrorKind::NotFound.into()) }
        }

        fn resolve(&self, path: &Path) -> PathBuf {
            if path == Path::new("/mnt/3fs/away") { PathBuf::from("/data") } else { path.to_owned() }
        }
    }

    /// The fault of these base paths on that machine, empty if they are valid.
    fn fault(base_paths: &str) -> String {
        let document = json!({"mount_point": "/mnt/3fs", "base_paths": base_paths});
        let context = Context::empty().with_machine(&Mounted);
        let parsed = Hf3fsL2AdapterConfig::parse(document.as_object().expect("an object"), &context);
        parsed.err().map(|error| error.faults[0].message.clone()).unwrap_or_default()
    }

    #[test]
    fn on_a_machine_each_base_path_must_be_a_directory() {
        assert_eq!(fault("/mnt/3fs/kv, /mnt/3fs"), "");
        assert_eq!(fault("/mnt/3fs/gone"), "`base_paths` must lead to directories, and `/mnt/3fs/gone` does not");
    }

    #[test]
    fn on_a_machine_a_link_must_not_lead_out_of_the_mount_point() {
        assert_eq!(fault("/mnt/3fs/away"), "`base_paths` must lie under `mount_point`, and `/mnt/3fs/away` does not");
    }
}
