//! `parse_with`, `rule`, `warning`.

use std::{collections::BTreeMap, net::IpAddr, time::Duration};

use l2_adapter::{CommonConfig, L2AdapterConfig, RuleError};
use serde_json::json;

use crate::{accepted, refused, round_trips, warned};

/// Shows functions.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "hooks")]
#[config(
    rule(name = "ordered", doc = "`low` is at most `high`.", reads(low, high), check = ordered),
    rule(name = "patient", doc = "A shared store needs patience.", reads(patience, common), check = patient),
)]
#[config(warning(name = "wide", doc = "A wide range is slow.", reads(low, high), check = narrow))]
struct Hooks {
    /// An address.
    #[config(required, parse_with = parse_address, write_with = write_address, max_length = 39, example = "::1")]
    address: IpAddr,
    /// How long to wait, in seconds.
    #[config(default = 1.5, min = 0.0, unit = seconds)]
    #[config(parse_with = parse_seconds, write_with = Duration::as_secs_f64, wire = f64)]
    patience: Duration,
    /// How long to wait at most, in seconds.
    #[config(parse_with = parse_seconds, write_with = Duration::as_secs_f64, wire = f64)]
    longest: Option<Duration>,
    /// The lower end.
    #[config(default = 1)]
    low: u16,
    /// The upper end.
    #[config(default = 5)]
    high: u16,
    common: CommonConfig,
}

fn parse_address(text: String) -> Result<IpAddr, String> {
    text.parse().map_err(|_| "must be an IP address".to_owned())
}

fn write_address(address: &IpAddr) -> String {
    address.to_string()
}

fn parse_seconds(seconds: f64) -> Result<Duration, RuleError> {
    Duration::try_from_secs_f64(seconds).map_err(|_| RuleError::new("must be a number of seconds that fits"))
}

fn ordered(low: &u16, high: &u16) -> Result<(), RuleError> {
    if low <= high { Ok(()) } else { Err(RuleError::new("must be at least `low`").at("high")) }
}

fn patient(patience: &Duration, common: &CommonConfig) -> Result<(), &'static str> {
    if common.shared && patience.is_zero() { Err("must be above 0 for a shared store") } else { Ok(()) }
}

fn narrow(low: &u16, high: &u16) -> Result<(), String> {
    if high - low < 100 { Ok(()) } else { Err(format!("is {} below `high`: this is slow", high - low)) }
}

#[test]
fn parse_with_computes_the_value() {
    let config: Hooks = accepted(json!({"address": "10.0.0.1", "longest": 2}));
    assert_eq!(config.address, IpAddr::from([10, 0, 0, 1]));
    assert_eq!(config.patience, Duration::from_millis(1500));
    assert_eq!(config.longest, Some(Duration::from_secs(2)));
    round_trips(&config);
    round_trips(&accepted::<Hooks>(json!({"address": "::1", "longest": null})));
}

#[test]
fn rules_are_checked_before_parse_with() {
    assert_eq!(refused::<Hooks>(json!({"address": "::1", "patience": -1})), ["/patience out_of_range"]);
    assert_eq!(refused::<Hooks>(json!({"address": "x".repeat(40)})), ["/address length"]);
    assert_eq!(refused::<Hooks>(json!({"address": 5})), ["/address wrong_type"]);
    assert_eq!(refused::<Hooks>(json!({})), ["/address missing"]);
}

#[test]
fn parse_with_may_refuse_a_value() {
    assert_eq!(refused::<Hooks>(json!({"address": "localhost"})), ["/address parse_with"]);
    assert_eq!(refused::<Hooks>(json!({"address": "::1", "longest": -1})), ["/longest parse_with"]);
}

#[test]
fn a_rule_points_at_the_key_that_it_names_or_the_first_that_it_reads() {
    assert_eq!(refused::<Hooks>(json!({"address": "::1", "low": 6})), ["/high rule"]);
    assert_eq!(refused::<Hooks>(json!({"address": "::1", "patience": 0, "shared": true})), ["/patience rule"]);
}

#[test]
fn a_rule_is_not_run_on_invalid_fields() {
    assert_eq!(refused::<Hooks>(json!({"address": "::1", "low": 6, "high": "5"})), ["/high wrong_type"]);
}

#[test]
fn rules_are_reported_after_fields_and_common_keys() {
    let faults = refused::<Hooks>(json!({"address": 5, "low": 6, "affinity_tag": "", "extra": 1}));
    assert_eq!(faults, ["/address wrong_type", "/affinity_tag blank", "/high rule", "/extra unknown_key"]);
}

