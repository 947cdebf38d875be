//! `mock` honours the contract.

use std::sync::Arc;

use l2_adapter::{
    CommonConfig,
    adapter::{
        CreationContext, L2Adapter, SystemClock,
        contract::{Abilities, CHUNKS_MAX, Deployment, Subject},
    },
    adapters::mock_l2_adapter::{MockL2Adapter, MockL2AdapterConfig},
};

/// Exactly the room that the contract requires.
const GIB_MIN: f64 = (4096 * CHUNKS_MAX) as f64 / (1_u64 << 30) as f64;

pub(crate) fn adapter() -> Arc<dyn L2Adapter> {
    let config =
        MockL2AdapterConfig { max_size_gb: GIB_MIN, mock_bandwidth_gb: 1000.0, common: CommonConfig::default() };
    MockL2Adapter::create(&config, &CreationContext::new(Arc::new(SystemClock::new()), 0)).unwrap().into()
}

fn subject() -> Subject {
    Subject::new(Abilities::ALL, || Deployment::whole(adapter()))
}

l2_adapter::contract_tests!(subject());
