//! `mooncake_store`: keeps KV chunks in a Mooncake store. Configuration only.

use std::collections::BTreeMap;

use crate::{
    CommonConfig, L2AdapterConfig, RuleError,
    adapters::addresses::one_to_reach,
    schema::{Leave, OtherAddress, Rule},
};

/// Keeps KV chunks in a Mooncake store.
///
/// The settings of Mooncake's client, such as `local_hostname`, `metadata_server` or `protocol`, are further keys of the spec.
/// LMCache passes them on without validation.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "mooncake_store")]
#[config(also_known_as = ["mooncake", "mooncake_kv"])]
#[config(mistaken_for(
    what = "a config of Mooncake itself, as `mooncake.json` has it",
    keys = [
        "master_server_address", "master_server_addr", "metadata_server", "global_segment_size", "local_buffer_size",
        "metadata_backend", "mooncake_master",
    ],
    advice = "a `mooncake_store` spec has Mooncake's keys next to its `type`, with numbers as strings",
    rewritten
))]
#[config(warning(
    name = "local_hostname",
    doc = "`local_hostname` is a host, with or without a port.",
    reads(setup_config),
    check = local_hostname,
))]
#[config(warning(
    name = "master_server_addr",
    doc = "`master_server_addr` is `host:port` or a URL.",
    reads(setup_config),
    check = master_server_addr,
))]
#[config(warning(
    name = "metadata_server",
    doc = "`metadata_server` is `P2PHANDSHAKE`, `host:port` or a URL.",
    reads(setup_config),
    check = metadata_server,
))]
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
        advice = "Mooncake reads no other key for its master, and connects to 127.0.0.1:50051 without it"
    ))]
    #[config(known(
        key = "rdma_devices",
        also_known_as = ["device_name", "device", "rdma_device", "ib_device"],
        advice = "Mooncake reads no other key for its devices"
    ))]
    pub setup_config: BTreeMap<String, String>,
    /// The keys that every adapter shares.
    pub common: CommonConfig,
}

fn local_hostname(settings: &BTreeMap<String, String>) -> Result<(), RuleError> {
    address(settings, "local_hostname", "a host, with or without a port", &[HOST, HOST_PORT])
}

fn master_server_addr(settings: &BTreeMap<String, String>) -> Result<(), RuleError> {
    address(settings, "master_server_addr", "a host and its port", &[HOST_PORT, URL])
}

fn metadata_server(settings: &BTreeMap<String, String>) -> Result<(), RuleError> {
    address(settings, "metadata_server", "`P2PHANDSHAKE`, a host and its port, or a URL", &[HOST_PORT, URL])
}

const HOST: Rule = Rule::Host(&[Leave::Scoped]);
const HOST_PORT: Rule = Rule::HostPort(&[]);
const URL: Rule = Rule::Url(&[]);

/// Mooncake's client reports an address that it cannot use when the server starts, or never reaches it.
fn address(
    settings: &BTreeMap<String, String>,
    key: &'static str,
    wanted: &str,
    forms: &[Rule],
) -> Result<(), RuleError> {
    // Several servers share one scheme, `etcd://a:2379;b:2379`.
    let is_one_server = |text: &&String| *text != "P2PHANDSHAKE" && !text.contains(';');
    let Some(text) = settings.get(key).filter(is_one_server) else { return Ok(()) };
    if text.eq_ignore_ascii_case("P2PHANDSHAKE") {
        return Err(RuleError::new("should be \"P2PHANDSHAKE\" in capital letters").at(key));
    }
    let others: Option<Vec<OtherAddress>> = forms.iter().map(|form| form.other_address(text)).collect();
    let Some(others) = others else {
        return if key == "local_hostname" { Ok(()) } else { one_to_reach(text).map_err(|error| error.at(key)) };
    };
    let helpful = others.iter().find(|other| other.suggestion.is_some()).or(others.first());
    helpful.map_or(Ok(()), |OtherAddress { found, suggestion }| {
        let instead = suggestion.as_ref().map_or_else(String::new, |text| format!(": write \"{text}\""));
        Err(RuleError::new(format!("should be {wanted}, and {found}{instead}")).at(key))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::MooncakeStoreL2AdapterConfig;
    use crate::{Context, L2AdapterConfig as _};

    fn warnings(document: &Value) -> Vec<String> {
        let document = document.as_object().expect("an object");
        let parsed = MooncakeStoreL2AdapterConfig::parse(document, &Context::empty()).expect("a valid spec");
        parsed.warnings.into_iter().map(|warning| warning.message).collect()
    }

    #[test]
    fn each_address_in_another_form_has_its_own_warning() {
        let told = warnings(&json!({
            "local_hostname": "http://10.0.0.1", "master_server_addr": "10.0.0.2", "metadata_server": "h"
        }));
        let expected = [
            "`local_hostname` should be a host, with or without a port, and is a URL: write \"10.0.0.1\"",
            "`master_server_addr` should be a host and its port, and has no port: write it as in `10.0.0.2:8080`",
            "`metadata_server` should be `P2PHANDSHAKE`, a host and its port, or a URL, and has no port: write it as in `h:8080`",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_server_at_every_address_of_a_machine_is_worth_a_warning_and_the_client_may_be() {
        let told = warnings(&json!({"local_hostname": "0.0.0.0", "master_server_addr": "0.0.0.0:50051"}));
        assert!(
            told.len() == 1 && told[0].starts_with("`master_server_addr` has `0.0.0.0`, an address to listen on"),
            "{told:?}"
        );
    }

    #[test]
    fn the_addresses_in_mooncakes_documentation_have_no_warning() {
        for document in [
            json!({"local_hostname": "10.0.0.1:12345", "master_server_addr": "10.0.0.2:50051"}),
            json!({"local_hostname": "node-0", "metadata_server": "http://10.0.0.2:8080/metadata"}),
            json!({"metadata_server": "P2PHANDSHAKE", "master_server_addr": "etcd://a:2379;b:2379"}),
            json!({"metadata_server": "10.0.0.2:2379"}),
            json!({}),
        ] {
            assert_eq!(warnings(&document), Vec::<String>::new(), "{document}");
        }
    }
}
