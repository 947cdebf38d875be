//! docs/pd.md agrees with the code: its specs are valid, its names exist, its messages are in the code, and its sizes follow
//! from its formula.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test says what it expects by unwrapping")]

use std::{collections::BTreeSet, error::Error, fs, path::Path, sync::Arc};

use l2_adapter::{
    L2AdapterConfig,
    adapter::{CreationContext, L2Adapter as _, SystemClock},
    adapters::pd_l2_adapter::{PdL2Adapter, PdL2AdapterConfig},
    specs::L2AdapterArgs,
};
use serde_json::{Value, json};

#[path = "../src/cli/nodes/free_ports.rs"]
mod free_ports;

const DOCS: &str = include_str!("../docs/pd.md");

/// Starts the PD node of a spec, as a server does.
fn start(spec: &str, ranks: u32, seed: u64) -> Result<PdL2Adapter, Box<dyn Error>> {
    let config = PdL2AdapterConfig::from_str(spec)?;
    let mut context = CreationContext::new(Arc::new(SystemClock::new()), seed);
    context.rank_count = Some(ranks);
    Ok(PdL2Adapter::new(&config, &context)?)
}

/// The fenced blocks in this language.
fn blocks(language: &str) -> Vec<&'static str> {
    let opening = format!("```{language}\n");
    DOCS.split(&opening).skip(1).map(|rest| rest.split("```").next().unwrap()).collect()
}

/// From this heading to the next one of any level.
fn section(heading: &str) -> &'static str {
    let (_, rest) = DOCS.split_once(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("no heading {heading:?}"));
    rest.split("\n#").next().unwrap()
}

