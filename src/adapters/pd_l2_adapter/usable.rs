//! Specs that a node refuses on any machine, for the validation of specs and for the start of a node.

use std::fmt;

use super::{BufferDevice, Role, TransferChannel};
use crate::{
    CommonConfig, EvictionPolicy, RuleError, adapters::addresses::is_every_address, schema::unexpanded,
    transfer::backend_names,
};

/// Slots and staged chunks begin at multiples of a page, which is best for copies and registrations.
pub(super) const SLOT_ALIGNMENT_BYTES: u64 = 4096;

/// Why no node can be started for a spec.
#[derive(Debug)]
pub(super) struct Refusal {
    key: &'static str,
    inside: Inside,
    /// The end of a sentence that begins with the name of the faulty key.
    message: String,
}

/// The faulty place inside the value of a key.
#[derive(Debug)]
enum Inside {
    All,
    Item(usize),
    Key(&'static str),
}

impl Refusal {
    fn new(key: &'static str, message: impl Into<String>) -> Self {
        Self { key, inside: Inside::All, message: message.into() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (key, message) = (self.key, &self.message);
        match self.inside {
            Inside::All => write!(f, "`{key}` {message}"),
            Inside::Item(item) => write!(f, "`{key}[{item}]` {message}"),
            Inside::Key(inner) => write!(f, "`{inner}` {message}"),
        }
    }
}

impl From<Refusal> for RuleError {
    fn from(refusal: Refusal) -> Self {
        let error = RuleError::new(refusal.message).at(refusal.key);
        match refusal.inside {
            Inside::All => error,
            Inside::Item(item) => error.item(item),
            Inside::Key(inner) => error.key(inner),
        }
    }
}

/// All reasons for which a node refuses a spec.
#[cfg(pd_runtime)]
pub(super) fn check(config: &super::PdL2AdapterConfig) -> Result<(), Refusal> {
    buffer_in_main_memory(&config.buffer_device)?;
    one_machine_to_reach(&config.role, &config.peer_host, &config.proxy_host)?;
    room_for_a_slot(&config.role, &config.buffer_size)?;
    evicts_by_last_use(&config.common)?;
    backends_exist(&config.transfer_channel, &config.nixl_backends)
}

pub(super) fn buffer_in_main_memory(device: &BufferDevice) -> Result<(), Refusal> {
    match device {
        BufferDevice::Cpu => Ok(()),
        BufferDevice::Cuda => {
            let message = "\"cuda\" is not built yet: use \"cpu\", which stages chunks in main memory";
            Err(Refusal::new("buffer_device", message))
        }
    }
}

pub(super) fn room_for_a_slot(role: &Role, buffer_size: &u64) -> Result<(), Refusal> {
    if *role == Role::Sender || *buffer_size >= SLOT_ALIGNMENT_BYTES {
        return Ok(());
    }
    let message = format!(
        "must be at least {SLOT_ALIGNMENT_BYTES}, the smallest slot for a chunk: {} is the default, and `l2-adapter size` computes \
         what a model needs",
        64 << 20
    );
    Err(Refusal::new("buffer_size", message))
}

/// A sender that finds a chunk in the server's L1 memory does not stage it.
pub(super) fn room_for_a_staged_chunk(role: &Role, buffer_size: &u64) -> Result<(), Refusal> {
    if *role == Role::Receiver || *buffer_size >= SLOT_ALIGNMENT_BYTES {
        return Ok(());
    }
    let message = format!(
        "is smaller than any chunk: stores fail, unless they come from L1 memory. {} is the default, and `l2-adapter size` computes \
         what a model needs",
        64 << 20
    );
    Err(Refusal::new("buffer_size", message))
}

/// A sender connects to its receiver, and to the proxy. An address that stands for all addresses of a machine is one to listen on.
pub(super) fn one_machine_to_reach(role: &Role, peer_host: &str, proxy_host: &str) -> Result<(), Refusal> {
    if *role == Role::Receiver {
        return Ok(());
    }
    for (key, host, whose) in [("peer_host", peer_host, "receiver"), ("proxy_host", proxy_host, "proxy")] {
        if is_every_address(host) {
            let message = format!(
                "is an address to listen on, which leads to no machine: write the {whose}'s host name or IP address, or \"127.0.0.1\" \
                 if the {whose} runs on the sender's machine"
            );
            return Err(Refusal::new(key, message));
        }
    }
    Ok(())
}

pub(super) fn evicts_by_last_use(common: &CommonConfig) -> Result<(), Refusal> {
    let policy = common.eviction.as_ref().map(|eviction| eviction.eviction_policy);
    match policy {
        None | Some(EvictionPolicy::Lru | EvictionPolicy::Noop) => Ok(()),
        Some(policy) => {
            let message = format!(
                "must be \"LRU\" or \"noop\" here, since `pd` evicts what was not used for longest, got \"{policy}\""
            );
            Err(Refusal { key: "eviction", inside: Inside::Key("eviction_policy"), message })
        }
    }
}

#[inline]
pub(super) fn backends_exist(channel: &TransferChannel, names: &[String]) -> Result<(), Refusal> {
    if are_settled(channel, names) { Ok(()) } else { known_backends(names) }
}

#[inline]
pub(super) fn plugins_are_of_nixl(channel: &TransferChannel, names: &[String]) -> Result<(), Refusal> {
    if are_settled(channel, names) { Ok(()) } else { known_plugins(names) }
}

/// Whether nothing can be wrong with the backends of a spec: NIXL is not used, or any NIXL starts them.
fn are_settled(channel: &TransferChannel, names: &[String]) -> bool {
    *channel != TransferChannel::Nixl || backend_names::are_usual(names)
}

/// An unexpanded variable has its own warning.
#[cold]
fn known_backends(names: &[String]) -> Result<(), Refusal> {
    if names.iter().any(|name| unexpanded(name).is_some()) {
        return Ok(());
    }
    let refused = |error: backend_names::BackendNamesError| Refusal {
        key: "nixl_backends",
        inside: error.index().map_or(Inside::All, Inside::Item),
        message: error.to_string(),
    };
    backend_names::check(names).map_err(refused)
}

#[cold]
fn known_plugins(names: &[String]) -> Result<(), Refusal> {
    match backend_names::unknown_plugin(names) {
        Some((item, message)) if unexpanded(&names[item]).is_none() => {
            Err(Refusal { key: "nixl_backends", inside: Inside::Item(item), message })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::adapters::pd_l2_adapter::PdL2AdapterConfig;
    use crate::{Context, L2AdapterConfig as _};

    /// The faults and warnings of a spec with these keys.
    fn told(changes: &Value) -> (Vec<String>, Vec<String>) {
        let mut document = json!({"role": "receiver", "peer_host": "h", "peer_init_port": [1], "peer_alloc_port": [2]});
        for (key, value) in changes.as_object().expect("an object") {
            document[key] = value.clone();
        }
        match PdL2AdapterConfig::parse(document.as_object().expect("an object"), &Context::empty()) {
            Ok(parsed) => (Vec::new(), parsed.warnings.into_iter().map(|warning| warning.to_string()).collect()),
            Err(error) => (error.faults.into_iter().map(|fault| fault.to_string()).collect(), Vec::new()),
        }
    }

    #[test]
    fn a_spec_that_no_node_can_start_with_is_a_fault() {
        for (changes, expected) in [
            (json!({"nixl_backends": ["ucx"]}), "/nixl_backends/0: `nixl_backends[0]` names the transport \"ucx\""),
            (json!({"nixl_backends": ["UCX", "tpc"]}), "(did you mean \"tcp\"?)"),
            (json!({"nixl_backends": ["rc", "tcp"]}), "write [\"UCX\"]"),
            (json!({"nixl_backends": ["POSIX", "OBJ"]}), "such as [\"UCX\"]"),
            (
                json!({"eviction": {"eviction_policy": "ARC"}}),
                "/eviction/eviction_policy: `eviction_policy` must be \"LRU\"",
            ),
            (json!({"eviction": {"eviction_policy": "IsolatedLRU"}}), "got \"IsolatedLRU\""),
            (json!({"buffer_size": 4}), "/buffer_size: `buffer_size` must be at least 4096"),
            (json!({"buffer_size": 4095}), "67108864 is the default"),
            (json!({"role": "sender", "peer_host": "0.0.0.0"}), "/peer_host: `peer_host` is an address to listen on"),
            (json!({"role": "sender", "peer_host": "::"}), "\"127.0.0.1\" if the receiver runs"),
            (json!({"role": "sender", "peer_host": "[::]"}), "/peer_host: "),
            (json!({"role": "sender", "peer_host": "::ffff:0.0.0.0"}), "/peer_host: "),
            (json!({"role": "sender", "proxy_host": "0.0.0.0", "proxy_port": 1}), "write the proxy's host name"),
        ] {
            let (faults, _) = told(&changes);
            assert!(faults.len() == 1 && faults[0].contains(expected), "{changes}: {faults:?}");
        }
    }

    #[test]
    fn a_spec_that_some_node_can_start_with_is_a_warning() {
        for (changes, expected) in [
            (json!({"nixl_backends": ["UXC"]}), "(did you mean \"UCX\"?)"),
            (json!({"buffer_device": "cuda"}), "use \"cpu\""),
            (json!({"role": "sender", "buffer_size": 4}), "67108864 is the default"),
            (json!({"nixl_backends": ["${BACKEND}"]}), "looks like a variable"),
        ] {
            let (faults, warnings) = told(&changes);
            assert!(
                faults.is_empty() && warnings.len() == 1 && warnings[0].contains(expected),
                "{warnings:?} {faults:?}"
            );
        }
    }

    #[test]
    fn a_spec_that_a_node_starts_with_is_valid() {
        for changes in [
            json!({"buffer_size": 4096}),
            json!({"role": "receiver", "peer_host": "0.0.0.0"}),
            json!({"role": "receiver", "listen_host": "::"}),
            json!({"role": "sender", "peer_host": "::1"}),
            json!({"eviction": {"eviction_policy": "noop"}, "nixl_backends": ["UCX", "POSIX"]}),
            json!({"transfer_channel": "mock_memory", "nixl_backends": ["ucx", "OWN"]}),
            json!({"nixl_backends": ["INFINIA"]}),
        ] {
            assert_eq!(told(&changes), (Vec::new(), Vec::new()), "{changes}");
        }
    }
}
