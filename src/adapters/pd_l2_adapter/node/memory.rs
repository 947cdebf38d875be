//! The memory that this process may use, according to the kernel's files. The function that reads files is an argument, so that
//! `check` asks the machine that it is given, and tests use recorded files.

use std::path::{Path, PathBuf};

/// In bytes; `None` if no file has it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::adapters::pd_l2_adapter) struct MachineMemory {
    /// Of the whole machine.
    pub(super) total: Option<u64>,
    /// The memory for new processes without swapping.
    pub(super) available: Option<u64>,
    /// The smallest limit of the process's control group and those around it.
    pub(super) group_limit: Option<u64>,
    /// The one of these groups that leaves the least to new processes.
    pub(super) tightest_group: Option<GroupMemory>,
}

/// A control group with a limit, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct GroupMemory {
    /// The limit minus the used memory. Cached pages that the kernel can drop at once also count as available.
    pub(super) available: u64,
    pub(super) limit: u64,
}

impl MachineMemory {
    /// The contents of the files that `read` finds.
    pub(in crate::adapters::pd_l2_adapter) fn read(read: SystemFiles<'_>) -> Self {
        let information = read(Path::new("/proc/meminfo")).unwrap_or_default();
        let of = |name: &str| {
            let line = information.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
            line.trim().strip_suffix(" kB")?.parse::<u64>().ok()?.checked_mul(1024)
        };
        let groups = groups_with_a_limit(read);
        Self {
            total: of("MemTotal"),
            available: of("MemAvailable"),
            group_limit: groups.iter().map(|(limit, _)| *limit).min(),
            tightest_group: groups
                .iter()
                .filter_map(|(limit, used)| {
                    Some(GroupMemory { available: limit.saturating_sub((*used)?), limit: *limit })
                })
                .min(),
        }
    }

    /// Why buffers of so many bytes cannot be had, with both numbers: the end of a sentence that begins with `buffer_size`.
    pub(in crate::adapters::pd_l2_adapter) fn refusal(&self, wanted_bytes: u64) -> Option<String> {
        let limits = [(self.group_limit, "its control group allows"), (self.total, "this machine has")];
        let smallest = limits.into_iter().filter_map(|(limit, words)| Some((limit?, words))).min()?;
        let (limit, words) = smallest;
        (wanted_bytes > limit).then(|| {
            format!(
                "times the number of TP ranks is {wanted_bytes} bytes, and {words} {limit}: give a smaller `buffer_size`"
            )
        })
    }

    /// The end of a warning about buffers that fit only by taking memory from other processes.
    pub(in crate::adapters::pd_l2_adapter) fn warning(&self, wanted_bytes: u64) -> Option<String> {
        let of_machine = self.available.map(|available| (available, "on this machine".to_owned()));
        let of_group = self
            .tightest_group
            .map(|group| (group.available, format!("of the {} that its control group allows", group.limit)));
        let (available, words) = of_machine.into_iter().chain(of_group).min()?;
        (wanted_bytes > available).then(|| {
            format!(
                "times the number of TP ranks is {wanted_bytes} bytes, and only {available} {words} are available: give a smaller `buffer_size`, or the kernel may kill this process or others"
            )
        })
    }
}

/// The text of a file of the system, if it is there.
pub(in crate::adapters::pd_l2_adapter) type SystemFiles<'a> = &'a dyn Fn(&Path) -> Option<String>;

/// Files of one version of control groups.
struct GroupFiles {
    limit: &'static str,
    used: &'static str,
    /// The name, in `memory.stat`, of cached pages that were not used lately. Like the usage, it counts groups below.
    droppable: &'static str,
}

const VERSION_1: GroupFiles =
    GroupFiles { limit: "memory.limit_in_bytes", used: "memory.usage_in_bytes", droppable: "total_inactive_file" };
const VERSION_2: GroupFiles = GroupFiles { limit: "memory.max", used: "memory.current", droppable: "inactive_file" };

