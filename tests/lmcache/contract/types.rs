//! The allowed differences of each type that LMCache 0.5.6 has.

use l2_adapter::FaultCode::{ForbiddenKey, Length, Missing, NotAllowed, OutOfRange, ParseWith, Rule, WrongType};
use serde_json::{Value, json};

use super::{Config, Contract, Listed, MachineDependent, Reason, Storage, listed};

const ANY_NUMBER: &str = "accepts any number";
const DROPS_IT: &str = "converts and discards it";

const NOTHING_SPECIAL: Contract = Contract { adapter: "", storage: &[], listed: &[], machine_dependent: None };

pub(crate) const CONTRACTS: &[Contract] = &[
    Contract { adapter: "aerospike", ..NOTHING_SPECIAL },
    Contract { adapter: "bigtable", storage: BIGTABLE, listed: BIGTABLE_LISTED, ..NOTHING_SPECIAL },
    Contract { adapter: "dax", storage: DAX, listed: DAX_LISTED, ..NOTHING_SPECIAL },
    Contract { adapter: "fault_inject", storage: FAULT_INJECT, listed: FAULT_INJECT_LISTED, ..NOTHING_SPECIAL },
    Contract {
        adapter: "fs",
        listed: &[listed("/relative_tmp_dir", Rule, Reason::AtCreation, "refuses an absolute path and `..`")],
        ..NOTHING_SPECIAL
    },
    Contract { adapter: "fs_native", ..NOTHING_SPECIAL },
    Contract { adapter: "hf3fs", storage: HF3FS, listed: HF3FS_LISTED, machine_dependent: Some(HF3FS_OF_THE_MACHINE) },
    Contract { adapter: "hfbucket", storage: HFBUCKET, ..NOTHING_SPECIAL },
    Contract { adapter: "mock", ..NOTHING_SPECIAL },
    Contract { adapter: "mooncake_store", storage: MOONCAKE_STORE, listed: MOONCAKE_STORE_LISTED, ..NOTHING_SPECIAL },
    Contract { adapter: "native_plugin", ..NOTHING_SPECIAL },
    Contract { adapter: "nixl_native", ..NOTHING_SPECIAL },
    Contract { adapter: "nixl_store", listed: NIXL_STORE_LISTED, ..NOTHING_SPECIAL },
    Contract {
        adapter: "nixl_store_dynamic",
        storage: NIXL_STORE_DYNAMIC,
        listed: NIXL_STORE_DYNAMIC_LISTED,
        ..NOTHING_SPECIAL
    },
    Contract { adapter: "p2p", ..NOTHING_SPECIAL },
    Contract { adapter: "plugin", ..NOTHING_SPECIAL },
    Contract { adapter: "raw_block", storage: RAW_BLOCK, listed: RAW_BLOCK_LISTED, ..NOTHING_SPECIAL },
    Contract { adapter: "resp", listed: RESP_LISTED, ..NOTHING_SPECIAL },
    Contract { adapter: "s3", listed: S3_LISTED, ..NOTHING_SPECIAL },
    Contract { adapter: "sagemaker-hyperpod", listed: SAGEMAKER_LISTED, ..NOTHING_SPECIAL },
    Contract { adapter: "valkey", storage: VALKEY, listed: VALKEY_LISTED, ..NOTHING_SPECIAL },
];

const BIGTABLE: &[Storage] = &[
    Storage::Renamed { key: "bigtable_project_id", attribute: "project_id" },
    Storage::Renamed { key: "bigtable_instance_id", attribute: "instance_id" },
    Storage::Renamed { key: "bigtable_table_name", attribute: "table_name" },
    Storage::Renamed { key: "bigtable_app_profile", attribute: "app_profile_id" },
    Storage::Renamed { key: "bigtable_credentials_path", attribute: "credentials_path" },
    Storage::Converted {
        keys: &["bigtable_read_timeout_ms"],
        attribute: "read_timeout_sec",
        doc: "divided by 1000",
        value: |config| thousandth(config.get("bigtable_read_timeout_ms")),
    },
    Storage::Converted {
        keys: &["bigtable_write_timeout_ms"],
        attribute: "write_timeout_sec",
        doc: "divided by 1000",
        value: |config| thousandth(config.get("bigtable_write_timeout_ms")),
    },
    Storage::Renamed { key: "bigtable_exists_cache_ttl_seconds", attribute: "exists_cache_ttl_seconds" },
    Storage::Renamed { key: "bigtable_exists_cache_size", attribute: "exists_cache_size" },
    Storage::Renamed { key: "bigtable_max_retries", attribute: "max_retries" },
    Storage::Renamed { key: "bigtable_max_chunk_size_mb", attribute: "max_chunk_size_mb" },
    Storage::Renamed { key: "bigtable_family_name", attribute: "family_name" },
    Storage::Renamed { key: "bigtable_column_name", attribute: "column_name" },
    Storage::Converted {
        keys: &["row_key_template"],
        attribute: "row_key_template",
        doc: "`hash#model` and `{hash}#{model}` become the default",
        value: |config| match config.text("row_key_template") {
            "hash#model" | "{hash}#{model}" => json!("{hash_prefix}@{model}@{rank}@{group}@{hash}@{salt}"),
            template => json!(template),
        },
    },
];

