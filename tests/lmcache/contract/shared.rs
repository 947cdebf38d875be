//! The allowed differences of the common keys.

use l2_adapter::FaultCode;
use serde_json::{Value, json};

use super::{Config, Contract, Reason, Storage, listed};

pub(crate) const SHARED: Contract = Contract {
    adapter: "",
    machine_dependent: None,
    storage: &[
        Storage::Converted {
            keys: &["eviction"],
            attribute: "eviction_config",
            doc: "an `EvictionConfig`, whose two settings for logging are LMCache's own",
            value: eviction,
        },
        Storage::Converted {
            keys: &["persist_enabled"],
            attribute: "persist_config",
            doc: "a `PersistConfig`",
            value: persist,
        },
        Storage::Converted {
            keys: &["serde"],
            attribute: "serde_config",
            doc: "a `SerdeConfig`: `type`, and the other keys as `kwargs`",
            value: serde,
        },
    ],
    listed: &[
        listed("/eviction/trigger_watermark", FaultCode::OutOfRange, Reason::OutOfRange, "accepts any number"),
        listed("/eviction/eviction_ratio", FaultCode::OutOfRange, Reason::OutOfRange, "accepts any number"),
    ],
};

fn eviction(config: &Config<'_>) -> Value {
    let Value::Object(eviction) = config.get("eviction") else { return Value::Null };
    let mut eviction = eviction.clone();
    eviction.insert("extra_logging_enabled".to_owned(), json!(false));
    eviction.insert("extra_logging_interval".to_owned(), json!(10.0));
    Value::Object(eviction)
}

fn persist(config: &Config<'_>) -> Value {
    json!({"persist_enabled": config.get("persist_enabled")})
}

fn serde(config: &Config<'_>) -> Value {
    let Value::Object(serde) = config.get("serde") else { return Value::Null };
    let mut settings = serde.clone();
    let name = settings.remove("type");
    json!({"type": name, "kwargs": settings})
}
