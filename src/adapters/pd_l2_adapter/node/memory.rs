//! How much memory this process may have, as the kernel's files say. It reads the files below a folder, so that tests hand it
//! recorded ones.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// In bytes; `None` where no file says it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct MachineMemory {
    /// Of the whole machine.
    pub(super) total: Option<u64>,
    /// What new processes can have without swapping.
    pub(super) available: Option<u64>,
    /// The smallest limit of the process's control group and those around it.
    pub(super) group_limit: Option<u64>,
}

impl MachineMemory {
    /// What the files below `root` say, which is `/` but for tests.
    pub(super) fn read(root: &Path) -> Self {
        let information = fs::read_to_string(root.join("proc/meminfo")).unwrap_or_default();
        let of = |name: &str| {
            let line = information.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
            line.trim().strip_suffix(" kB")?.parse::<u64>().ok()?.checked_mul(1024)
        };
        Self { total: of("MemTotal"), available: of("MemAvailable"), group_limit: group_limit(root) }
    }

    /// Why buffers of so many bytes cannot be had, with both numbers.
    pub(super) fn refusal(&self, wanted_bytes: u64) -> Option<String> {
        let limits = [(self.group_limit, "its control group allows"), (self.total, "this machine has")];
        let smallest = limits.into_iter().filter_map(|(limit, words)| Some((limit?, words))).min()?;
        let (limit, words) = smallest;
        (wanted_bytes > limit).then(|| {
            format!(
                "`buffer_size` times the number of TP ranks is {wanted_bytes} bytes, and {words} {limit}: give a smaller \
                 `buffer_size`"
            )
        })
    }

    /// What to say of buffers that can be had, and not without taking memory from others.
    pub(super) fn warning(&self, wanted_bytes: u64) -> Option<String> {
        let available = self.available.filter(|available| wanted_bytes > *available)?;
        Some(format!(
            "`buffer_size` times the number of TP ranks is {wanted_bytes} bytes, and only {available} are available: others may \
             have to give way, or this process be killed"
        ))
    }
}

/// The limits on the way from the process's control group to the outermost one that can be seen.
fn group_limit(root: &Path) -> Option<u64> {
    let groups = fs::read_to_string(root.join("proc/self/cgroup")).unwrap_or_default();
    let limits = groups.lines().flat_map(|line| {
        let mut parts = line.splitn(3, ':').skip(1);
        let (controllers, group) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        match controllers {
            "" => limits_on_the_way(&root.join("sys/fs/cgroup"), group, "memory.max"),
            controllers if controllers.split(',').any(|name| name == "memory") => {
                limits_on_the_way(&root.join("sys/fs/cgroup/memory"), group, "memory.limit_in_bytes")
            }
            _ => Vec::new(),
        }
    });
    limits.min()
}

/// In a container a group may be named as the machine names it, and only its own files are there: those of folders that are
/// missing are passed over.
fn limits_on_the_way(mount: &Path, group: &str, file: &str) -> Vec<u64> {
    let group = mount.join(group.trim_start_matches('/'));
    let folders: Vec<PathBuf> =
        group.ancestors().take_while(|folder| folder.starts_with(mount)).map(Path::to_owned).collect();
    let limit = |folder: &PathBuf| fs::read_to_string(folder.join(file)).ok()?.trim().parse().ok();
    folders.iter().filter_map(limit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;
    const MEMINFO: &str = "MemTotal:       24644380 kB\nMemFree:         5391228 kB\nMemAvailable:   10485760 kB\n";

    /// A folder with these files.
    fn recorded(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    fn read(files: &[(&str, &str)]) -> MachineMemory {
        MachineMemory::read(recorded(files).path())
    }

    #[test]
    fn a_machine_without_groups_has_what_it_has() {
        let memory = read(&[("proc/meminfo", MEMINFO), ("proc/self/cgroup", "0::/\n")]);
        let expected = MachineMemory { total: Some(24_644_380 << 10), available: Some(10 * GIB), group_limit: None };
        assert_eq!(memory, expected);
        assert_eq!(memory.refusal(23 * GIB), None);
        let refusal = memory.refusal(64 * GIB).unwrap();
        assert!(refusal.contains("68719476736 bytes, and this machine has 25235845120"), "{refusal}");
        assert_eq!(memory.warning(10 * GIB), None);
        let warning = memory.warning(11 * GIB).unwrap();
        assert!(warning.contains("11811160064 bytes, and only 10737418240 are available"), "{warning}");
    }

    #[test]
    fn the_smallest_limit_on_the_way_up_counts_in_version_2() {
        let memory = read(&[
            ("proc/meminfo", MEMINFO),
            ("proc/self/cgroup", "0::/kubepods.slice/pod7/container\n"),
            ("sys/fs/cgroup/memory.max", "max\n"),
            ("sys/fs/cgroup/kubepods.slice/memory.max", "17179869184\n"),
            ("sys/fs/cgroup/kubepods.slice/pod7/memory.max", "4294967296\n"),
            ("sys/fs/cgroup/kubepods.slice/pod7/container/memory.max", "max\n"),
        ]);
        assert_eq!(memory.group_limit, Some(4 * GIB));
        let refusal = memory.refusal(5 * GIB).unwrap();
        assert!(refusal.contains("5368709120 bytes, and its control group allows 4294967296"), "{refusal}");
    }

    #[test]
    fn so_it_does_in_version_1_where_no_limit_is_a_number_larger_than_any_memory() {
        let memory = read(&[
            ("proc/meminfo", MEMINFO),
            ("proc/self/cgroup", "11:cpu,cpuacct:/docker/1\n4:memory:/docker/1\n1:name=systemd:/docker/1\n"),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"),
            ("sys/fs/cgroup/memory/docker/1/memory.limit_in_bytes", "2147483648\n"),
        ]);
        assert_eq!(memory.group_limit, Some(2 * GIB));
        let unlimited = read(&[
            ("proc/meminfo", MEMINFO),
            ("proc/self/cgroup", "4:memory:/\n"),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"),
        ]);
        assert_eq!((unlimited.refusal(20 * GIB), unlimited.refusal(30 * GIB).is_some()), (None, true));
    }

    #[test]
    fn a_container_that_names_its_group_as_the_machine_does_still_finds_its_limit() {
        let memory = read(&[
            ("proc/self/cgroup", "0::/machine.slice/container-1\n"),
            ("sys/fs/cgroup/memory.max", "1073741824\n"),
        ]);
        assert_eq!((memory.group_limit, memory.total), (Some(GIB), None));
    }

    #[test]
    fn where_no_file_says_anything_nothing_is_refused() {
        let memory = read(&[]);
        assert_eq!(
            (memory, memory.refusal(u64::MAX), memory.warning(u64::MAX)),
            (MachineMemory::default(), None, None)
        );
    }

    #[test]
    fn this_machine_says_how_much_it_has() {
        assert!(MachineMemory::read(Path::new("/")).total.is_some_and(|total| total > 0));
    }
}