const BIGTABLE_LISTED: &[Listed] = &[
    listed("/bigtable_read_timeout_ms", OutOfRange, Reason::OutOfRange, ANY_NUMBER),
    listed("/bigtable_write_timeout_ms", OutOfRange, Reason::OutOfRange, ANY_NUMBER),
    listed("/bigtable_exists_cache_ttl_seconds", OutOfRange, Reason::OutOfRange, ANY_NUMBER),
    listed("/bigtable_exists_cache_size", OutOfRange, Reason::OutOfRange, ANY_NUMBER),
    listed("/bigtable_max_retries", OutOfRange, Reason::OutOfRange, ANY_NUMBER),
    listed("/bigtable_max_chunk_size_mb", OutOfRange, Reason::OutOfRange, ANY_NUMBER),
    listed("/layer_group_size", OutOfRange, Reason::OutOfRange, ANY_NUMBER),
    listed("/num_layers", OutOfRange, Reason::OutOfRange, ANY_NUMBER),
    listed("/kv_size", OutOfRange, Reason::OutOfRange, ANY_NUMBER),
    listed("/bigtable_layer_group_size", ForbiddenKey, Reason::NotValidated, DROPS_IT),
    listed("/bigtable_thread_pool_size", ForbiddenKey, Reason::NotValidated, DROPS_IT),
    listed("/thread_pool_size", ForbiddenKey, Reason::NotValidated, DROPS_IT),
];

fn thousandth(milliseconds: &Value) -> Value {
    json!(milliseconds.as_f64().unwrap() / 1000.0)
}

const DAX: &[Storage] = &[
    Storage::Converted {
        keys: &["devices"],
        attribute: "devices",
        doc: "`DaxDeviceConfig` objects, without blanks around `device_path`; or one made of the older keys",
        value: dax_devices,
    },
    Storage::Converted {
        keys: &["device_path"],
        attribute: "device_path",
        doc: "the first device's",
        value: |config| dax_devices(config).pointer("/0/device_path").cloned().unwrap_or(json!("")),
    },
    Storage::Converted {
        keys: &["max_dax_size_gb"],
        attribute: "max_dax_size_gb",
        doc: "the first device's",
        value: |config| dax_devices(config).pointer("/0/max_dax_size_gb").cloned().unwrap_or(json!(0.0)),
    },
    Storage::Within { key: "offset_gb", attribute: "devices" },
    Storage::MachineDependent { key: "num_load_workers", doc: "the number of processors, at most 4" },
];

const DAX_LISTED: &[Listed] = &[
    listed("/device_path", ForbiddenKey, Reason::NotValidated, "ignores it if `devices` is given"),
    listed("/max_dax_size_gb", ForbiddenKey, Reason::NotValidated, "ignores it if `devices` is given"),
    listed("/max_dax_size_gb", OutOfRange, Reason::OutOfRange, ANY_NUMBER),
    listed("/devices/*/max_dax_size_gb", OutOfRange, Reason::OutOfRange, ANY_NUMBER),
    listed("/devices/*", Rule, Reason::AtCreation, "refuses a device that is mapped already"),
    listed("/offset_gb", ForbiddenKey, Reason::NotValidated, "ignores it next to `devices`"),
    listed("/offset_gb", OutOfRange, Reason::OutOfRange, ANY_NUMBER),
    listed("/devices/*/offset_gb", OutOfRange, Reason::OutOfRange, ANY_NUMBER),
];

