//! The PD config as users of deserr would write it, with an error type that collects faults: deserr's own stops at the first.

use std::ops::ControlFlow;

use deserr::{
    DeserializeError, Deserr, ErrorKind, IntoValue, MergeWithError, ValuePointerRef, errors::JsonError, take_cf_content,
};

/// Every fault, with the text and suggestions of deserr's own JSON error.
#[derive(Debug, Default)]
pub struct Faults(pub Vec<String>);

impl MergeWithError<Faults> for Faults {
    fn merge(merged: Option<Self>, other: Faults, _: ValuePointerRef<'_>) -> ControlFlow<Self, Self> {
        let mut merged = merged.unwrap_or_default();
        merged.0.extend(other.0);
        ControlFlow::Continue(merged)
    }
}

impl DeserializeError for Faults {
    fn error<V: IntoValue>(
        found: Option<Self>,
        error: ErrorKind<'_, V>,
        location: ValuePointerRef<'_>,
    ) -> ControlFlow<Self, Self> {
        let mut found = found.unwrap_or_default();
        found.0.push(take_cf_content(JsonError::error(None, error, location)).to_string());
        ControlFlow::Continue(found)
    }
}

/// The PD config for deserr.
#[derive(Debug, Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
#[allow(missing_docs)]
pub struct DeserrPd {
    pub role: Role,
    pub peer_host: String,
    pub peer_init_port: Vec<u16>,
    pub peer_alloc_port: Vec<u16>,
    #[deserr(default)]
    pub proxy_host: String,
    #[deserr(default)]
    pub proxy_port: u16,
    #[deserr(default = 67_108_864)]
    pub buffer_size: u64,
    #[deserr(default = "cpu".to_owned())]
    pub buffer_device: String,
    #[deserr(default = "nixl".to_owned())]
    pub transfer_channel: String,
    #[deserr(default = vec!["tcp".to_owned()])]
    pub nixl_backends: Vec<String>,
    #[deserr(default = "zmq".to_owned())]
    pub proxy_protocol: String,
    #[deserr(default)]
    pub listen_host: Option<String>,
    #[deserr(default)]
    pub node_name: Option<String>,
    #[deserr(default)]
    pub receiver_name: Option<String>,
    #[deserr(default)]
    pub shared_secret: Option<String>,
    #[deserr(default)]
    pub checksum: bool,
    #[deserr(default)]
    pub timing: Option<Timing>,
    #[deserr(default = true)]
    pub persist_enabled: bool,
    #[deserr(default)]
    pub shared: bool,
    #[deserr(default = "_default".to_owned())]
    pub affinity_tag: String,
}

#[derive(Debug, Deserr)]
#[deserr(error = Faults, deny_unknown_fields)]
#[allow(missing_docs)]
pub struct Timing {
    #[deserr(default = 30.0)]
    pub lease_seconds: f64,
    #[deserr(default = 5.0)]
    pub heartbeat_seconds: f64,
    #[deserr(default = 10.0)]
    pub connect_seconds: f64,
    #[deserr(default = 5.0)]
    pub reserve_seconds: f64,
    #[deserr(default = 30.0)]
    pub write_seconds: f64,
    #[deserr(default = 10.0)]
    pub commit_seconds: f64,
    #[deserr(default = 60.0)]
    pub store_seconds: f64,
    #[deserr(default = 5.0)]
    pub close_seconds: f64,
    #[deserr(default = 120.0)]
    pub time_to_live_seconds: f64,
    #[deserr(default = 2.0)]
    pub death_grace_seconds: f64,
}

#[derive(Debug, Deserr)]
#[deserr(error = Faults, rename_all = lowercase)]
#[allow(missing_docs)]
pub enum Role {
    Sender,
    Receiver,
}
