//! `dax`: keeps KV chunks on byte-addressable DAX devices. Configuration only.

use crate::{ConfigSection, Given, L2AdapterConfig, RuleError, SharedConfig};

/// Keeps KV chunks on byte-addressable DAX devices.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "dax")]
#[config(rule(
    name = "some_device",
    doc = "`devices` names at least one device, unless `hotplug_enabled` lets them be added later; the older `device_path` \
           and `max_dax_size_gb` name one in its place.",
    reads(devices, device_path, max_dax_size_gb, hotplug_enabled),
    check = some_device,
))]
#[config(rule(
    name = "room_for_a_slot",
    doc = "Each device has room for one slot.",
    reads(slot_bytes, devices, max_dax_size_gb),
    check = room_for_a_slot,
))]
pub struct DaxL2AdapterConfig {
    /// The size of a slot; each holds one chunk.
    #[config(required, min = 1, unit = bytes, example = 2097152)]
    pub slot_bytes: u64,
    /// The devices.
    pub devices: Given<Vec<DaxDevice>>,
    /// The device, where there is one only. LMCache drops white space around it.
    #[config(deprecated = "name it in `devices`", not_blank)]
    pub device_path: Option<String>,
    /// How much of the device at `device_path` is used.
    #[config(deprecated = "name it in `devices`", above = 0.0, unit = gib)]
    pub max_dax_size_gb: Option<f64>,
    /// Whether devices may be added, removed and resized while the server runs.
    #[config(default = false)]
    pub hotplug_enabled: bool,
    /// Threads that store.
    #[config(default = 1, min = 1)]
    pub num_store_workers: u32,
    /// Threads that look up.
    #[config(default = 1, min = 1)]
    pub num_lookup_workers: u32,
    /// Threads that load.
    #[config(default_with = processors_up_to_four, default_doc = "the number of processors, at most 4", min = 1)]
    pub num_load_workers: u32,
    /// The keys that every adapter shares.
    pub shared: SharedConfig,
}

/// One DAX device.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
pub struct DaxDevice {
    /// The device, or a file in its place. LMCache drops white space around it.
    #[config(required, not_blank, example = "/dev/dax0.0")]
    pub device_path: String,
    /// How much of it is used.
    #[config(required, above = 0.0, unit = gib, example = 64.0)]
    pub max_dax_size_gb: f64,
}

fn processors_up_to_four() -> u32 {
    std::thread::available_parallelism().map_or(1, |processors| processors.get().min(4) as u32)
}

fn some_device(
    devices: &Given<Vec<DaxDevice>>,
    device_path: &Option<String>,
    max_dax_size_gb: &Option<f64>,
    hotplug_enabled: &bool,
) -> Result<(), RuleError> {
    match devices {
        Given::Null => Err(RuleError::new("must be a list: leave the key out instead of writing null")),
        Given::Value(devices) if devices.is_empty() && !hotplug_enabled => {
            Err(RuleError::new("must name a device, since `hotplug_enabled` is false"))
        }
        Given::Value(_) if device_path.is_some() => {
            Err(RuleError::new("is ignored beside `devices`: name the device there").at("device_path"))
        }
        Given::Value(_) if max_dax_size_gb.is_some() => {
            Err(RuleError::new("is ignored beside `devices`: name the device there").at("max_dax_size_gb"))
        }
        Given::Value(_) => Ok(()),
        Given::Absent if device_path.is_none() && max_dax_size_gb.is_none() => {
            Err(RuleError::new("is required: name at least one device"))
        }
        Given::Absent if device_path.is_none() => {
            Err(RuleError::new("is required beside `max_dax_size_gb`").at("device_path"))
        }
        Given::Absent if max_dax_size_gb.is_none() => {
            Err(RuleError::new("is required beside `device_path`").at("max_dax_size_gb"))
        }
        Given::Absent => Ok(()),
    }
}

fn room_for_a_slot(
    slot_bytes: &u64,
    devices: &Given<Vec<DaxDevice>>,
    max_dax_size_gb: &Option<f64>,
) -> Result<(), RuleError> {
    // As LMCache counts: whole bytes.
    let is_too_small = |gib: f64| (gib * 1024.0 * 1024.0 * 1024.0).floor() < *slot_bytes as f64;
    if let Given::Value(devices) = devices {
        return match devices.iter().position(|device| is_too_small(device.max_dax_size_gb)) {
            Some(index) => Err(RuleError::new(format!("must fit into device {index}, which is smaller"))),
            None => Ok(()),
        };
    }
    match max_dax_size_gb {
        Some(gib) if is_too_small(*gib) => Err(RuleError::new("must fit into the device, which is smaller")),
        _ => Ok(()),
    }
}
