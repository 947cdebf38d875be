//! The keys every adapter shares, and `common_key`.

use l2_adapter::{CommonConfig, EvictionPolicy, L2AdapterConfig};
use serde_json::json;

use crate::{accepted, message, refused, round_trips};

/// Shows rules on common keys.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "shared-keys")]
#[config(common_key(name = "persist_enabled", allowed = [true], reason = "what it keeps stays"))]
#[config(common_key(name = "shared", allowed = [true], reason = "it is always shared"))]
#[config(common_key(name = "serde", forbidden, reason = "chunks stay as they are"))]
struct CommonKeys {
    /// Where.
    #[config(required, example = "/cache")]
    path: String,
    common: CommonConfig,
}

#[test]
fn common_keys_are_read_together_with_declared_keys() {
    let config: CommonKeys = accepted(json!({
        "path": "a", "shared": true, "persist_enabled": true, "affinity_tag": "b",
        "eviction": {"eviction_policy": "ARC", "trigger_watermark": 1},
    }));
    let eviction = config.eviction_config().expect("an eviction config");
    assert_eq!((eviction.eviction_policy, eviction.trigger_watermark), (EvictionPolicy::Arc, 1.0));
    assert_eq!(config.common.affinity_tag, "b");
    round_trips(&config);
}

#[test]
fn faults_of_common_keys_follow_those_of_declared_keys() {
    let faults = refused::<CommonKeys>(json!({
        "affinity_tag": " ", "eviction": {"eviction_policy": "LUR", "eviction_ratio": 2}, "shared": true, "extra": 1,
    }));
    let expected = [
        "/path missing",
        "/eviction/eviction_policy not_allowed",
        "/eviction/eviction_ratio out_of_range",
        "/affinity_tag blank",
        "/extra unknown_key",
    ];
    assert_eq!(faults, expected);
}

#[test]
fn a_common_key_whose_default_is_not_allowed_is_required() {
    assert_eq!(refused::<CommonKeys>(json!({"path": "a"})), ["/shared missing"]);
    let message = message::<CommonKeys>(json!({"path": "a"}));
    assert!(message.ends_with("it is always shared"), "{message}");
}

#[test]
fn a_type_may_forbid_a_common_key_unless_it_is_null() {
    let faults = refused::<CommonKeys>(json!({"path": "a", "shared": true, "serde": {"type": "zstd"}}));
    assert_eq!(faults, ["/serde forbidden_key"]);
    accepted::<CommonKeys>(json!({"path": "a", "shared": true, "serde": null}));
    // A value that is forbidden or restricted has no other fault.
    let faults = refused::<CommonKeys>(json!({"path": "a", "shared": "x", "serde": {"type": 5}}));
    assert_eq!(faults, ["/shared not_allowed", "/serde forbidden_key"]);
}
