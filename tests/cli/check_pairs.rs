//! `check` of the specs of a deployment.

use serde_json::{Value, json};

use crate::{
    free_ports::free_ports,
    program::{Ended, Program, example_spec, l2_adapter},
};

const SECRET: &str = "xyzzy-0123456789";

/// An example's spec with some keys replaced.
fn spec(name: &str, changes: Value) -> String {
    let mut spec: Value = serde_json::from_slice(&example_spec(name)).unwrap();
    for (key, value) in changes.as_object().unwrap() {
        spec[key] = value.clone();
    }
    serde_json::to_string_pretty(&spec).unwrap()
}

/// `check` of a sender and a receiver, each in a file.
fn check(options: &[&str], sender: Value, receiver: Value) -> Program {
    l2_adapter(&[&["check", "prefill.json", "decode.json"], options].concat())
        .file("prefill.json", spec("pd_sender.json", sender))
        .file("decode.json", spec("pd_receiver.json", receiver))
}

fn pairs(ended: &Ended) -> Value {
    ended.records().last().unwrap()["pairs"].clone()
}

#[test]
fn the_docs_show_the_printed_example() {
    // Written by hand, because the order of serde_json's keys depends on its features.
    let text = |name: &str, from: &str, to: &str| String::from_utf8(example_spec(name)).unwrap().replace(from, to);
    let sender = text("pd_sender.json", "[9052, 9054]", "[9054, 9052]");
    let receiver = text("pd_receiver.json", "\"buffer_size\"", "\"checksum\": true,\n  \"buffer_size\"");
    let ended = l2_adapter(&["check", "prefill.json", "decode.json"])
        .file("prefill.json", sender)
        .file("decode.json", receiver)
        .run();
    let (printed, docs) = (format!("{}{}", ended.out, ended.err), include_str!("../../docs/check.md"));
    assert!(docs.contains(&format!("```text\n{printed}```\n")), "docs/check.md does not show:\n{ended}");
    assert_eq!(ended.code, Some(1));
}

#[test]
fn specs_that_fit_are_not_reported() {
    let ended = check(&[], json!({}), json!({})).run();
    assert_eq!((ended.code, ended.out.as_str()), (Some(0), ""), "{ended}");
    assert_eq!(ended.err, "checked 2 documents: 2 valid\n");
    assert_eq!(check(&["--format", "json"], json!({}), json!({})).run().records().len(), 2);
}

#[test]
fn json_has_one_more_line_with_both_places() {
    let ended = check(&["--format", "json"], json!({"transfer_channel": "mock_memory"}), json!({})).run();
    let records = ended.records();
    assert_eq!((ended.code, records.len(), &records[2]["ok"]), (Some(1), 3, &json!(false)), "{ended}");
    let mut pair = pairs(&ended)[0].clone();
    let (line, column) = (pair["line"].take(), pair["column"].take());
    let expected = json!({
        "source": "prefill.json", "index": 0, "pointer": "/transfer_channel", "code": "pair_channel", "severity": "error",
        "message": "`transfer_channel` is \"mock_memory\", and \"nixl\" in the receiver's spec at decode.json:1:1: both need the same",
        "line": null, "column": null,
        "other": {"source": "decode.json", "index": 1, "line": 1, "column": 1},
    });
    assert_eq!(pair, expected);
    let sender = spec("pd_sender.json", json!({"transfer_channel": "mock_memory"}));
    let (number, text) = (1..).zip(sender.lines()).find(|(_, text)| text.contains("mock_memory")).unwrap();
    assert_eq!((line, column), (json!(number), json!(text.find("\"mock").unwrap() + 1)));
}

#[test]
fn specs_of_all_inputs_are_compared() {
    let sender = spec("pd_sender.json", json!({"checksum": true})).replace('\n', " ");
    let receiver = spec("pd_receiver.json", json!({})).replace('\n', " ");
    let list = format!("[\n  {{\"type\": \"fs\", \"base_path\": \"/\"}},\n  {receiver}\n]");
    let ended = l2_adapter(&["check", "list.json", "--l2-adapter", &sender]).file("list.json", list).run();
    assert!(
        ended.out.contains("--l2-adapter #1:1:") && ended.out.contains("in the receiver's spec at list.json:3:3: "),
        "{ended}"
    );
    assert_eq!(ended.err.lines().next(), Some("checked 3 documents: 3 valid; of pairs 1 error"), "{ended}");
}