fn dax_devices(config: &Config<'_>) -> Value {
    let devices = match config.get("devices") {
        Value::Array(devices) => devices.clone(),
        _ => vec![json!({
            "device_path": config.get("device_path"),
            "max_dax_size_gb": config.get("max_dax_size_gb"),
            "offset_gb": config.get("offset_gb"),
        })],
    };
    let has_offsets = crate::table_of("dax")
        .unwrap()
        .all_fields()
        .any(|field| field.key == "offset_gb" && field.versions.include(config.version));
    let strip = |mut device: Value| {
        match has_offsets {
            true if device["offset_gb"].is_null() => device["offset_gb"] = json!(0.0),
            true => {}
            false => drop(device.as_object_mut().unwrap().remove("offset_gb")),
        }
        let path = device["device_path"].as_str().unwrap().trim_matches(l2_adapter::BLANK).to_owned();
        device["device_path"] = json!(path);
        device
    };
    Value::Array(devices.into_iter().map(strip).collect())
}

const FAULT_INJECT: &[Storage] = &[Storage::Converted {
    keys: &["inner"],
    attribute: "inner_config",
    doc: "the config of that adapter",
    value: |config| {
        let object = |value: &Value| value.as_object().cloned().unwrap_or_default();
        crate::verdict::expected_of_spec(
            &object(config.get("inner")),
            &object(&config.document["inner"]),
            config.version,
        )
    },
}];

const FAULT_INJECT_LISTED: &[Listed] = &[
    listed("/inner", Rule, Reason::NotValidated, "reads `shared` and `affinity_tag` outside `inner` only"),
    listed("/seed", OutOfRange, Reason::OutOfRange, "accepts an integer of any size"),
];

const HF3FS: &[Storage] = &[Storage::Converted {
    keys: &["base_paths"],
    attribute: "base_paths",
    doc: "unchanged; it is split as ours is when the adapter is created",
    value: |config| {
        let parts = |text: &str| text.split(',').map(|part| part.trim_matches(l2_adapter::BLANK).to_owned()).collect();
        let written = &config.document["base_paths"];
        let (theirs, ours): (Vec<String>, Vec<String>) =
            (parts(written.as_str().unwrap_or_default()), parts(config.text("base_paths")));
        if theirs == ours { written.clone() } else { config.get("base_paths").clone() }
    },
}];

const HF3FS_LISTED: &[Listed] = &[
    WORKERS_OF_AN_OPERATION,
    listed("/base_paths", Rule, Reason::AtCreation, "needs each to begin with `mount_point`, letter by letter"),
];

const MOONCAKE_STORE_LISTED: &[Listed] = &[WORKERS_OF_AN_OPERATION];

const HF3FS_OF_THE_MACHINE: MachineDependent = MachineDependent {
    doc: "`..` in a path, whose target depends on symbolic links",
    covers: |document| {
        let has_detour =
            |key: &str| document[key].as_str().unwrap_or_default().split(['/', ',']).any(|part| part == "..");
        has_detour("base_paths") || has_detour("mount_point")
    },
};

const WORKERS_OF_AN_OPERATION: Listed =
    listed("/per_op_workers/*", NotAllowed, Reason::NotValidated, "stores it, although no operation has that name");

const HFBUCKET: &[Storage] = &[
    Storage::Converted {
        keys: &["bucket_handle"],
        attribute: "bucket_handle",
        doc: "unchanged",
        value: |config| config.document["bucket_handle"].clone(),
    },
    Storage::Derived {
        attribute: "bucket_location",
        doc: "an object with the parts of `bucket_handle`",
        value: |config| {
            let handle = config.text("bucket_handle").trim_start_matches("hf://buckets/").to_owned();
            let parts: Vec<&str> = handle.splitn(3, '/').collect();
            let prefix = parts.get(2).copied().unwrap_or_default();
            json!({"bucket_id": format!("{}/{}", parts[0], parts[1]), "object_prefix": prefix})
        },
    },
    Storage::MachineDependent {
        key: "download_tmp_dir",
        doc: "`lmcache-hfbucket-mp` in the machine's directory for temporary files",
    },
];

