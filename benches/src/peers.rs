//! The PD config as users of the peers would write it, field by field.

use garde::Validate;
use serde::Deserialize;
use serde_json::{Map, Value};

/// The PD config for serde: only types are checked, and the common keys are fields of the struct, which is faster than `flatten`.
#[derive(Debug, Clone, Deserialize, Validate)]
#[allow(missing_docs)]
pub struct SerdePd {
    #[garde(skip)]
    pub role: Role,
    #[garde(length(min = 1), custom(not_blank))]
    pub peer_host: String,
    #[garde(length(min = 1), inner(range(min = 1)))]
    pub peer_init_port: Vec<u16>,
    #[garde(length(min = 1), inner(range(min = 1)), custom(as_many_as(&self.peer_init_port)))]
    pub peer_alloc_port: Vec<u16>,
    #[serde(default)]
    #[garde(skip)]
    pub proxy_host: String,
    #[serde(default)]
    #[garde(custom(whole_address(&self.proxy_host)))]
    pub proxy_port: u16,
    #[serde(default = "buffer_size")]
    #[garde(range(min = 1))]
    pub buffer_size: u64,
    #[serde(default = "buffer_device")]
    #[garde(skip)]
    pub buffer_device: BufferDevice,
    #[serde(default = "transfer_channel")]
    #[garde(skip)]
    pub transfer_channel: TransferChannel,
    #[serde(default = "nixl_backends")]
    #[garde(length(min = 1), custom(unique))]
    pub nixl_backends: Vec<String>,
    #[serde(default = "proxy_protocol")]
    #[garde(skip)]
    pub proxy_protocol: ProxyProtocol,
    #[serde(default)]
    #[garde(inner(custom(not_blank)))]
    pub listen_host: Option<String>,
    #[serde(default)]
    #[garde(length(chars, max = 128), inner(custom(not_blank)))]
    pub node_name: Option<String>,
    #[serde(default)]
    #[garde(length(chars, max = 128), inner(custom(not_blank)))]
    pub receiver_name: Option<String>,
    #[serde(default)]
    #[garde(length(chars, min = 16))]
    pub shared_secret: Option<String>,
    #[serde(default)]
    #[garde(skip)]
    pub checksum: bool,
    #[serde(default)]
    #[garde(dive)]
    pub timing: Option<Timing>,
    #[serde(default)]
    #[garde(dive)]
    pub eviction: Option<Eviction>,
    #[serde(default = "yes")]
    #[garde(skip)]
    pub persist_enabled: bool,
    #[serde(default)]
    #[garde(skip)]
    pub serde: Option<Map<String, Value>>,
    #[serde(default)]
    #[garde(skip)]
    pub shared: bool,
    #[serde(default = "affinity_tag")]
    #[garde(length(min = 1))]
    pub affinity_tag: String,
}

#[derive(Debug, Clone, Copy, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Role {
    Sender,
    Receiver,
}

#[derive(Debug, Clone, Copy, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum BufferDevice {
    Cpu,
    Cuda,
}

#[derive(Debug, Clone, Copy, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum TransferChannel {
    Nixl,
    MockMemory,
}

#[derive(Debug, Clone, Copy, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum ProxyProtocol {
    Zmq,
    Http,
}

#[derive(Debug, Clone, Deserialize, Validate)]
#[serde(default)]
#[allow(missing_docs)]
pub struct Timing {
    #[garde(range(min = 0.05, max = 120.0))]
    pub lease_seconds: f64,
    #[garde(range(min = 0.01, max = 60.0))]
    pub heartbeat_seconds: f64,
    #[garde(range(min = 0.05, max = 60.0))]
    pub connect_seconds: f64,
    #[garde(range(min = 0.0, max = 60.0))]
    pub reserve_seconds: f64,
    #[garde(range(min = 0.05, max = 120.0))]
    pub write_seconds: f64,
    #[garde(range(min = 0.05, max = 60.0))]
    pub commit_seconds: f64,
    #[garde(range(min = 0.05, max = 240.0))]
    pub store_seconds: f64,
    #[garde(range(min = 0.0, max = 60.0))]
    pub close_seconds: f64,
    #[garde(range(min = 0.05, max = 86400.0))]
    pub time_to_live_seconds: f64,
    #[garde(range(min = 0.0, max = 60.0))]
    pub death_grace_seconds: f64,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            lease_seconds: 30.0,
            heartbeat_seconds: 5.0,
            connect_seconds: 10.0,
            reserve_seconds: 5.0,
            write_seconds: 30.0,
            commit_seconds: 10.0,
            store_seconds: 60.0,
            close_seconds: 5.0,
            time_to_live_seconds: 120.0,
            death_grace_seconds: 2.0,
        }
    }
}

#[derive(Debug, Clone, Deserialize, Validate)]
#[allow(missing_docs)]
pub struct Eviction {
    #[garde(skip)]
    pub eviction_policy: String,
    #[garde(range(min = 0.0, max = 1.0))]
    pub trigger_watermark: f64,
    #[garde(range(min = 0.0, max = 1.0))]
    pub eviction_ratio: f64,
}

fn buffer_size() -> u64 {
    67_108_864
}
fn buffer_device() -> BufferDevice {
    BufferDevice::Cpu
}
fn transfer_channel() -> TransferChannel {
    TransferChannel::Nixl
}
fn nixl_backends() -> Vec<String> {
    vec!["tcp".to_owned()]
}
fn proxy_protocol() -> ProxyProtocol {
    ProxyProtocol::Zmq
}
fn yes() -> bool {
    true
}
fn affinity_tag() -> String {
    "_default".to_owned()
}

fn not_blank(text: &str, (): &()) -> garde::Result {
    if text.trim().is_empty() { Err(garde::Error::new("must not be blank")) } else { Ok(()) }
}

fn as_many_as(other: &[u16]) -> impl FnOnce(&[u16], &()) -> garde::Result + '_ {
    move |own, ()| if own.len() == other.len() { Ok(()) } else { Err(garde::Error::new("must be as long")) }
}

fn whole_address(host: &str) -> impl FnOnce(&u16, &()) -> garde::Result + '_ {
    move |port, ()| {
        if host.is_empty() == (*port == 0) { Ok(()) } else { Err(garde::Error::new("host and port together")) }
    }
}

fn unique(items: &[String], (): &()) -> garde::Result {
    let repeated = (1..items.len()).any(|later| items[..later].contains(&items[later]));
    if repeated { Err(garde::Error::new("must differ")) } else { Ok(()) }
}
