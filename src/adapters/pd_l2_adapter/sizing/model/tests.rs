use serde_json::json;

use super::*;

fn read(config: Value, given: Given) -> Result<Model, ModelError> {
    Model::from_json(config.to_string().as_bytes(), &given)
}

fn grouped(layers: u64, kv_heads: u64, head_size: u64, element_bytes: u64) -> Model {
    Model { layers, attention: Attention::Grouped { kv_heads, head_size }, element_bytes }
}

fn llama() -> Value {
    json!({
        "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8, "hidden_size": 4096,
        "torch_dtype": "bfloat16",
    })
}

/// The config of Llama with some keys replaced, or taken out by `null`.
fn llama_but(changes: Value) -> Value {
    let mut config = llama();
    for (key, value) in changes.as_object().unwrap() {
        config[key] = value.clone();
    }
    config
}

fn refusal(changes: Value) -> String {
    read(llama_but(changes), Given::default()).unwrap_err().to_string()
}

#[test]
fn heads_may_have_another_size_than_the_quotient() {
    let mistral_nemo = json!({"num_hidden_layers": 40, "hidden_size": 5120, "head_dim": 128});
    assert_eq!(read(llama_but(mistral_nemo), Given::default()), Ok(grouped(40, 8, 128, 2)));
}

#[test]
fn a_multimodal_model_is_sized_by_its_language_model() {
    let mut language = llama();
    language.as_object_mut().unwrap().remove("torch_dtype");
    let whole = json!({"text_config": language, "dtype": "float16", "vision_config": {"num_hidden_layers": 27}});
    assert_eq!(read(whole, Given::default()), Ok(grouped(32, 8, 128, 2)));
}

#[test]
fn numbers_fill_in_what_the_file_lacks() {
    let given = Given { kv_heads: Some(8), ..Given::default() };
    assert_eq!(read(llama_but(json!({"num_key_value_heads": null})), given), Ok(grouped(32, 8, 128, 2)));
    let given = Given { head_size: Some(96), ..Given::default() };
    assert_eq!(read(llama(), given), Ok(grouped(32, 8, 96, 2)), "`head_dim` is absent, and its quotient a guess");
}

#[test]
fn the_type_of_the_cache_may_differ_from_that_of_the_weights() {
    let given = Given { element: Some(Element::Fp8), ..Given::default() };
    assert_eq!(read(llama(), given), Ok(grouped(32, 8, 128, 1)));
    assert_eq!(read(llama_but(json!({"torch_dtype": "int4"})), given), Ok(grouped(32, 8, 128, 1)));
}

#[test]
fn numbers_alone_are_a_model() {
    let mut given = Given { layers: Some(61), kv_lora_rank: Some(512), ..Given::default() };
    given.element = Some(Element::Bfloat16);
    let missing = Model::from_numbers(&given).unwrap_err();
    assert_eq!(missing, ModelError::missing("qk_rope_head_dim", "--qk-rope-head-dim"));
    given.qk_rope_head_dim = Some(64);
    assert_eq!(
        Model::from_numbers(&given).unwrap().attention,
        Attention::Latent { kv_lora_rank: 512, qk_rope_head_dim: 64 }
    );
}

#[test]
fn the_error_for_a_missing_number_names_its_key_and_its_option() {
    let neither = |key: &str, option: &str| {
        format!("neither `{key}` of a model's config.json nor `{option}` is given: give one of them")
    };
    for (key, option) in
        [("num_hidden_layers", "--layers"), ("num_key_value_heads", "--kv-heads"), ("torch_dtype", "--dtype")]
    {
        assert_eq!(refusal(json!({key: null})), neither(key, option));
    }
    assert_eq!(refusal(json!({"hidden_size": null})), neither("head_dim", "--head-size"));
    assert_eq!(refusal(json!({"kv_lora_rank": 512})), neither("qk_rope_head_dim", "--qk-rope-head-dim"));
}