const MOONCAKE_STORE: &[Storage] = &[Storage::Rest {
    attribute: "setup_config",
    doc: "in one attribute, as text, including `shared`, `persist_enabled` and `serde` if they are given",
    value: |config| {
        let leaked = ["affinity_tag", "shared", "persist_enabled", "serde"].into_iter().filter_map(|key| {
            let text = match config.document.get(key)? {
                // LMCache has removed it, but not from a nested spec.
                _ if key == "affinity_tag" && !config.is_nested => return None,
                Value::Null => return None,
                Value::String(text) => text,
                Value::Bool(true) => "True",
                Value::Bool(false) => "False",
                // The object, as Python writes it.
                _ => crate::verdict::ANYTHING,
            };
            Some((key.to_owned(), json!(text)))
        });
        Value::Object(config.rest.clone().into_iter().chain(leaked).collect())
    },
}];

const NIXL_STORE_DYNAMIC: &[Storage] = &[Storage::Converted {
    keys: &["backend_params"],
    attribute: "backend_params",
    doc: "unchanged; its switches are converted to lower case when the adapter is created",
    value: |config| {
        let written = &config.document["backend_params"];
        let mut params = config.get("backend_params").clone();
        for key in ["use_direct_io", "shard_dirs"] {
            let lower = |value: &Value| value.as_str().map(str::to_lowercase);
            if lower(&written[key]) == lower(&params[key]) {
                params[key] = written[key].clone();
            } else if written.get(key).is_none() {
                params.as_object_mut().unwrap().remove(key);
            }
        }
        params
    },
}];

const NIXL_TAKES_STRINGS: &str = "NIXL takes strings only";

const NIXL_STORE_LISTED: &[Listed] = &[
    listed("/backend_params", Rule, Reason::AtCreation, "cannot use what is in it"),
    listed("/backend_params/*", WrongType, Reason::AtCreation, NIXL_TAKES_STRINGS),
];

const NIXL_STORE_DYNAMIC_LISTED: &[Listed] = &[
    listed("/backend_params", Missing, Reason::AtCreation, "needs `max_capacity_gb` in it"),
    listed("/backend_params/file_path", Missing, Reason::AtCreation, "needs it"),
    listed("/backend_params/use_direct_io", Missing, Reason::AtCreation, "needs it"),
    listed("/backend_params/max_capacity_gb", Missing, Reason::AtCreation, "needs it"),
    listed("/backend_params/max_capacity_gb", ParseWith, Reason::AtCreation, "needs a number above 0"),
    listed("/backend_params/use_direct_io", NotAllowed, Reason::Coerced, "reads every value but `true` as false"),
    listed("/backend_params/shard_dirs", NotAllowed, Reason::Coerced, "reads every value but `true` as false"),
    listed("/backend_params/file_path", WrongType, Reason::AtCreation, NIXL_TAKES_STRINGS),
    listed("/backend_params/use_direct_io", WrongType, Reason::AtCreation, NIXL_TAKES_STRINGS),
    listed("/backend_params/max_capacity_gb", WrongType, Reason::AtCreation, NIXL_TAKES_STRINGS),
    listed("/backend_params/shard_dirs", WrongType, Reason::AtCreation, NIXL_TAKES_STRINGS),
    listed("/backend_params/*", WrongType, Reason::AtCreation, NIXL_TAKES_STRINGS),
];

const RAW_BLOCK: &[Storage] = &[
    Storage::Converted {
        keys: &["io_engine", "use_iouring", "use_uring"],
        attribute: "io_engine",
        doc: "in lower case; `io_uring` if it is absent and an older key is true",
        value: |config| match config.get("io_engine") {
            Value::Null if *config.get("use_iouring") == true || *config.get("use_uring") == true => json!("io_uring"),
            Value::Null => json!("posix"),
            engine => engine.clone(),
        },
    },
    Storage::Converted {
        keys: &["fdp_data_placement_policy"],
        attribute: "fdp_data_placement_policy",
        doc: "in lower case; if it is absent, `cache_salt_prefix` with `fdp_enabled`, else `none`",
        value: |config| policy(config, "fdp_data_placement_policy", "cache_salt_prefix"),
    },
    Storage::Converted {
        keys: &["fdp_slot_reuse_policy"],
        attribute: "fdp_slot_reuse_policy",
        doc: "in lower case; if it is absent, `pid_affinity` with `fdp_enabled`, else `none`",
        value: |config| policy(config, "fdp_slot_reuse_policy", "pid_affinity"),
    },
];

