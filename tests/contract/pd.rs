//! `pd` honours the contract in both roles, over every transfer channel that is built.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use l2_adapter::{
    L2AdapterConfig,
    adapter::{
        AdapterStatus, CreationContext, L2Adapter, SystemClock,
        contract::{Abilities, Deployment, Subject},
    },
    adapters::pd_l2_adapter::{PdL2Adapter, PdL2AdapterConfig},
};
use serde_json::json;

#[path = "../../src/cli/nodes/free_ports.rs"]
mod free_ports;

fn deployment(transfer_channel: &str) -> Deployment {
    let ports = free_ports::free_ports(2).unwrap();
    let (init, alloc) = (ports[0], ports[1]);
    let node = |role: &str| {
        let spec = json!({
            "role": role,
            "peer_host": "127.0.0.1",
            "peer_init_port": [init],
            "peer_alloc_port": [alloc],
            "buffer_size": 1 << 20,
            "transfer_channel": transfer_channel,
            "nixl_backends": ["shm"],
        });
        Arc::new(PdL2Adapter::new(&PdL2AdapterConfig::from_value(&spec).unwrap(), &context()).unwrap())
    };
    let (receiver, sender) = (node("receiver"), node("sender"));
    until_it_serves(&sender);
    Deployment::split(sender, receiver)
}

/// A context with an epoch that no other adapter of this process has.
fn context() -> CreationContext {
    static STARTS: AtomicU64 = AtomicU64::new(1);
    let seed = u64::from(std::process::id()) << 32 | STARTS.fetch_add(1, Ordering::Relaxed);
    CreationContext::new(Arc::new(SystemClock::new()), seed)
}

/// Waits until a sender is connected to its receiver.
fn until_it_serves(sender: &PdL2Adapter) {
    let start = Instant::now();
    while sender.report_status() != AdapterStatus::Healthy {
        assert!(start.elapsed() < Duration::from_secs(60), "{sender} does not serve: {:?}", sender.report_status());
        std::thread::yield_now();
    }
}

mod over_mock_memory {
    l2_adapter::contract_tests!(super::Subject::new(super::Abilities::ALL, || super::deployment("mock_memory")));
}

#[cfg(feature = "nixl")]
mod over_nixl {
    l2_adapter::contract_tests!(super::Subject::new(super::Abilities::ALL, || super::deployment("nixl")));
}
