//! `size` computes `buffer_size` from the numbers of a model.

use std::{fs, path::Path};

use insta::assert_snapshot;
use serde_json::json;

use crate::program::{Program, l2_adapter};

/// The models of the table in docs/pd.md, in its order. The files have the relevant keys of the models' own config.json.
const MODELS: [&str; 8] = [
    "Llama-3.1-8B",
    "Llama-3.1-70B",
    "Qwen2.5-72B",
    "Qwen3-8B",
    "Qwen3-32B",
    "Mistral-Nemo-12B",
    "Gemma-3-27B",
    "DeepSeek-V3",
];

fn config(model: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/models");
    fs::read(folder.join(format!("{model}.json"))).unwrap()
}

/// `size` of these models, each in a file with its name.
fn size(models: &[&str], options: &[&str]) -> Program {
    let files: Vec<_> = models.iter().map(|model| format!("{model}.json")).collect();
    let arguments = ["size"].into_iter().chain(files.iter().map(String::as_str)).chain(options.iter().copied());
    let program = l2_adapter(&arguments.collect::<Vec<_>>()).folder_within("whole");
    models.iter().zip(&files).fold(program, |program, (model, file)| program.file(file, config(model)))
}

/// Whole `config.json` files, as the models' authors published them on Hugging Face (meta-llama/Llama-3.3-70B-Instruct and
/// Qwen/Qwen3-Next-80B-A3B-Thinking), with the keys in alphabetic order. Both were transcribed from the copies in
/// github.com/ai-dynamo/aiconfigurator (src/aiconfigurator/model_configs, commits f577ab8 and 1b7cfb1).
#[test]
fn whole_config_files_are_read_or_refused_by_the_key_that_matters() {
    let ended = size(&["whole/Llama-3.3-70B-Instruct"], &["--tp", "1,8", "--format", "json"]).run();
    let chunk_bytes: Vec<_> = ended.records().iter().map(|record| record["chunk_bytes"].clone()).collect();
    let (layers, kv_heads, head_size) = (80, 8, 8192 / 64);
    let whole = 2 * layers * kv_heads * head_size * 2 * 256;
    assert_eq!(chunk_bytes, [json!(whole), json!(whole / 8)], "{ended}");
    let ended = size(&["whole/Qwen3-Next-80B-A3B-Thinking"], &[]).run();
    let said = "`full_attention_interval` says that layers of this model keep something else than keys and values";
    assert!(ended.code == Some(2) && ended.err.contains(said), "{ended}");
}

#[test]
fn the_docs_show_the_printed_table() {
    let printed = size(&MODELS, &["--tp", "1,2,8", "--format", "markdown"]).run();
    assert_eq!(printed.code, Some(0), "{printed}");
    let docs = include_str!("../../docs/pd.md");
    assert!(docs.contains(&format!("\n\n{}\n", printed.out)), "docs/pd.md does not have the table:\n{}", printed.out);
}

#[test]
fn the_docs_show_the_printed_example() {
    let printed = size(&["Llama-3.1-8B"], &["--tp", "2", "--requests", "2"]).run();
    let docs = include_str!("../../docs/pd.md");
    assert!(
        docs.contains(&format!("```text\n{}```\n", printed.out)),
        "docs/pd.md shows something else than:\n{printed}"
    );
}

#[test]
fn the_arithmetic_is_shown_for_each_model_and_tp() {
    let ended =
        size(&["Llama-3.1-8B", "DeepSeek-V3"], &["--tp", "1,16", "--chunk-tokens", "64", "--requests", "3"]).run();
    assert_snapshot!(ended);
}

#[test]
fn json_has_an_object_for_each_model_and_tp() {
    let options = ["--tp", "1,8", "--context-tokens", "1000", "--requests", "2", "--dtype", "fp8", "--format", "json"];
    let ended = size(&["Gemma-3-27B", "DeepSeek-V3"], &options).run();
    let mut records = ended.records();
    let shown = |record: &serde_json::Value| json!([record["model"], record["tp"], record["chunk_bytes"]]);
    let sizes: Vec<_> = records.iter().map(shown).collect();
    let (gemma, deepseek) = (2 * 62 * 16 * 128 * 256, 61 * 576 * 256);
    let expected = [
        json!(["Gemma-3-27B", 1, gemma]),
        json!(["Gemma-3-27B", 8, gemma / 8]),
        json!(["DeepSeek-V3", 1, deepseek]),
        json!(["DeepSeek-V3", 8, deepseek]),
    ];
    assert_eq!(sizes, expected);
    let arithmetic = records[1].as_object_mut().unwrap().remove("arithmetic").unwrap();
    let expected = json!({
        "model": "Gemma-3-27B", "tp": 8, "chunk_tokens": 256, "context_tokens": 1000, "requests": 2,
        "chunk_bytes": gemma / 8, "slot_bytes": gemma / 8, "request_chunks": 4,
        "sender_buffer_size": 2 * (8 << 20), "receiver_buffer_size": 2 * 4 * gemma / 8,
    });
    assert_eq!(records[1], expected);
    assert_eq!(arithmetic["receiver_buffer_size"], "2 requests x 4 chunks x 8126464");
}

