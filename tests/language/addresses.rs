//! `host`, `host_port`, `url`: which strings are addresses, which faults others have, and that no message shows a password.

use std::collections::BTreeMap;

use l2_adapter::{CommonConfig, Context, L2AdapterConfig, Secret};
use serde_json::{Value, json};

use crate::{accepted, object, refused, round_trips, warned};

/// Shows rules on addresses.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "addresses")]
struct Addresses {
    /// Where the server is.
    #[config(default = "h", not_blank, host)]
    host: String,
    /// The same with a scope.
    #[config(host = [bracketed, scoped], example = "fe80::1%eth0")]
    scoped: Option<String>,
    /// Nodes by name.
    #[config(default_with = BTreeMap::new, default_doc = "none", keys(host), each(host_port))]
    nodes: BTreeMap<String, String>,
    /// Several nodes.
    #[config(default = "", host_port = [listed], example = "a:7000")]
    several: String,
    /// Where telemetry goes.
    #[config(default = "", url)]
    telemetry: String,
    /// Something that may be a host.
    #[config(default = "", host = advised)]
    advised: String,
    /// A host that nobody may see.
    #[config(secret, host)]
    hidden: Option<Secret<String>>,
    /// A number, whose fault must not show a password.
    #[config(default = 1)]
    port: u16,
    common: CommonConfig,
}

#[test]
fn addresses_are_accepted_and_written_unchanged() {
    let config: Addresses = accepted(json!({
        "host": "10.0.0.1", "scoped": "[fe80::1%eth0]", "nodes": {"a": "a:1", "::1": "[::1]:1"},
        "telemetry": "https://h/p", "advised": "decode-0", "hidden": "h",
    }));
    assert_eq!(config.scoped.as_deref(), Some("[fe80::1%eth0]"));
    round_trips(&config);
}

#[test]
fn a_string_that_is_not_an_address_is_a_fault_with_the_likely_meaning() {
    for (document, message, suggestion) in [
        (
            json!({"host": "http://10.0.0.2"}),
            "`host` must be a host name or IP address, and is a URL",
            Some("10.0.0.2"),
        ),
        (json!({"host": "10.0.0.2:9051"}), "and has a port", Some("10.0.0.2")),
        (json!({"host": "a,b"}), "and is a list of 2", Some("a")),
        (json!({"host": " a"}), "and begins or ends with a blank", Some("a")),
        (json!({"host": "fe80::1%eth0"}), "and has a scope, which cannot be given here", Some("fe80::1")),
        (json!({"scoped": "fe80::1%"}), "`scoped` must be", None),
        (json!({"nodes": {"a": "b"}}), "`a` must be a host and its port, and has no port", None),
        (
            json!({"nodes": {"a:1": "b:1"}}),
            "the key `a:1` must be a host name or IP address, and has a port",
            Some("a"),
        ),
        (json!({"telemetry": "h:1"}), "such as `tcp://h:1`", None),
        (json!({"host": "$(HOST):1"}), "and has a port, and has `$(HOST)`, which looks like a variable", None),
    ] {
        let error = Addresses::from_dict(&object(document.clone())).unwrap_err();
        let fault = &error.faults[0];
        assert_eq!((error.faults.len(), fault.code.as_str()), (1, "address"), "{document}");
        assert!(fault.message.contains(message), "{document}: {}", fault.message);
        assert_eq!(fault.suggestion.as_deref(), suggestion, "{document}");
    }
    assert_eq!(refused::<Addresses>(json!({"host": ""})), ["/host blank"]);
}

