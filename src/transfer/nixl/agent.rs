//! One NIXL agent: its creation, its registered memory, and the progress of its transfers. Peers and writes are elsewhere.

use std::{
    fs,
    path::Path,
    process,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use nixl_sys::{
    Agent, AgentConfig, MemType, MemoryRegion, NixlDescriptor, NixlError, NotificationMap, Params, RegistrationHandle,
    ThreadSync,
};

use super::{
    backends::{self, BackendPlan, BackendsError},
    environment::Environment,
    interfaces, library,
};
use crate::transfer::{
    ChannelSettings, TransferError,
    backend_names::BackendNamesError,
    call_times::{CallTimes, LibraryCall},
};

/// Two agents of one process that start backends at the same time hang in UCX 1.20 (ai-dynamo/nixl#1668), so agents are created
/// and dropped one at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// How long the agent of a starting node waits for a network interface: one that was just set up takes a moment to work.
pub(super) const LINK_PATIENCE: Duration = Duration::from_secs(5);

pub(super) fn one_at_a_time() -> MutexGuard<'static, ()> {
    // It guards no data that a panic could leave half written.
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// An agent with its backends. Belongs to the thread that created it: NIXL locks nothing (`NIXL_THREAD_SYNC_NONE`).
///
/// TP ranks do not share one, although each then registers the whole arena. `nixl-sys` serializes the calls of one agent, and
/// over shared memory the bytes move during a call: two ranks that shared an agent moved 12.8 GB/s instead of 24.9 (measured).
/// A call that hangs would block all ranks. Over TCP and shared memory a registration pins nothing.
pub(super) struct ChannelAgent {
    pub(super) agent: Agent,
    name: String,
    /// Notifications from peers' agents are ignored: our own protocol carries everything.
    heard: NotificationMap,
    has_failed_to_progress: bool,
    pub(super) times: Arc<CallTimes>,
}

impl ChannelAgent {
    /// Creates an agent with the backends of the spec. Waits for a network interface for at most `link_patience`.
    pub(super) fn new(
        settings: &ChannelSettings,
        link_patience: Duration,
        times: Arc<CallTimes>,
    ) -> Result<Self, TransferError> {
        if !settings.is_local {
            wait_for_link(link_patience)?;
        }
        let _guard = one_at_a_time();
        let counted = Arc::clone(&times);
        counted.measure(LibraryCall::CreateAgent, || Self::created(settings, times))
    }

    fn created(settings: &ChannelSettings, times: Arc<CallTimes>) -> Result<Self, TransferError> {
        let environment = Environment::of_process(settings.package_folders.clone());
        library::ensure_loaded(&environment)?;
        let name = agent_name(&host_name(), process::id(), settings.epoch, settings.tp_rank);
        let agent = Agent::new_configured(&name, &config()).map_err(|error| refused("create an agent", error))?;
        let available = available_plugins(&agent)?;
        let plans = backends::plan(&settings.nixl_backends, &available)?;
        warn_of_overruled(&plans, &environment);
        for plan in &plans {
            let parameters = Params::from(plan.parameters.iter().map(|(key, value)| (*key, value.as_str())))
                .map_err(|error| refused("take a backend's parameters", error))?;
            agent.create_backend(&plan.plugin, &parameters).map_err(|error| TransferError::Library {
                channel: "nixl",
                what: "start a backend",
                reason: format!(
                    "{} with {:?}: {error}. Standard error has more details, and most with UCX_LOG_LEVEL=info",
                    plan.plugin, plan.parameters
                ),
            })?;
        }
        need_network(&agent, plans)?;
        let heard = NotificationMap::new().map_err(|error| refused("create a list of notifications", error))?;
        Ok(Self { agent, name, heard, has_failed_to_progress: false, times })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Registers memory with every backend, in slices, because a memory region of a network card has limits. The memory must
    /// not move until the returned registrations are dropped.
    pub(super) fn register(
        &self,
        base_address: u64,
        length_bytes: u64,
        slice_bytes: u64,
    ) -> Result<Vec<RegistrationHandle>, TransferError> {
        slices(length_bytes, slice_bytes)
            .map(|(offset_bytes, length)| {
                let range = Range { address: (base_address + offset_bytes) as usize, length: length as usize };
                self.agent.register_memory(&range, None).map_err(|error| refused("register memory", error))
            })
            .collect()
    }

    /// What a peer's agent needs to know of this one and its memory.
    pub(super) fn metadata(&self) -> Result<Vec<u8>, TransferError> {
        self.agent.get_local_md().map_err(|error| refused("describe its memory", error))
    }

    /// Progresses the transfers of all peers into this memory, and our own. Requesting notifications is the only call that does
    /// so when none of our own transfers is in flight.
    pub(super) fn progress(&mut self) {
        let (agent, heard) = (&self.agent, &mut self.heard);
        if let Err(error) = self.times.measure(LibraryCall::Progress, || agent.get_notifications(heard, None)) {
            // From then on every poll fails.
            if std::mem::replace(&mut self.has_failed_to_progress, true) {
                tracing::debug!(%error, "NIXL failed to progress its transfers");
            } else {
                tracing::warn!(%error, "NIXL failed to progress its transfers (logged once for each agent)");
            }
        }
        // Peers may send anything, and the list would keep it.
        if !self.heard.is_empty().unwrap_or(false)
            && let Ok(empty) = NotificationMap::new()
        {
            self.heard = empty;
        }
    }
}

/// Waits until a network interface works: UCX never uses one that was down when its agent was created.
fn wait_for_link(patience: Duration) -> Result<(), TransferError> {
    let start = Instant::now();
    while let Some(interfaces) = interfaces::all_down(Path::new(interfaces::SYSTEM_FOLDER)) {
        if start.elapsed() >= patience {
            return Err(TransferError::NoInterface { interfaces });
        }
        thread::sleep(LINK_PATIENCE / 100);
    }
    Ok(())
}

/// Without NIXL's own thread: it costs 0.9 of a core at its default, and an owner that polls needs none (measured).
fn config() -> AgentConfig {
    AgentConfig {
        enable_prog_thread: false,
        enable_listen_thread: false,
        thread_sync: ThreadSync::None,
        ..AgentConfig::default()
    }
}

/// A name that no other start of any process has: what a peer knows of an earlier start never matches.
fn agent_name(host: &str, process: u32, epoch: u64, tp_rank: u32) -> String {
    format!("{host}-{process}-{epoch:016x}-{tp_rank}")
}

fn host_name() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    if name.is_empty() { "localhost".to_owned() } else { name.to_owned() }
}

fn available_plugins(agent: &Agent) -> Result<Vec<String>, TransferError> {
    let listed = agent.get_available_plugins().map_err(|error| refused("list its plugins", error))?;
    let mut available: Vec<_> = listed.iter().filter_map(|name| Some(name.ok()?.to_owned())).collect();
    available.sort();
    Ok(available)
}

/// NIXL lets environment variables override the configuration of UCX.
fn warn_of_overruled(plans: &[BackendPlan], environment: &Environment) {
    for (in_force, ours) in plans.iter().flat_map(|plan| backends::overruled(plan, &environment.ucx)) {
        tracing::warn!(
            in_force,
            ours,
            "an environment variable overrides how this node configures UCX: unset it. Another `UCX_TLS` is possible with \
             `nixl_backends` [\"UCX\"]; other times make a lost path stop this node for longer than its deadlines"
        );
    }
}

/// A storage plugin accepts main memory too, but writes it to files.
fn need_network(agent: &Agent, plans: Vec<BackendPlan>) -> Result<(), TransferError> {
    let moves_memory = |plan: &BackendPlan| {
        let (memory, _) = agent.get_plugin_params(&plan.plugin).ok()?;
        let kinds: Vec<_> = memory.iter().filter_map(Result::ok).collect();
        let is_storage = |kind: &MemType| matches!(kind, MemType::Block | MemType::Object | MemType::File);
        Some(kinds.contains(&MemType::Dram) && !kinds.iter().any(is_storage))
    };
    if plans.iter().any(|plan| moves_memory(plan).unwrap_or(false)) {
        return Ok(());
    }
    let names = plans.into_iter().map(|plan| plan.plugin).collect();
    Err(BackendsError::from(BackendNamesError::NoNetwork { names }).into())
}

/// The parts of a length, each of at most `slice_bytes`: offset and length.
fn slices(length_bytes: u64, slice_bytes: u64) -> impl Iterator<Item = (u64, u64)> {
    (0..length_bytes.div_ceil(slice_bytes)).map(move |index| {
        let offset_bytes = index * slice_bytes;
        (offset_bytes, slice_bytes.min(length_bytes - offset_bytes))
    })
}

pub(super) fn refused(what: &'static str, error: NixlError) -> TransferError {
    TransferError::Library { channel: "nixl", what, reason: error.to_string() }
}

/// Main memory, in the form that NIXL expects.
#[derive(Debug)]
struct Range {
    address: usize,
    length: usize,
}

impl MemoryRegion for Range {
    unsafe fn as_ptr(&self) -> *const u8 {
        std::ptr::with_exposed_provenance(self.address)
    }

    fn size(&self) -> usize {
        self.length
    }
}

impl NixlDescriptor for Range {
    fn mem_type(&self) -> MemType {
        MemType::Dram
    }

    fn device_id(&self) -> u64 {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_cover_a_length_without_gap_or_overlap() {
        assert_eq!(slices(10, 4).collect::<Vec<_>>(), [(0, 4), (4, 4), (8, 2)]);
        assert_eq!(slices(8, 4).collect::<Vec<_>>(), [(0, 4), (4, 4)]);
        assert_eq!(slices(0, 4).next(), None);
    }

    #[test]
    fn an_agent_name_differs_by_host_process_start_and_rank() {
        assert_eq!(agent_name("prefill-0", 17, 0xabc, 3), "prefill-0-17-0000000000000abc-3");
    }
}