#[test]
fn with_no_pairs_specs_are_not_compared() {
    for format in ["human", "json"] {
        let ended = check(&["--no-pairs", "--format", format], json!({"checksum": true}), json!({})).run();
        assert_eq!(ended.code, Some(0), "{ended}");
        assert!(!ended.to_string().contains("pair"), "{ended}");
    }
}

#[test]
fn a_note_is_not_a_fault_and_quiet_omits_it() {
    let elsewhere = json!({"peer_host": "10.0.0.9"});
    let ended = check(&[], elsewhere.clone(), json!({})).run();
    assert_eq!(ended.code, Some(0), "{ended}");
    assert!(ended.out.contains(" note[pair_no_receiver]: /peer_host: no receiver among these specs"), "{ended}");
    let quiet = check(&["--quiet"], elsewhere, json!({})).run();
    assert_eq!((quiet.code, quiet.out.as_str(), quiet.err.as_str()), (Some(0), "", ""));
}

#[test]
fn a_spec_with_faults_is_not_compared() {
    let ended = check(&[], json!({"checksum": true, "buffer_size": 0}), json!({})).run();
    assert!(!ended.to_string().contains("pair"), "{ended}");
}

#[test]
fn one_spec_alone_never_gets_a_fault() {
    for name in ["pd_sender.json", "pd_receiver.json"] {
        let spec = spec(name, json!({"shared_secret": SECRET}));
        let ended = l2_adapter(&["check"]).input(spec).run();
        assert_eq!((ended.code, ended.out.as_str()), (Some(0), ""), "{ended}");
    }
}

#[test]
fn different_secrets_are_reported_without_any_detail() {
    let longer = format!("{SECRET}-longer");
    for format in ["human", "json"] {
        let with = |sender: &str| {
            let secrets = [json!({"shared_secret": sender}), json!({"shared_secret": SECRET})];
            let [sender, receiver] = secrets;
            check(&["--format", format], sender, receiver).run().to_string()
        };
        assert!(!with(SECRET).contains("pair_secret"));
        let shown = with(&longer);
        assert!(shown.contains("pair_secret") && !shown.contains("xyzzy"), "{shown}");
        // The report is the same for any difference.
        assert_eq!(shown, with(&"y".repeat(40)));
    }
}

#[test]
fn on_this_machine_a_secret_from_the_environment_is_compared() {
    let ended = |options: &[&str]| {
        // Free ports, so that the receiver's spec is valid here.
        let ports = free_ports(2).unwrap();
        let here = json!({"peer_host": "127.0.0.1", "peer_init_port": [ports[0]], "peer_alloc_port": [ports[1]]});
        let mut sender = here.clone();
        sender["shared_secret"] = json!(SECRET);
        check(options, sender, here).variable("L2_ADAPTER_PD_SHARED_SECRET", SECRET).run().to_string()
    };
    assert!(ended(&[]).contains(" warning[pair_secret]: "), "{}", ended(&[]));
    let here = ended(&["--on-this-machine"]);
    assert!(here.contains("2 valid") && !here.contains("pair_secret"), "{here}");
}

#[test]
fn specs_of_our_plug_in_are_compared_with_those_of_pd_and_each_other() {
    let plugin = |role: &str, changes: Value| {
        let Value::Object(mut params) = json!({
            "role": role, "peer_host": "10.0.0.2", "peer_init_port": [9051], "peer_alloc_port": [9052],
        }) else {
            unreachable!()
        };
        params.extend(changes.as_object().unwrap().clone());
        let place = json!({"module_path": "l2_adapter.lmcache", "class_name": "PdL2Adapter"});
        json!({"type": "plugin", "module_path": place["module_path"], "class_name": place["class_name"], "adapter_params": params})
    };
    let specs = [plugin("sender", json!({})), plugin("receiver", json!({"checksum": true}))];
    let input = specs.map(|spec| spec.to_string()).join("\n");
    let ended = l2_adapter(&["check", "--format", "json"]).input(input).run();
    let records = ended.records();
    assert_eq!(records[2]["pairs"][0]["code"], "pair_checksum", "{ended}");
    assert_eq!(records[2]["pairs"][0]["pointer"], "/adapter_params/checksum");
}