#[test]
fn no_node_of_a_list_is_lost_in_what_is_suggested() {
    for (written, code, suggestion) in [
        (json!(["a:1", "b:2"]), "wrong_type", Some(r#""a:1,b:2""#)),
        (json!(["a", " b:2 ", "::1"]), "wrong_type", Some(r#""a:7000,b:2,[::1]:7000""#)),
        (json!([{"host": "a", "port": 1}, {"port": 2, "host": "b"}]), "wrong_type", Some(r#""a:1,b:2""#)),
        (json!([["a", 1], ["b", 2]]), "wrong_type", Some(r#""a:1,b:2""#)),
        (json!(["redis://user:pw-1@a:1", "b:2"]), "wrong_type", Some(r#""a:1,b:2""#)),
        (json!({"host": "a", "port": "1"}), "wrong_type", Some(r#""a:1""#)),
        (json!([{"host": "a"}, ["b", "2"]]), "wrong_type", Some(r#""a:7000,b:2""#)),
        (json!({"host": "a", "port": 1, "db": 0}), "wrong_type", None),
        (json!(["a:1", 2]), "wrong_type", None),
        (json!([]), "wrong_type", None),
        (json!("a:1;b:2"), "address", Some("a:1,b:2")),
        (json!("a, b"), "address", Some("a:7000,b:7000")),
        (json!("a:1,b:0"), "address", None),
    ] {
        let error = Addresses::from_dict(&object(json!({"several": written}))).unwrap_err();
        let fault = &error.faults[0];
        assert_eq!((fault.code.as_str(), fault.suggestion.as_deref()), (code, suggestion), "{written}: {error}");
    }
    let error = Addresses::from_dict(&object(json!({"host": ["a"], "port": "http"}))).unwrap_err();
    let suggestions: Vec<_> = error.faults.iter().map(|fault| fault.suggestion.as_deref()).collect();
    assert_eq!(suggestions, [Some(r#""a""#), None], "{error}");
    assert_eq!(Addresses::from_dict(&object(json!({"host": ["a", "b"]}))).unwrap_err().faults[0].suggestion, None);
}

#[test]
fn an_advised_form_is_a_warning_that_says_what_to_write() {
    let (config, codes) = warned::<Addresses>(json!({"advised": "redis://user:pw@h:6379"}));
    assert_eq!((config.advised.as_str(), codes), ("redis://user:pw@h:6379", vec!["/advised address".to_owned()]));
    let parsed = Addresses::parse(&object(json!({"advised": "redis://user:pw@h:6379"})), &Context::empty()).unwrap();
    let message = "`advised` should be a host name or IP address, and is a URL: write `h`";
    assert_eq!(parsed.warnings[0].message, message);
}

#[test]
fn no_message_shows_the_password_of_a_url() {
    let url = "redis://user:pw-1@h:6379";
    for key in ["host", "scoped", "nodes", "telemetry", "advised", "hidden", "port", "unknown"] {
        for value in [json!(url), json!({"a": url}), json!(format!("{url},{url}")), json!(format!(" {url} \" {url}"))] {
            let printed = match Addresses::parse(&object(json!({key: value})), &Context::empty()) {
                Ok(parsed) => parsed.warnings.iter().map(ToString::to_string).collect(),
                Err(error) => error.to_string(),
            };
            assert!(!printed.contains("pw-1"), "{key}: {printed}");
        }
    }
}

#[test]
fn a_secret_is_not_described() {
    let error = Addresses::from_dict(&object(json!({"hidden": "http://h"}))).unwrap_err();
    assert_eq!(error.faults[0].to_string(), "/hidden: `hidden` must be a host name or IP address, got a string");
}

#[test]
fn help_and_schema_describe_addresses() {
    let help = Addresses::help().split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "host (string, optional, default \"h\"; not blank, a host name or IP address)",
        "with or without brackets and a scope (`[fe80::1%eth0]`)",
        "a URL, such as `tcp://10.0.0.1:8080`",
        "a host name or IP address; anything else is a warning",
    ] {
        assert!(help.contains(words), "{words}: {help}");
    }
    let schema = Value::from(Addresses::json_schema());
    let validator = jsonschema::validator_for(&schema).unwrap();
    let accepts = |key: &str, value: &str| validator.is_valid(&json!({"type": "addresses", key: value}));
    for (key, value) in [("host", "::1"), ("scoped", "[fe80::1%eth0]"), ("host", "$(POD_IP)"), ("advised", "http://h")]
    {
        assert!(accepts(key, value), "{key}: {value}");
    }
    for (key, value) in
        [("host", "http://h"), ("host", "a,b"), ("host", "[::1]"), ("host", "a\n"), ("telemetry", "h:1")]
    {
        assert!(!accepts(key, value), "{key}: {value}");
    }
}
