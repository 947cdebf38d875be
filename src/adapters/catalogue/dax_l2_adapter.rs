//! `dax`: keeps KV chunks on byte-addressable DAX devices. Configuration only.

use crate::{BLANK, CommonConfig, ConfigSection, Given, L2AdapterConfig, RuleError};

/// An exbibyte. LMCache fails on sizes whose bytes no float holds.
const LARGEST_DEVICE: f64 = 1_073_741_824.0;

/// Keeps KV chunks on byte-addressable DAX devices.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "dax")]
#[config(also_known_as = ["pmem", "devdax", "persistent_memory"])]
#[config(rule(
    name = "empty_only_for_hotplug",
    doc = "`devices` is a list, which may be empty with `hotplug_enabled`: then devices are added later.",
    reads(devices, hotplug_enabled),
    check = empty_only_for_hotplug,
))]
#[config(rule(
    name = "size_of_the_device",
    doc = "`max_dax_size_gb` and `device_path` are given together.",
    reads(max_dax_size_gb, device_path),
    check = size_of_the_device,
))]
#[config(rule(
    name = "room_for_a_slot",
    doc = "Each device has room for one slot.",
    reads(slot_bytes, devices, max_dax_size_gb),
    check = room_for_a_slot,
))]
#[config(rule(
    name = "ranges_apart",
    doc = "The ranges of one device in `devices` do not overlap.",
    reads(devices),
    check = ranges_apart,
))]
pub struct DaxL2AdapterConfig {
    /// The size of a slot; each holds one chunk.
    #[config(required, min = 1, unit = bytes, example = 2097152)]
    pub slot_bytes: u64,
    /// The devices.
    #[config(required_if(device_path = absent))]
    #[config(example = [{"device_path": "/dev/dax0.0", "max_dax_size_gb": 64.0}])]
    pub devices: Given<Vec<DaxDevice>>,
    /// The device, if there is only one. LMCache strips white space around it.
    #[config(deprecated = "name it in `devices`", not_blank, exists = [device, file], access = write)]
    #[config(forbidden_unless(devices = absent, reason = "it is ignored if they are given"))]
    pub device_path: Option<String>,
    /// How much of the device at `device_path` is used.
    #[config(deprecated = "name it in `devices`", above = 0.0, max = LARGEST_DEVICE, unit = gib)]
    #[config(forbidden_unless(devices = absent, reason = "it is ignored if they are given"))]
    pub max_dax_size_gb: Option<f64>,
    /// Where on the device at `device_path` the part that is used begins.
    #[config(deprecated = "name it in `devices`", default = 0.0, min = 0.0, max = LARGEST_DEVICE, unit = gib)]
    #[config(forbidden_unless(devices = absent, reason = "it is ignored next to them"), since = "LMCache 0.5.7")]
    pub offset_gb: f64,
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
    pub common: CommonConfig,
}

/// One DAX device.
#[derive(Debug, Clone, PartialEq, ConfigSection)]
pub struct DaxDevice {
    /// The device, or a file in its place. LMCache strips white space around it.
    #[config(required, not_blank, exists = [device, file], access = write, example = "/dev/dax0.0")]
    pub device_path: String,
    /// How much of it is used.
    #[config(required, above = 0.0, max = LARGEST_DEVICE, unit = gib, example = 64.0)]
    pub max_dax_size_gb: f64,
    /// Where the part that is used begins: a multiple of the device's alignment.
    #[config(default = 0.0, min = 0.0, max = LARGEST_DEVICE, unit = gib, since = "LMCache 0.5.7")]
    pub offset_gb: f64,
}

impl DaxDevice {
    /// The bytes of the device that are used, as LMCache counts them: whole ones.
    fn bytes(&self) -> std::ops::Range<u128> {
        let begin = whole_bytes(self.offset_gb);
        begin..begin + whole_bytes(self.max_dax_size_gb)
    }

    /// Whether both use bytes of one device. LMCache drops white space around its path.
    fn overlaps(&self, other: &Self) -> bool {
        let (own, others) = (self.bytes(), other.bytes());
        self.device_path.trim_matches(BLANK) == other.device_path.trim_matches(BLANK)
            && own.start < others.end
            && others.start < own.end
    }
}

fn whole_bytes(gib: f64) -> u128 {
    (gib * 1024.0 * 1024.0 * 1024.0) as u128
}

fn processors_up_to_four() -> u32 {
    std::thread::available_parallelism().map_or(1, |processors| processors.get().min(4) as u32)
}

fn empty_only_for_hotplug(devices: &Given<Vec<DaxDevice>>, hotplug_enabled: &bool) -> Result<(), RuleError> {
    match devices {
        // LMCache reads whichever of the keys is present, `device_path` or not.
        Given::Null => Err(RuleError::new("must be a list: leave the key out instead of writing null")),
        Given::Value(devices) if devices.is_empty() && !hotplug_enabled => {
            Err(RuleError::new("must name a device, since `hotplug_enabled` is false"))
        }
        _ => Ok(()),
    }
}

fn size_of_the_device(max_dax_size_gb: &Option<f64>, device_path: &Option<String>) -> Result<(), RuleError> {
    if device_path.is_some() && max_dax_size_gb.is_none() {
        return Err(RuleError::new("is required with `device_path`"));
    }
    Ok(())
}

fn room_for_a_slot(
    slot_bytes: &u64,
    devices: &Given<Vec<DaxDevice>>,
    max_dax_size_gb: &Option<f64>,
) -> Result<(), RuleError> {
    let is_too_small = |gib: f64| whole_bytes(gib) < u128::from(*slot_bytes);
    let listed = match devices {
        Given::Value(devices) => devices.as_slice(),
        _ => &[],
    };
    let mut sizes = listed.iter().map(|device| device.max_dax_size_gb).chain(*max_dax_size_gb);
    match sizes.find(|gib| is_too_small(*gib)) {
        Some(gib) => Err(RuleError::new(format!("must fit into each device, and one has {gib} GiB"))),
        None => Ok(()),
    }
}

fn ranges_apart(devices: &Given<Vec<DaxDevice>>) -> Result<(), RuleError> {
    let Given::Value(devices) = devices else { return Ok(()) };
    for (index, device) in devices.iter().enumerate() {
        if let Some(first) = devices[..index].iter().position(|first| first.overlaps(device)) {
            let message =
                format!("must not overlap `devices[{first}]`, which uses the same part of {:?}", device.device_path);
            return Err(RuleError::new(message).at("devices").item(index));
        }
    }
    Ok(())
}
