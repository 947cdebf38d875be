//! The needs of a node on its machine, for `check`: problems that the runtime would find later.

use std::io;

use super::{
    Role,
    advice::{Wanted, with_advice},
    host::Host,
    node::{memory::MachineMemory, settings::all_buffers_bytes},
};
use crate::{Machine, RuleError};

/// The first port that a receiver could not listen on. A server that runs already has its ports.
pub(super) fn free_ports(
    machine: &dyn Machine,
    role: &Role,
    peer_host: &str,
    listen_host: &Option<String>,
    init_ports: &[u16],
    alloc_ports: &[u16],
) -> Result<(), RuleError> {
    if *role != Role::Receiver {
        return Ok(());
    }
    let (host_key, host) = listen_host.as_deref().map_or(("peer_host", peer_host), |host| ("listen_host", host));
    let host = Host::new(host);
    for (key, ports) in [("peer_init_port", init_ports), ("peer_alloc_port", alloc_ports)] {
        for (index, port) in ports.iter().enumerate() {
            let Err(error) = machine.listen(host.as_str(), *port) else { continue };
            let advised = with_advice(Wanted::Listener, &error);
            let is_of_port = matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied);
            return Err(match is_of_port {
                true => RuleError::new(format!("cannot be listened on at {host}: {advised}")).at(key).item(index),
                false => RuleError::new(format!("cannot be listened on: {advised}")).at(host_key),
            });
        }
    }
    Ok(())
}

/// Too little memory is refused; memory that others use at present is worth a warning.
pub(super) fn memory_for_buffers(
    machine: &dyn Machine,
    buffer_size: &u64,
    init_ports: &[u16],
) -> Result<(), RuleError> {
    let memory = MachineMemory::read(&|path| machine.system_file(path).ok());
    let wanted_bytes = all_buffers_bytes(*buffer_size, init_ports.len() as u64);
    match (memory.refusal(wanted_bytes), memory.warning(wanted_bytes)) {
        (Some(refusal), _) => Err(RuleError::new(refusal)),
        (None, Some(warning)) => Err(RuleError::new(warning).as_warning()),
        (None, None) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use serde_json::json;

    use super::*;
    use crate::{Context, L2AdapterConfig as _, PathKind, adapters::pd_l2_adapter::PdL2AdapterConfig};

    /// A machine with 10 GiB, of which 4 GiB are available, where this port is the only free one.
    struct Small {
        free_port: u16,
    }

    impl Machine for Small {
        fn look(&self, _: &Path) -> io::Result<PathKind> {
            Err(io::ErrorKind::NotFound.into())
        }

        fn resolve(&self, path: &Path) -> PathBuf {
            path.to_owned()
        }

        fn listen(&self, _: &str, port: u16) -> io::Result<()> {
            if port == self.free_port { Ok(()) } else { Err(io::ErrorKind::AddrInUse.into()) }
        }

        fn system_file(&self, path: &Path) -> io::Result<String> {
            match path.to_str() {
                Some("/proc/meminfo") => Ok("MemTotal: 10485760 kB\nMemAvailable: 4194304 kB\n".to_owned()),
                _ => Err(io::ErrorKind::NotFound.into()),
            }
        }
    }

    fn found(gibibytes: u64, role: &str) -> Vec<String> {
        let document = json!({
            "role": role, "peer_host": "h", "peer_init_port": [1, 3], "peer_alloc_port": [2, 4],
            "buffer_size": gibibytes << 30,
        });
        let context = Context::empty().with_machine(&Small { free_port: 1 });
        match PdL2AdapterConfig::parse(document.as_object().unwrap(), &context) {
            Ok(parsed) => parsed.warnings.iter().map(ToString::to_string).collect(),
            Err(error) => error.faults.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn the_first_port_in_use_is_named() {
        let found = found(1, "receiver").join("\n");
        assert!(found.starts_with("/peer_init_port/1: `peer_init_port[1]` cannot be listened on at h: "), "{found}");
    }

    #[test]
    fn unavailable_memory_is_a_warning_and_too_little_memory_is_a_fault() {
        assert_eq!(found(1, "sender"), [""; 0]);
        let [warning] = &found(3, "sender")[..] else { panic!("{:?}", found(3, "sender")) };
        assert!(warning.contains("bytes, and only 4294967296 on this machine are available"), "{warning}");
        let [fault] = &found(6, "sender")[..] else { panic!("{:?}", found(6, "sender")) };
        assert!(fault.contains("bytes, and this machine has 10737418240: give a smaller"), "{fault}");
    }
}