impl GroupFiles {
    /// The limit of a folder's group, and its used memory that cannot be dropped, if the files have them.
    fn read(&self, folder: &Path, read: SystemFiles<'_>) -> Option<(u64, Option<u64>)> {
        let number = |file: &str| read(&folder.join(file))?.trim().parse::<u64>().ok();
        let limit = number(self.limit)?;
        let used = number(self.used).map(|used| used.saturating_sub(self.droppable_bytes(folder, read)));
        Some((limit, used))
    }

    fn droppable_bytes(&self, folder: &Path, read: SystemFiles<'_>) -> u64 {
        let statistics = read(&folder.join("memory.stat")).unwrap_or_default();
        let of_line = |line: &str| line.strip_prefix(self.droppable)?.trim().parse().ok();
        statistics.lines().find_map(of_line).unwrap_or_default()
    }
}

/// The limits from the process's control group to the outermost visible one, with the used memory of each.
fn groups_with_a_limit(read: SystemFiles<'_>) -> Vec<(u64, Option<u64>)> {
    let groups = read(Path::new("/proc/self/cgroup")).unwrap_or_default();
    let groups = groups.lines().flat_map(|line| {
        let mut parts = line.splitn(3, ':').skip(1);
        let (controllers, group) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        match controllers {
            "" => on_the_way_up("/sys/fs/cgroup", group, &VERSION_2, read),
            controllers if controllers.split(',').any(|name| name == "memory") => {
                on_the_way_up("/sys/fs/cgroup/memory", group, &VERSION_1, read)
            }
            _ => Vec::new(),
        }
    });
    groups.collect()
}