/// The cells of the tables in a text, without their heads.
fn rows(text: &'static str) -> Vec<Vec<&'static str>> {
    let lines = text.lines().filter(|line| line.starts_with("| ")).skip(1);
    lines.map(|line| line.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

/// The parts of a text in backticks.
fn code(text: &str) -> BTreeSet<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// Nodes with every status and metric: a receiver, and a sender with a proxy.
fn nodes() -> [PdL2Adapter; 2] {
    let ports = free_ports::free_ports(2).unwrap();
    let (init, alloc) = (ports[0], ports[1]);
    let node = |role: &str, seed: u64| {
        let mut spec = json!({
            "type": "pd", "role": role, "peer_host": "127.0.0.1", "peer_init_port": [init], "peer_alloc_port": [alloc],
            "transfer_channel": "mock_memory", "buffer_size": 65536, "timing": {"close_seconds": 0.0},
        });
        if role == "sender" {
            // A sender starts without its proxy.
            spec["proxy_host"] = json!("127.0.0.1");
            spec["proxy_port"] = json!(9);
        }
        let node = start(&spec.to_string(), 1, seed).unwrap();
        while node.status()["ranks"][0]["state"] == "starting" {
            std::thread::yield_now();
        }
        node
    };
    let seed = u64::from(std::process::id()) << 32;
    [node("receiver", seed), node("sender", seed + 1)]
}

#[test]
fn the_specs_in_the_docs_are_the_examples_and_valid() {
    let specs = blocks("json");
    let examples =
        [include_str!("../examples/specs/pd_receiver.json"), include_str!("../examples/specs/pd_sender.json")];
    assert_eq!(specs, examples);
    for parsed in L2AdapterArgs::from_iter(specs).parse().unwrap() {
        assert_eq!((parsed.value.type_name(), parsed.warnings.len()), ("pd", 0));
    }
}

#[test]
fn the_rust_example_in_the_docs_is_tested() {
    for block in blocks("rust") {
        assert!(include_str!("docs_pd.rs").contains(block), "not in tests/docs_pd.rs:\n{block}");
    }
}

#[test]
fn the_docs_list_exactly_the_metrics() {
    let texts = nodes().map(|node| node.metrics());
    let declared = texts.iter().flat_map(|text| text.lines()).filter_map(|line| line.strip_prefix("# TYPE "));
    let metrics: BTreeSet<String> = declared
        .map(|line| match line.split_once(' ').unwrap() {
            (name, "counter") => format!("{name}_total"),
            (name, _) => name.to_owned(),
        })
        .collect();
    let tables = rows(section("## Metrics and status")).into_iter().flat_map(|row| code(row[0]));
    let documented: BTreeSet<String> = tables.map(str::to_owned).collect();
    assert_eq!(documented, metrics);
}

#[test]
fn every_metric_in_the_failure_table_exists() {
    let metrics = code(section("## Metrics and status"));
    let of_failures = rows(section("### While it runs")).into_iter().flat_map(|row| code(row[3]));
    for name in of_failures.filter(|name| name.contains('_')) {
        let (name, _) = name.split_once('{').unwrap_or((name, ""));
        assert!(metrics.contains(format!("l2_adapter_pd_{name}").as_str()), "{name} is not a metric");
    }
}

#[test]
fn every_key_of_a_status_is_in_the_docs() {
    fn keys(value: &Value, into: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => members.iter().for_each(|(key, member)| {
                into.insert(key.clone());
                keys(member, into);
            }),
            Value::Array(items) => items.iter().for_each(|item| keys(item, into)),
            _ => {}
        }
    }
    let mut shown = BTreeSet::new();
    for node in nodes() {
        keys(&node.status()["ranks"], &mut shown);
        keys(&node.status()["proxy"], &mut shown);
        node.close();
        keys(&node.status()["ranks"], &mut shown);
    }
    let documented = code(section("## Metrics and status"));
    let missing: Vec<_> = shown.iter().filter(|key| !documented.contains(key.as_str())).collect();
    assert!(missing.is_empty(), "not in the docs: {missing:?}");
}

#[test]
fn the_docs_list_exactly_the_times_with_their_defaults() {
    let spec = r#"{"role": "sender", "peer_host": "h", "peer_init_port": [1], "peer_alloc_port": [2], "timing": {}}"#;
    let config = PdL2AdapterConfig::from_str(spec).unwrap().to_dict();
    let times = config["timing"].as_object().unwrap().iter();
    let defaults: BTreeSet<(String, String)> =
        times.map(|(key, seconds)| (format!("`{key}`"), seconds.as_f64().unwrap().to_string())).collect();
    let documented = rows(section("### Times")).into_iter().map(|row| (row[0].to_owned(), row[1].to_owned())).collect();
    assert_eq!(defaults, documented);
}

#[test]
fn the_sizes_in_the_docs_follow_from_the_formula() {
    for row in rows(section("## Sizing")) {
        let [model, layers, kv_heads, head_dimension, sizes @ ..] = row.as_slice() else { panic!("{row:?}") };
        let number = |text: &str| text.split('+').map(|part| part.trim().parse::<f64>().unwrap()).sum::<f64>();
        let elements = number(layers) * number(kv_heads) * number(head_dimension);
        let is_mla = model.contains("MLA");
        for (tp, size) in [1.0, 2.0, 8.0].into_iter().zip(sizes) {
            let bytes = if is_mla { elements * 2.0 } else { 2.0 * elements * 2.0 / tp } * 256.0;
            assert_eq!(number(size), bytes / f64::from(1 << 20), "{model} at TP {tp}");
        }
    }
}

#[test]
fn every_quoted_message_is_in_the_code() {
    let code = without_line_breaks(&sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")));
    let messages = DOCS.split('“').skip(1).map(|rest| rest.split('”').next().unwrap());
    let mut parts = 0;
    for part in messages.flat_map(|message| message.split('…')).map(str::trim).filter(|part| part.len() > 2) {
        // The docs may wrap a quoted message.
        let part = part.replace('\n', " ").replace('"', "\\\"");
        assert!(code.contains(&part) || code.contains(&part.replace("\\\"", "\"")), "not in the code: {part}");
        parts += 1;
    }
    assert!(parts > 50, "only {parts} parts of messages were found");
}

/// All Rust files below a folder.
fn sources(folder: &Path) -> String {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths
        .map(|path| match path.extension() {
            _ if path.is_dir() => sources(&path),
            Some(extension) if extension == "rs" => fs::read_to_string(path).unwrap(),
            _ => String::new(),
        })
        .collect()
}

/// Joins string literals that continue on the next line.
fn without_line_breaks(code: &str) -> String {
    code.split("\\\n").map(str::trim_start).collect()
}
