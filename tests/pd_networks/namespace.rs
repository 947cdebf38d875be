//! Network namespaces of the kernel. Their names contain the id of the process that created them, so that a later run finds and
//! removes those of a run that was killed.

use std::{
    fs,
    io::Read as _,
    process::{Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
};

use rustix::process::{Pid, Signal, kill_process};

/// Names are `l2-adapter-PID-NUMBER`.
const PREFIX: &str = "l2-adapter-";
/// Where `ip netns` keeps them.
const FOLDER: &str = "/run/netns";
/// Where `ip netns exec` finds the files that replace those of `/etc` inside a namespace.
const FILES: &str = "/etc/netns";

/// A network namespace. Dropping it kills every process in it and removes it.
pub(crate) struct Namespace(String);

impl Namespace {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let namespace = Self(format!("{PREFIX}{}-{number}", std::process::id()));
        ip(&format!("netns add {}", namespace.0)).unwrap();
        namespace.ip("link set lo up");
        namespace
    }

    pub(crate) fn name(&self) -> &str {
        &self.0
    }

    /// Runs `ip` inside.
    #[track_caller]
    pub(crate) fn ip(&self, arguments: &str) -> String {
        ip(&format!("-n {} {arguments}", self.0)).unwrap()
    }

    /// Runs `nft` commands inside as one transaction.
    #[track_caller]
    pub(crate) fn nft(&self, commands: &str) {
        output(self.command("nft").arg(commands)).unwrap();
    }

    /// Replaces a file of `/etc` for commands that are started inside from now on.
    pub(crate) fn replace_file(&self, name: &str, content: &str) {
        let folder = format!("{FILES}/{}", self.0);
        fs::create_dir_all(&folder).unwrap();
        fs::write(format!("{folder}/{name}"), content).unwrap();
    }

    /// A command that runs inside.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.0, program]);
        command
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        remove(&self.0);
    }
}

fn remove(name: &str) {
    for process in ip(&format!("netns pids {name}")).unwrap_or_default().lines() {
        if let Some(process) = process.parse().ok().and_then(Pid::from_raw) {
            // The process may have ended by itself.
            let _ = kill_process(process, Signal::KILL);
        }
    }
    // Another run may have removed it just now.
    let _ = ip(&format!("netns delete {name}"));
    // Most namespaces have no files.
    let _ = fs::remove_dir_all(format!("{FILES}/{name}"));
}

/// Removes the namespaces of processes that are dead.
pub(crate) fn remove_stale() {
    let names = fs::read_dir(FOLDER).into_iter().flatten().flatten();
    for name in names.filter_map(|entry| entry.file_name().into_string().ok()) {
        let process = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').next());
        if process.is_some_and(|process| !fs::exists(format!("/proc/{process}")).unwrap()) {
            remove(&name);
        }
    }
}

/// Creates a namespace with a process in it, as a killed run leaves one, and checks that both are removed.
pub(crate) fn check_that_stale_namespaces_are_removed() {
    let mut killed = Command::new("true").spawn().unwrap();
    let name = format!("{PREFIX}{}-0", killed.id());
    killed.wait().unwrap();
    ip(&format!("netns add {name}")).unwrap();
    let mut command = Command::new("ip");
    command.args(["netns", "exec", &name, "sh", "-c", "echo; exec sleep 600"]).stdout(Stdio::piped());
    let mut left = command.spawn().unwrap();
    left.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
    remove_stale();
    assert!(!fs::exists(format!("{FOLDER}/{name}")).unwrap(), "{name} is removed");
    assert!(!left.wait().unwrap().success(), "the process in {name} is killed");
}

/// Why no network can be created on this machine; `None` if one can. Removes stale namespaces, and tries each tool once.
pub(crate) fn obstacle() -> Option<&'static str> {
    static OBSTACLE: OnceLock<Option<String>> = OnceLock::new();
    let look = || {
        remove_stale();
        let probe = format!("{PREFIX}{}-probe", std::process::id());
        let inside = |arguments: &str| {
            let words = arguments.split_whitespace();
            output(Command::new("ip").args(["netns", "exec", &probe]).args(words)).map(drop)
        };
        let result = ip(&format!("netns add {probe}"))
            .and_then(|_| inside("ip link add hub type bridge"))
            .and_then(|()| inside("ip link add port type veth peer name eth0"))
            .and_then(|()| inside("nft add table bridge faults"))
            .and_then(|()| inside("tc qdisc add dev eth0 root tbf rate 1gbit burst 256kb latency 1s"))
            .and_then(|()| inside("ss --kill dst 10.0.0.1"));
        remove(&probe);
        result.err()
    };
    OBSTACLE.get_or_init(look).as_deref()
}

fn ip(arguments: &str) -> Result<String, String> {
    output(Command::new("ip").args(arguments.split_whitespace()))
}

/// What a command printed, or why it failed.
pub(crate) fn output(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim()))
}