#[test]
fn the_error_names_every_missing_number() {
    let [layers, kv_heads, head_size, rope] = [
        "`num_hidden_layers` or `--layers`",
        "`num_key_value_heads` or `--kv-heads`",
        "`head_dim` or `--head-size`",
        "`qk_rope_head_dim` or `--qk-rope-head-dim`",
    ];
    let [in_file, alone] = ["`torch_dtype` or `--dtype`", "`dtype` or `--dtype`"];
    let mla = Given { kv_lora_rank: Some(512), ..Given::default() };
    let cases = [
        (Model::from_numbers(&Given::default()), vec![layers, kv_heads, head_size, alone]),
        (read(json!({}), Given::default()), vec![layers, kv_heads, head_size, in_file]),
        (read(json!({"num_hidden_layers": 4}), Given::default()), vec![kv_heads, head_size, in_file]),
        (
            read(json!({"hidden_size": 4096, "num_attention_heads": 32}), Given::default()),
            vec![layers, kv_heads, in_file],
        ),
        (read(json!({"kv_lora_rank": 512}), Given::default()), vec![layers, rope, in_file]),
        (Model::from_numbers(&mla), vec![layers, rope, alone]),
    ];
    for (model, missing) in cases {
        let refused = model.unwrap_err().to_string();
        let (_, listed) = refused.split_once("these options: ").unwrap();
        assert_eq!(listed, missing.join(", "));
    }
    let wrong = read(json!({"head_dim": 0}), Given::default()).unwrap_err();
    assert!(
        matches!(wrong, ModelError::NotANumber { key: "head_dim", .. }),
        "a wrong number comes before missing ones"
    );
}

#[test]
fn the_error_names_a_key_that_is_not_a_number() {
    for value in [json!(0), json!(-1), json!(1.5), json!("32"), json!([32]), json!(u64::MAX)] {
        let expected = format!("`num_hidden_layers` must be a whole number from 1 to 4294967296, got {value}");
        assert_eq!(refusal(json!({"num_hidden_layers": value})), expected);
    }
}

#[test]
fn the_error_names_contradicting_numbers() {
    let cases = [
        (
            json!({"num_key_value_heads": 5}),
            "`num_attention_heads` (32) is not a multiple of `num_key_value_heads` (5)",
        ),
        (json!({"hidden_size": 4095}), "`hidden_size` (4095) is not a multiple of `num_attention_heads` (32)"),
        (json!({"layer_types": ["full_attention"]}), "`layer_types` has 1 item, and `num_hidden_layers` is 32"),
        (json!({"dtype": "float16"}), "`torch_dtype` is \"bfloat16\" in one place of the file and \"float16\""),
        (json!({"text_config": llama_but(json!({"torch_dtype": "float16"}))}), "in one place of the file and"),
    ];
    for (changes, expected) in cases {
        let refused = refusal(changes.clone());
        assert!(refused.contains(expected), "{changes}: {refused}");
    }
    let given = Given { layers: Some(33), ..Given::default() };
    let refused = read(llama(), given).unwrap_err().to_string();
    assert!(refused.starts_with("`num_hidden_layers` is 32 in the file, and `--layers` says 33"), "{refused}");
    let given = Given { kv_heads: Some(1), ..Given::default() };
    let refused = read(llama_but(json!({"kv_lora_rank": 512})), given).unwrap_err();
    assert_eq!(refused, ModelError::HeadsOfMla { key: "kv_lora_rank", option: "--kv-heads" });
}

#[test]
fn a_type_of_unknown_size_is_not_guessed() {
    assert!(refusal(json!({"torch_dtype": "auto"})).starts_with("`torch_dtype` is \"auto\", which is not a type"));
    // vLLM and SGLang run such models in 16 bits by default.
    assert!(refusal(json!({"torch_dtype": "float32"})).contains("engines keep 16 bits"));
    assert_eq!(read(llama_but(json!({"torch_dtype": "torch.float16"})), Given::default()), Ok(grouped(32, 8, 128, 2)));
}

#[test]
fn models_whose_layers_differ_are_refused() {
    let mut types = vec!["full_attention"; 32];
    types[3] = "linear_attention";
    assert!(refusal(json!({"layer_types": types})).starts_with("`layer_types[3]` says that layers"));
    for key in NOT_UNIFORM {
        assert!(refusal(json!({*key: 4})).starts_with(&format!("`{key}` says that layers")), "{key}");
        for absent in [json!(null), json!(0)] {
            assert!(read(llama_but(json!({*key: absent})), Given::default()).is_ok(), "{key}");
        }
    }
    types[3] = "sliding_attention";
    assert!(read(llama_but(json!({"layer_types": types})), Given::default()).is_ok());
}

#[test]
fn other_text_is_refused() {
    let refused = |text: &str| Model::from_json(text.as_bytes(), &Given::default()).unwrap_err().to_string();
    assert!(refused("{").starts_with("the text is not JSON: "));
    assert!(refused("[1]").starts_with("the text is not a JSON object"));
}

#[test]
fn an_error_shows_little_of_a_value_and_no_direction_marks() {
    let refused = refusal(json!({"num_hidden_layers": "\u{202e}".to_owned() + &"x".repeat(1000)}));
    assert!(refused.chars().count() < 200 && refused.contains("\\u{202e}"), "{refused}");
}