const RAW_BLOCK_LISTED: &[Listed] = &[
    listed("/capacity_bytes", OutOfRange, Reason::OutOfRange, "reads a negative number as 0"),
    listed("/header_bytes", OutOfRange, Reason::AtCreation, "needs 24 or more"),
    listed("/meta_total_bytes", OutOfRange, Reason::AtCreation, "needs four times `block_align`"),
    listed("/meta_total_bytes", Rule, Reason::AtCreation, "needs four times `block_align`"),
    listed("/meta_magic", Rule, Reason::AtCreation, "needs eight ASCII characters"),
    listed("/device_path", Rule, Reason::AtCreation, "needs an NVMe namespace for `use_uring_cmd`"),
    listed("/max_data_transfer_size", Rule, Reason::AtCreation, "needs a multiple of `block_align`"),
    listed("/meta_checkpoint_placement_id", ForbiddenKey, Reason::NotValidated, "reads null as absent"),
    listed("/meta_magic", Length, Reason::AtCreation, "needs eight ASCII characters"),
    listed("/meta_version", OutOfRange, Reason::AtCreation, "needs 1 or more"),
    listed("/meta_checkpoint_interval_sec", OutOfRange, Reason::OutOfRange, ANY_NUMBER),
    listed("/meta_idle_quiet_ms", OutOfRange, Reason::OutOfRange, ANY_NUMBER),
    listed("/max_data_transfer_size", OutOfRange, Reason::OutOfRange, "reads a negative number as 0"),
    listed("/io_engine", NotAllowed, Reason::Blank, "reads an empty string as absent"),
    listed("/fdp_data_placement_policy", NotAllowed, Reason::Blank, "reads an empty string as absent"),
    listed("/fdp_slot_reuse_policy", NotAllowed, Reason::Blank, "reads an empty string as absent"),
    listed("/fdp_placement_ids", ForbiddenKey, Reason::NotValidated, "discards it unless `fdp_enabled`"),
    listed("/use_iouring", Rule, Reason::NotValidated, "ignores it if `io_engine` is given"),
    listed("/use_uring", Rule, Reason::NotValidated, "ignores it if `io_engine` is given"),
    listed("/persist_enabled", NotAllowed, Reason::Coerced, "reads it as true"),
];

const RESP_LISTED: &[Listed] = &[listed("/port", OutOfRange, Reason::OutOfRange, "accepts any port from 1")];

const S3_LISTED: &[Listed] = &[listed("/max_capacity_gb", OutOfRange, Reason::OutOfRange, ANY_NUMBER)];

const SAGEMAKER_LISTED: &[Listed] = &[Listed {
    covers: |url| url.as_str().is_some_and(|url| url.contains("[::1]")),
    ..listed("/url", ParseWith, Reason::AtCreation, "cannot connect to a host with text outside its brackets")
}];

const VALKEY_LISTED: &[Listed] = &[
    listed("/database_id", OutOfRange, Reason::OutOfRange, ANY_NUMBER),
    Listed {
        covers: |nodes| has_port(nodes, |port| port.bytes().all(|byte| byte.is_ascii_digit())),
        ..listed("/startup_nodes", ParseWith, Reason::OutOfRange, "accepts any port from 1")
    },
    Listed {
        covers: |nodes| has_port(nodes, |port| !port.bytes().all(|byte| byte.is_ascii_digit())),
        ..listed("/startup_nodes", ParseWith, Reason::Coerced, "reads a port as Python's `int` does")
    },
];

fn policy(config: &Config<'_>, key: &str, with_placement: &str) -> Value {
    match config.get(key) {
        Value::Null if *config.get("fdp_enabled") == true => json!(with_placement),
        Value::Null => json!("none"),
        policy => policy.clone(),
    }
}

const VALKEY: &[Storage] = &[
    Storage::Converted {
        keys: &["startup_nodes"],
        attribute: "startup_nodes",
        doc: "a list of pairs of host and port",
        value: |config| {
            let nodes = config.text("startup_nodes").split(',').map(|node| {
                let (host, port) = node.rsplit_once(':').unwrap();
                json!([host, port.parse::<u16>().unwrap()])
            });
            nodes.collect()
        },
    },
    Storage::Converted {
        keys: &["database_id"],
        attribute: "database_id",
        doc: "`None` in `cluster_mode`",
        value: |config| match config.get("cluster_mode") {
            Value::Bool(true) => Value::Null,
            _ => config.get("database_id").clone(),
        },
    },
];

fn has_port(nodes: &Value, is: fn(&str) -> bool) -> bool {
    let nodes = nodes.as_str().unwrap_or_default().split(',');
    nodes.filter_map(|node| node.rsplit_once(':')).any(|(_, port)| is(port.trim()))
}
