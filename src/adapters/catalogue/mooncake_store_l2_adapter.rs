//! `mooncake_store`: keeps KV chunks in a Mooncake store. Configuration only.

use std::collections::BTreeMap;

use crate::{L2AdapterConfig, SharedConfig};

/// Keeps KV chunks in a Mooncake store.
///
/// The settings of Mooncake's client, such as `local_hostname`, `metadata_server` or `protocol`, are further keys of the spec.
/// LMCache passes them on without validation.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "mooncake_store")]
#[config(also_known_as = ["mooncake", "mooncake_kv"])]
pub struct MooncakeStoreL2AdapterConfig {
    /// Threads that read and write.
    #[config(default = 4, min = 1)]
    pub num_workers: u32,
    /// Separate threads for some operations. Absent or null: all operations use those of `num_workers`.
    #[config(keys(allowed = ["lookup", "retrieve", "store", "delete"]), each(min = 1))]
    #[config(example = {"lookup": 2})]
    pub per_op_workers: Option<BTreeMap<String, u32>>,
    /// A setting of Mooncake's client. Numbers and switches are written as strings, as Mooncake reads them.
    // The keys that Mooncake's client reads of its `ConfigDict` (`CONFIG_KEY_*` in its `types.h`).
    #[config(rest, known = ["global_segment_size", "local_buffer_size", "protocol", "ipc_socket_path", "tenant_id"])]
    #[config(known = ["enable_ssd_offload", "ssd_offload_path", "enable_client_http_server", "client_http_port"])]
    #[config(known = ["enable_standalone", "enable_egm_store_pool", "egm_numa_nodes"])]
    #[config(known(key = "local_hostname", also_known_as = ["hostname", "host", "local_host"]))]
    #[config(known(key = "metadata_server", also_known_as = ["metadata", "metadata_address", "metadata_url"]))]
    #[config(known(
        key = "master_server_addr",
        also_known_as = ["master_server_address", "master_address", "master_addr", "master"],
        advice = "Mooncake passes over `master_server_address` here, and connects to 127.0.0.1:50051"
    ))]
    #[config(known(
        key = "rdma_devices",
        also_known_as = ["device_name", "device", "rdma_device", "ib_device"],
        advice = "Mooncake passes over `device_name` here"
    ))]
    pub setup_config: BTreeMap<String, String>,
    /// The keys that every adapter shares.
    pub shared: SharedConfig,
}