#[test]
fn a_warning_is_returned_with_the_value() {
    let (config, warnings) = warned::<Hooks>(json!({"address": "::1", "high": 200}));
    assert_eq!(config.high, 200);
    assert_eq!(warnings, ["/low advice"]);
}

#[test]
fn warnings_are_reported_next_to_faults_unless_they_depend_on_what_is_wrong() {
    for (document, faults, warnings) in [
        (json!({"address": 5, "high": 200}), "/address wrong_type", &["/low advice"][..]),
        (json!({"address": "::1", "high": 200, "extra": "$A"}), "/extra unknown_key", &["/low advice"]),
        (json!({"address": "::1", "low": 6.0, "high": "200"}), "/high wrong_type", &["/low integral_float"]),
        (json!({"address": "::1", "low": 250, "high": 200}), "/high rule", &[]),
    ] {
        let error = Hooks::from_value(&document).unwrap_err();
        assert_eq!(codes(error.faults.iter().map(|fault| (&fault.pointer, fault.code.as_str()))), [faults]);
        let found = codes(error.warnings.iter().map(|warning| (&warning.pointer, warning.code.as_str())));
        assert_eq!(found, warnings, "{document}");
    }
}

fn codes<'a>(findings: impl Iterator<Item = (&'a String, &'a str)>) -> Vec<String> {
    findings.map(|(pointer, code)| format!("{pointer} {code}")).collect()
}

/// Points at places inside values.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "hooks-places")]
#[config(
    rule(name = "first_weight", doc = "The first weight is not 9.", reads(weights), check = first_weight),
    rule(name = "mistaken", doc = "It points at what is not there.", reads(weights, place), check = mistaken),
)]
struct Places {
    /// Ports.
    #[config(default = [1], alias = "port_list", parse_with = even_ports, write_with = same_ports, wire = Vec<u16>)]
    ports: Vec<u16>,
    /// Weights by name.
    #[config(default_with = BTreeMap::new, default_doc = "none")]
    weights: BTreeMap<String, u8>,
    /// What `mistaken` points at.
    #[config(default = "")]
    place: String,
    common: CommonConfig,
}

fn even_ports(ports: Vec<u16>) -> Result<Vec<u16>, RuleError> {
    match ports.iter().position(|port| *port == 5) {
        Some(index) => Err(RuleError::new("must not be 5").item(index)),
        None => Ok(ports),
    }
}

fn same_ports(ports: &[u16]) -> Vec<u16> {
    ports.to_vec()
}

fn first_weight(weights: &BTreeMap<String, u8>) -> Result<(), RuleError> {
    match weights.iter().find(|(_, weight)| **weight == 9) {
        Some((name, _)) => Err(RuleError::new("must not be 9").at("weights").key(name)),
        None => Ok(()),
    }
}

fn mistaken(_: &BTreeMap<String, u8>, place: &str) -> Result<(), RuleError> {
    let error = RuleError::new("is mistaken");
    Err(match place {
        "slash" => error.at("/ports"),
        "empty" => error.at(""),
        "path" => error.at("weights/a"),
        "deep" => error.at("weights").key("a").item(3),
        "absent" => error.at("ports").item(7),
        _ => return Ok(()),
    })
}

#[test]
fn parse_with_points_into_its_value_under_any_name_of_the_key() {
    let fault = |document| Places::from_value(&document).unwrap_err().faults.remove(0).to_string();
    assert_eq!(fault(json!({"ports": [1, 5]})), "/ports/1: `ports[1]` must not be 5");
    assert_eq!(fault(json!({"port_list": [5]})), "/port_list/0: `port_list[0]` must not be 5");
}

#[test]
fn a_key_of_a_map_is_escaped_in_a_pointer() {
    assert_eq!(refused::<Places>(json!({"weights": {"a/b~c": 9}})), ["/weights/a~1b~0c rule"]);
}

#[test]
fn a_rule_that_points_at_an_absent_place_points_at_the_nearest_existing_one() {
    for (place, pointer) in [
        ("slash", "/weights"),
        ("empty", "/weights"),
        ("path", "/weights"),
        ("deep", "/weights/a"),
        ("absent", "/ports"),
    ] {
        let document = json!({"weights": {"a": 1}, "ports": [1], "place": place});
        assert_eq!(refused::<Places>(document), [format!("{pointer} rule")], "{place}");
    }
}