/// In a container a group may be named as the machine names it, and only its own files are there: those of folders that are
/// missing are passed over.
fn on_the_way_up(mount: &str, group: &str, files: &GroupFiles, read: SystemFiles<'_>) -> Vec<(u64, Option<u64>)> {
    let group = PathBuf::from(mount).join(group.trim_start_matches('/'));
    let folders = group.ancestors().take_while(|folder| folder.starts_with(mount));
    folders.filter_map(|folder| files.read(folder, read)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;
    const MEMINFO: &str = "MemTotal:       24644380 kB\nMemFree:         5391228 kB\nMemAvailable:   10485760 kB\n";

    /// The memory of a machine with these files. Their names are relative to the root.
    fn read(files: &[(&str, &str)]) -> MachineMemory {
        MachineMemory::read(&|path| {
            let found = files.iter().find(|(name, _)| Path::new("/").join(name) == path);
            found.map(|(_, text)| (*text).to_owned())
        })
    }

    #[test]
    fn without_control_groups_the_machines_memory_is_the_limit() {
        let memory = read(&[("proc/meminfo", MEMINFO), ("proc/self/cgroup", "0::/\n")]);
        let expected =
            MachineMemory { total: Some(24_644_380 << 10), available: Some(10 * GIB), ..MachineMemory::default() };
        assert_eq!(memory, expected);
        assert_eq!(memory.refusal(23 * GIB), None);
        let refusal = memory.refusal(64 * GIB).unwrap();
        assert!(refusal.contains("68719476736 bytes, and this machine has 25235845120"), "{refusal}");
        assert_eq!(memory.warning(10 * GIB), None);
        let warning = memory.warning(11 * GIB).unwrap();
        assert!(warning.contains("11811160064 bytes, and only 10737418240 on this machine are available"), "{warning}");
    }

    #[test]
    fn in_version_2_the_smallest_limit_of_all_groups_above_is_used() {
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
    fn in_version_1_the_smallest_limit_is_used_and_a_huge_number_is_none() {
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
    fn in_version_2_used_memory_except_cached_pages_is_not_available() {
        let memory = read(&[
            ("proc/meminfo", MEMINFO),
            ("proc/self/cgroup", "0::/kubepods.slice/pod7/container\n"),
            // The container alone could have 4 GiB; its pod leaves 2 GiB.
            ("sys/fs/cgroup/kubepods.slice/pod7/container/memory.max", "4294967296\n"),
            ("sys/fs/cgroup/kubepods.slice/pod7/container/memory.current", "0\n"),
            ("sys/fs/cgroup/kubepods.slice/pod7/memory.max", "8589934592\n"),
            ("sys/fs/cgroup/kubepods.slice/pod7/memory.current", "7516192768\n"),
            (
                "sys/fs/cgroup/kubepods.slice/pod7/memory.stat",
                "anon 6442450944\nfile 2147483648\nactive_file 1073741824\ninactive_file 1073741824\nslab 4096\n",
            ),
            ("sys/fs/cgroup/kubepods.slice/memory.max", "max\n"),
            ("sys/fs/cgroup/kubepods.slice/memory.current", "9663676416\n"),
        ]);
        assert_eq!(memory.tightest_group, Some(GroupMemory { available: 2 * GIB, limit: 8 * GIB }));
        assert_eq!((memory.refusal(3 * GIB), memory.warning(2 * GIB)), (None, None));
        let warning = memory.warning(3 * GIB).unwrap();
        let numbers =
            "3221225472 bytes, and only 2147483648 of the 8589934592 that its control group allows are available";
        assert!(warning.contains(numbers), "{warning}");
    }

    #[test]
    fn in_version_1_used_memory_except_cached_pages_is_not_available() {
        let memory = read(&[
            ("proc/meminfo", MEMINFO),
            ("proc/self/cgroup", "4:memory:/docker/1\n0::/\n"),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"),
            ("sys/fs/cgroup/memory/memory.usage_in_bytes", "6443499520\n"),
            ("sys/fs/cgroup/memory/docker/1/memory.limit_in_bytes", "4294967296\n"),
            ("sys/fs/cgroup/memory/docker/1/memory.usage_in_bytes", "4294967296\n"),
            (
                "sys/fs/cgroup/memory/docker/1/memory.stat",
                "cache 0\ninactive_file 4096\nhierarchical_memory_limit 4294967296\ntotal_inactive_file 1073741824\n",
            ),
        ]);
        assert_eq!(memory.tightest_group, Some(GroupMemory { available: GIB, limit: 4 * GIB }));
        assert_eq!(memory.warning(GIB), None);
        assert!(memory.warning(GIB + 1).is_some_and(|warning| warning.contains("only 1073741824 of the 4294967296")));
    }

    #[test]
    fn the_machines_available_memory_is_used_if_it_is_less_than_the_groups() {
        let memory = read(&[
            ("proc/meminfo", MEMINFO),
            ("proc/self/cgroup", "0::/service\n"),
            ("sys/fs/cgroup/service/memory.max", "17179869184\n"),
            ("sys/fs/cgroup/service/memory.current", "4096\n"),
        ]);
        let warning = memory.warning(11 * GIB).unwrap();
        assert!(warning.contains("only 10737418240 on this machine"), "{warning}");
    }

    #[test]
    fn a_group_without_its_usage_limits_but_has_no_warning() {
        let memory =
            read(&[("proc/self/cgroup", "0::/service\n"), ("sys/fs/cgroup/service/memory.max", "4294967296\n")]);
        assert_eq!((memory.group_limit, memory.tightest_group, memory.warning(4 * GIB)), (Some(4 * GIB), None, None));
    }

    #[test]
    fn a_container_with_the_machines_name_of_its_group_finds_its_limit() {
        let memory = read(&[
            ("proc/self/cgroup", "0::/machine.slice/container-1\n"),
            ("sys/fs/cgroup/memory.max", "1073741824\n"),
        ]);
        assert_eq!((memory.group_limit, memory.total), (Some(GIB), None));
    }

    #[test]
    fn without_readable_files_nothing_is_refused() {
        let memory = read(&[]);
        assert_eq!(
            (memory, memory.refusal(u64::MAX), memory.warning(u64::MAX)),
            (MachineMemory::default(), None, None)
        );
    }

    #[test]
    fn this_machines_memory_is_found() {
        assert!(MachineMemory::read(&|path| std::fs::read_to_string(path).ok()).total.is_some_and(|total| total > 0));
    }
}
