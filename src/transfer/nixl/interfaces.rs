//! The network interfaces that UCX would use. UCX lists them once, when an agent is created: measured, an agent that was
//! created while its link was down never reaches a peer, even when the link is back.

use std::{fs, path::Path};

/// Linux's description of its interfaces.
pub(super) const SYSTEM_FOLDER: &str = "/sys/class/net";

/// `IFF_LOOPBACK` of Linux.
const LOOPBACK: u32 = 0x8;

/// If the machine has interfaces other than loopback and none of them works: their names and states. `None` if one works, if
/// there is only loopback, or if nothing can be read.
pub(super) fn all_down(folder: &Path) -> Option<Vec<String>> {
    let names = fs::read_dir(folder).ok()?.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut interfaces: Vec<(String, String)> = names.filter_map(|name| interface(folder, name)).collect();
    interfaces.sort();
    // A driver that does not know the state of its link reports "unknown": such a link is used.
    let works = |state: &str| matches!(state, "up" | "unknown");
    let none_works = !interfaces.is_empty() && !interfaces.iter().any(|(_, state)| works(state));
    none_works.then(|| interfaces.into_iter().map(|(name, state)| format!("{name} is {state}")).collect())
}

/// Name and state of an interface other than loopback.
fn interface(folder: &Path, name: String) -> Option<(String, String)> {
    let read = |file: &str| fs::read_to_string(folder.join(&name).join(file)).ok();
    let flags = read("flags")?;
    let flags = u32::from_str_radix(flags.trim().trim_start_matches("0x"), 16).ok()?;
    let state = read("operstate")?.trim().to_owned();
    (flags & LOOPBACK == 0).then_some((name, state))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(interfaces: &[(&str, &str, &str)]) -> Option<Vec<String>> {
        let folder = tempfile::tempdir().unwrap();
        for (name, flags, state) in interfaces {
            fs::create_dir(folder.path().join(name)).unwrap();
            fs::write(folder.path().join(name).join("flags"), format!("{flags}\n")).unwrap();
            fs::write(folder.path().join(name).join("operstate"), format!("{state}\n")).unwrap();
        }
        all_down(folder.path())
    }

    const LO: (&str, &str, &str) = ("lo", "0x9", "unknown");

    #[test]
    fn a_machine_whose_interfaces_are_all_down_is_detected() {
        let down = machine(&[LO, ("eth0", "0x1003", "down"), ("eth1", "0x1003", "lowerlayerdown")]);
        assert_eq!(down, Some(vec!["eth0 is down".to_owned(), "eth1 is lowerlayerdown".to_owned()]));
    }

    #[test]
    fn one_working_interface_is_enough() {
        assert_eq!(machine(&[LO, ("docker0", "0x1003", "down"), ("eth0", "0x1003", "up")]), None);
        assert_eq!(machine(&[LO, ("wg0", "0x91", "unknown")]), None);
    }

    #[test]
    fn a_machine_with_only_loopback_may_use_it() {
        assert_eq!(machine(&[LO]), None);
        assert_eq!(all_down(Path::new("/nowhere")), None);
    }
}
