//! No output of any command shows a secret.

use l2_adapter::{
    CommonConfig, L2AdapterConfig, Secret,
    cli::{Exit, Streams, run},
};

/// Keeps KV chunks behind a password.
#[derive(Debug, Clone, PartialEq, L2AdapterConfig)]
#[config(type = "vault")]
pub(crate) struct VaultL2AdapterConfig {
    /// What opens the vault.
    #[config(required, secret, not_blank, max_length = 12)]
    pub password: Secret<String>,
    /// A second secret that is a number.
    #[config(secret, max = 1000)]
    pub pin: Option<Secret<u32>>,
    /// How many doors the vault has.
    #[config(default = 1, min = 1)]
    pub doors: u32,
    /// The keys that every adapter shares.
    pub common: CommonConfig,
}

pub(crate) fn run_on(arguments: &[&str], input: &str) -> (Exit, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let streams = Streams { input: &mut input.as_bytes(), input_is_terminal: false, out: &mut out, err: &mut err };
    let exit = run(["l2-adapter"].iter().chain(arguments).map(Into::into), streams);
    (exit, String::from_utf8([out, err].concat()).unwrap())
}

#[test]
fn no_report_shows_a_secret() {
    let documents = [
        // Valid.
        r#"{"type": "vault", "password": "xyzzy-12", "pin": 977}"#,
        // Faults next to secrets, and in them: too long, too large, the wrong type, blank, repeated.
        r#"{"type": "vault", "password": "xyzzy-12", "doors": 0, "key": 1}"#,
        r#"{"type": "vault", "password": "xyzzy-12-and-longer", "pin": 977977}"#,
        r#"{"type": "vault", "password": ["xyzzy-12"], "pin": "977"}"#,
        r#"{"type": "vault", "password": {"xyzzy": "xyzzy-12"}}"#,
        r#"{"type": "vault", "password": "xyzzy-12", "password": "xyzzy-13"}"#,
        r#"{"type": "vault", "password": 97797797, "pin": 977.0}"#,
        // The values of misspelt keys and types may be meant for the secret.
        r#"{"type": "vault", "passwrod": "xyzzy-12", "pni": 977}"#,
        r#"{"type": "vualt", "password": "xyzzy-12"}"#,
        r#"{"password": "xyzzy-12"}"#,
        r#"["xyzzy-12"]"#,
        r#""xyzzy-12""#,
        // Text that is not JSON.
        r#"{"type": "vault", "password": "xyzzy-12"#,
        r#"{"type": "vault", "password": xyzzy-12}"#,
    ];
    for document in documents {
        for format in ["human", "json"] {
            let (_, shown) = run_on(&["check", "--format", format], document);
            assert!(!shown.contains("xyzzy") && !shown.contains("977"), "{document}\n{shown}");
            assert!(shown.contains("checked 1 document"), "{document}\n{shown}");
        }
    }
}