#[test]
fn the_computed_buffers_are_valid_in_specs() {
    let ended = size(&["Qwen2.5-72B"], &["--tp", "4", "--format", "json"]).run();
    for (role, key) in [("sender", "sender_buffer_size"), ("receiver", "receiver_buffer_size")] {
        let spec = json!({
            "type": "pd", "role": role, "peer_host": "10.0.0.2", "peer_init_port": [1], "peer_alloc_port": [2],
            "buffer_size": ended.records()[0][key],
        });
        let checked = l2_adapter(&["check"]).input(spec.to_string()).run();
        assert_eq!(checked.code, Some(0), "{checked}");
    }
}

#[test]
fn a_model_may_come_from_standard_input_or_numbers() {
    let arguments = ["size", "--format", "json", "--tp", "2"];
    let chunk = |program: Program| program.run().records()[0]["chunk_bytes"].clone();
    let piped = l2_adapter(&[&arguments[..], &["-"]].concat()).input(config("Llama-3.1-8B"));
    let numbers = ["--layers", "32", "--kv-heads", "8", "--head-size", "128", "--dtype", "bfloat16"];
    let given = l2_adapter(&[&arguments[..], &numbers].concat());
    assert_eq!((chunk(piped), chunk(given)), (json!(16 << 20), json!(16 << 20)));
}

#[test]
fn files_with_the_same_name_are_named_by_their_folder() {
    let program = l2_adapter(&["size", "Qwen3-8B/config.json", "--format", "json"])
        .folder_within("Qwen3-8B")
        .file("Qwen3-8B/config.json", config("Qwen3-8B"));
    assert_eq!(program.run().records()[0]["model"], "Qwen3-8B");
}

#[test]
fn the_error_for_an_unusable_model_names_the_key_and_the_file() {
    let cases = [
        (
            &["size", "m.json"][..],
            "error: m.json: neither `num_key_value_heads` of a model's config.json nor `--kv-heads`",
        ),
        (&["size"], "error: the numbers: several numbers are missing: give a model's config.json"),
        (&["size", "m.json", "--kv-heads", "8", "--tp", "3"], "error: m: TP 3 does not fit 8 KV heads"),
        (&["size", "nonesuch.json"], "error: cannot read nonesuch.json: "),
        (&["size", "m.json", "--tp", "0"], "0 is not in 1..=65536"),
    ];
    for (arguments, expected) in cases {
        let model = r#"{"num_hidden_layers": 32, "head_dim": 128, "torch_dtype": "bfloat16"}"#;
        let ended = l2_adapter(arguments).file("m.json", model).run();
        assert_eq!((ended.code, ended.out.as_str()), (Some(2), ""), "{arguments:?}: {ended}");
        assert!(ended.err.contains(expected), "{arguments:?}: {ended}");
    }
}

#[test]
fn a_fifo_is_not_waited_for() {
    let program = l2_adapter(&["size", "fifo"]);
    let made = std::process::Command::new("mkfifo").arg(program.folder().join("fifo")).status().unwrap();
    let ended = program.run();
    assert!(made.success() && ended.err.contains("cannot read fifo: it is a FIFO"), "{ended}");
}

#[test]
fn a_file_that_is_not_a_config_is_not_read_to_its_end() {
    let of = |bytes: usize| l2_adapter(&["size", "-"]).input(vec![b' '; bytes]).run();
    let (at, beyond) = (of(1 << 20), of((1 << 20) + 1));
    assert!(at.err.contains("the text is not JSON"), "{at}");
    assert!(beyond.err.contains("it has more than 1048576 bytes"), "{beyond}");
    assert_eq!((at.code, beyond.code), (Some(2), Some(2)));
}