#[test]
fn the_value_of_a_valid_document_has_its_secrets_redacted() {
    let (exit, shown) = run_on(&["check", "--format", "json"], r#"{"type": "vault", "password": "xyzzy", "pin": 977}"#);
    assert_eq!(exit, Exit::Success, "{shown}");
    assert!(shown.contains(r#""password":"[redacted]""#) && shown.contains(r#""pin":"[redacted]""#), "{shown}");
}

#[test]
fn a_type_of_another_crate_is_known_to_every_command() {
    for command in [&["types"][..], &["explain", "vault"], &["docs"], &["schema"], &["example", "vault"]] {
        let (exit, shown) = run_on(command, "");
        assert_eq!(exit, Exit::Success, "{command:?}");
        assert!(shown.contains("vault"), "{command:?}: {shown}");
    }
}

/// Addresses with a secret in them, which is `xyzzy`.
const ADDRESSES: [&str; 14] = [
    "redis://u:xyzzy@h",
    "redis://xyzzy@h:1",
    "xyzzy@h",
    "xyzzy@10.0.0.1:6379",
    "a:1,xyzzy@h:1",
    "//xyzzy@h",
    "http://h/p?token=xyzzy",
    "http://h/?X-Amz-Signature=xyzzy",
    "h:1/p?sig=xyzzy",
    "h?xyzzy",
    "?token=xyzzy",
    "http://h/#xyzzy",
    "h:1#xyzzy",
    "h;password=xyzzy;db=1",
];

/// Specs with `ADDRESS` in many places: where it is valid, advised against and refused, as a key, and in objects that are passed on.
const AROUND: [&str; 22] = [
    r#"{"type": "pd", "role": "sender", "peer_host": "h", "peer_init_port": [1], "peer_alloc_port": [2], "node_name": "ADDRESS"}"#,
    r#"{"type": "pd", "role": "sender", "peer_host": "h", "peer_init_port": [1], "peer_alloc_port": [2], "node_name": "ADDRESS"}"#,
    r#"{"type": "resp", "host": "ADDRESS", "port": 1}"#,
    r#"{"type": "resp", "host": "ADDRESS", "port": 0}"#,
    r#"{"type": "resp", "host": "h", "port": "ADDRESS"}"#,
    r#"{"type": "resp", "host": "h", "port": 1, "ADDRESS": 1}"#,
    r#"{"type": "resp", "host": "h", "port": 1, "ADDRESS": 1, "ADDRESS": 1}"#,
    r#"{"type": "ADDRESS"}"#,
    r#"{"ADDRESS": {"type": "resp"}}"#,
    r#"{"type": "pd", "role": "ADDRESS", "peer_host": "ADDRESS", "peer_init_port": "ADDRESS", "peer_alloc_port": ["ADDRESS"]}"#,
    r#"{"enable_pd": true, "pd_role": "sender", "pd_peer_host": "ADDRESS", "ADDRESS": 1}"#,
    r#"{"type": "valkey", "startup_nodes": "ADDRESS"}"#,
    r#"{"type": "valkey", "startup_nodes": ["ADDRESS", "h:1"]}"#,
    r#"{"type": "aerospike", "hosts": "h:1,ADDRESS"}"#,
    r#"{"type": "p2p", "peer_mq_server_url": "ADDRESS", "peer_transfer_channel_server_url": "ADDRESS"}"#,
    r#"{"type": "s3", "s3_endpoint": "ADDRESS", "s3_region": "eu-central-1"}"#,
    r#"{"type": "mooncake_store", "metadata_server": "ADDRESS", "local_hostname": "ADDRESS", "master_server_addr": "ADDRESS"}"#,
    r#"{"type": "hfbucket", "bucket_handle": "ADDRESS"}"#,
    r#"{"type": "hf3fs", "mount_point": "/m", "base_paths": "ADDRESS"}"#,
    r#"{"type": "sagemaker-hyperpod", "url": "ADDRESS"}"#,
    r#"{"type": "plugin", "module_path": "m", "class_name": "C", "adapter_params": {"url": "ADDRESS", "nodes": ["ADDRESS"]}}"#,
    r#"{"type": "fault_inject", "inner": {"type": "resp", "host": "ADDRESS", "port": 1, "prot": 1}}"#,
];

#[test]
fn no_report_shows_the_secret_of_an_address() {
    let specs: Vec<String> =
        AROUND.iter().flat_map(|spec| ADDRESSES.map(|address| spec.replace("ADDRESS", address))).collect();
    for format in ["human", "json", "github", "sarif"] {
        let (_, printed) = run_on(&["check", "--format", format], &specs.join("\n"));
        let shown: Vec<&str> = printed.lines().filter(|line| line.contains("xyzzy")).collect();
        assert!(shown.is_empty(), "{format}: {shown:#?}");
    }
}

#[test]
fn a_fault_in_a_key_with_a_secret_has_the_place_of_the_key() {
    let (_, printed) = run_on(&["check"], r#"{"type": "resp", "host": "h", "port": 1, "http://h?token=xyzzy": 1}"#);
    assert!(
        printed.contains("<stdin>:1:42:") && printed.contains("/http:~1~1h?***: `http://h?***` is not"),
        "{printed}"
    );
}

#[test]
fn undeclared_secrets_are_hidden_too() {
    let specs = [
        r#"{"type": "mooncake_store", "redis_password": "xyzzy", "http://h/?sig=xyzzy": "a"}"#,
        r#"{"type": "hfbucket", "bucket_handle": "hf://buckets/a/b", "token_env": "hf_xyzzy"}"#,
        r#"{"type": "nixl_store", "backend": "POSIX", "backend_params": {"access_key": "xyzzy", "file_path": "/c"}, "pool_size": 1}"#,
        r#"{"type": "plugin", "module_path": "m", "class_name": "C", "adapter_params": {"auth": {"password": "xyzzy"}}}"#,
        r#"{"type": "gcs", "gcs_bucket": "b", "gcs_credentials_file": "{\"private_key\": \"xyzzy\"}"}"#,
    ];
    for format in ["human", "json", "github", "sarif"] {
        let (_, printed) = run_on(&["check", "--format", format], &specs.join("\n"));
        assert!(!printed.contains("xyzzy"), "{format}: {printed}");
    }
    let (_, printed) =
        run_on(&["check", "--format", "json"], r#"{"type": "gcs", "gcs_bucket": "b", "gcs_credentials_file": "/k"}"#);
    assert!(printed.contains(r#""gcs_credentials_file":"/k""#), "a path is shown: {printed}");
}
