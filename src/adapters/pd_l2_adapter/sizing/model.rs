//! A model's numbers: from its `config.json`, as Hugging Face has them, and from arguments.

use l2_adapter_schema::counted;
use serde_json::{Map, Value};

/// The part of a token in an engine's KV cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Model {
    /// Layers that keep keys and values.
    pub(crate) layers: u64,
    pub(crate) attention: Attention,
    /// Bytes of an element of the KV cache.
    pub(crate) element_bytes: u64,
}

/// The part of a token in one layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attention {
    /// A key and a value for each KV head.
    Grouped { kv_heads: u64, head_size: u64 },
    /// Multi-head latent attention (MLA): one vector for keys and values.
    Latent { kv_lora_rank: u64, qk_rope_head_dim: u64 },
}

/// The numbers that a user gives. They are used where the file has none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Given {
    pub(crate) layers: Option<u64>,
    pub(crate) kv_heads: Option<u64>,
    pub(crate) head_size: Option<u64>,
    pub(crate) kv_lora_rank: Option<u64>,
    pub(crate) qk_rope_head_dim: Option<u64>,
    /// Replaces the file's, because the KV cache may have another type than the weights.
    pub(crate) element: Option<Element>,
}

/// The type of an element of the KV cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub(crate) enum Element {
    Bfloat16,
    Float16,
    Float32,
    Fp8,
}

/// Why a model's numbers are not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ModelError {
    #[error("the text is not JSON: {reason}")]
    NotJson { reason: String },
    #[error("the text is not a JSON object, as a model's config.json is")]
    NotAnObject,
    #[error("{}", missing_text(numbers))]
    Missing {
        /// All that are missing, each by its key and its option; never empty.
        numbers: Vec<(&'static str, &'static str)>,
    },
    #[error("`{key}` must be a whole number from 1 to {NUMBER_MAX}, got {got}")]
    NotANumber { key: &'static str, got: String },
    #[error(
        "`{key}` is {in_file} in the file, and `{option}` says {given}: leave the option out, or correct one of them"
    )]
    Contradicted { key: &'static str, in_file: u64, option: &'static str, given: u64 },
    #[error("`{key}` says that the model has MLA, whose latent vector has no heads: leave `{option}` out")]
    HeadsOfMla { key: &'static str, option: &'static str },
    #[error("`{multiple}` ({larger}) is not a multiple of `{of}` ({smaller}): the file contradicts itself")]
    NotMultiple { multiple: &'static str, larger: u64, of: &'static str, smaller: u64 },
    #[error(
        "`layer_types` has {}, and `num_hidden_layers` is {layers}: the file contradicts itself",
        counted(.types, "item")
    )]
    LayerTypes { types: usize, layers: u64 },
    #[error(
        "`{key}` says that layers of this model keep something else than keys and values of one shape, which is not \
         computed here: give the numbers without the file"
    )]
    NotUniform { key: String },
    #[error("`{key}` is {got}, which is not a type whose size is known: give `--dtype`")]
    UnknownElement { key: &'static str, got: String },
    #[error("`{key}` is float32, and engines keep 16 bits for such models by default: give `--dtype`")]
    WideElement { key: &'static str },
    #[error("`{key}` is {got} in one place of the file and {other} in another: give `--dtype`")]
    ElementContradicted { key: &'static str, got: String, other: String },
}

impl ModelError {
    fn missing(key: &'static str, option: &'static str) -> Self {
        Self::Missing { numbers: vec![(key, option)] }
    }
}

fn missing_text(numbers: &[(&str, &str)]) -> String {
    if let [(key, option)] = numbers {
        return format!("neither `{key}` of a model's config.json nor `{option}` is given: give one of them");
    }
    let numbers: Vec<_> = numbers.iter().map(|(key, option)| format!("`{key}` or `{option}`")).collect();
    format!(
        "several numbers are missing: give a model's config.json with these keys, or these options: {}",
        numbers.join(", ")
    )
}

/// Both values. If numbers are missing for both, the error names all of them; any other error comes first.
fn both<A, B>(one: Result<A, ModelError>, other: Result<B, ModelError>) -> Result<(A, B), ModelError> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (Err(ModelError::Missing { mut numbers }), Err(ModelError::Missing { numbers: others })) => {
            numbers.extend(others);
            Err(ModelError::Missing { numbers })
        }
        (Err(ModelError::Missing { .. }), Err(error)) | (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

/// The largest number of a model.
const NUMBER_MAX: u64 = 1 << 32;

const LAYERS: &[&str] = &["num_hidden_layers", "n_layer"];
const ATTENTION_HEADS: &[&str] = &["num_attention_heads", "n_head"];
const KV_HEADS: &[&str] = &["num_key_value_heads", "num_kv_heads"];
const HIDDEN_SIZE: &[&str] = &["hidden_size", "n_embd"];
const HEAD_SIZE: &[&str] = &["head_dim"];
const KV_LORA_RANK: &[&str] = &["kv_lora_rank"];
const QK_ROPE_HEAD_DIM: &[&str] = &["qk_rope_head_dim"];
const ELEMENT: &[&str] = &["dtype", "torch_dtype"];

/// Keys of models in which layers differ: by states (Mamba, linear attention), shared or pruned layers, or an index next to the
/// latent vector (sparse attention).
const NOT_UNIFORM: &[&str] = &[
    "attn_layer_period",
    "block_configs",
    "full_attention_interval",
    "global_head_dim",
    "hybrid_override_pattern",
    "index_topk",
    "layers_block_type",
    "linear_attn_config",
    "num_kv_shared_layers",
];

/// Values of `layer_types` that name layers with a key and a value for each token. A sliding window bounds what an engine keeps,
/// and not the size of a chunk.
const UNIFORM_LAYERS: &[&str] = &["full_attention", "sliding_attention", "chunked_attention"];

impl Element {
    pub(crate) fn bytes(self) -> u64 {
        match self {
            Self::Float32 => 4,
            Self::Bfloat16 | Self::Float16 => 2,
            Self::Fp8 => 1,
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        match name.strip_prefix("torch.").unwrap_or(name) {
            "bfloat16" => Some(Self::Bfloat16),
            "float16" | "half" => Some(Self::Float16),
            "float32" | "float" => Some(Self::Float32),
            "float8_e4m3fn" | "float8_e5m2" => Some(Self::Fp8),
            _ => None,
        }
    }
}

impl Model {
    /// Reads a `config.json`. What it lacks comes from `given`.
    ///
    /// # Errors
    ///
    /// What is missing or contradictory, by its key.
    pub(crate) fn from_json(text: &[u8], given: &Given) -> Result<Self, ModelError> {
        let value: Value =
            serde_json::from_slice(text).map_err(|error| ModelError::NotJson { reason: error.to_string() })?;
        let whole = value.as_object().ok_or(ModelError::NotAnObject)?;
        // Multimodal models have a separate section for their language model.
        let language = whole.get("text_config").and_then(Value::as_object).unwrap_or(whole);
        check_layers(language)?;
        let numbers = Numbers { config: Some(language), given };
        numbers.model(given.element.map_or_else(|| element([language, whole]), Ok))
    }

    /// A model that is described only by numbers.
    ///
    /// # Errors
    ///
    /// A number is missing.
    pub(crate) fn from_numbers(given: &Given) -> Result<Self, ModelError> {
        Numbers { config: None, given }.model(given.element.ok_or_else(|| ModelError::missing("dtype", "--dtype")))
    }
}

/// The places of numbers.
struct Numbers<'a> {
    config: Option<&'a Map<String, Value>>,
    given: &'a Given,
}

impl Numbers<'_> {
    fn model(&self, element: Result<Element, ModelError>) -> Result<Model, ModelError> {
        let layers = self.number(LAYERS, self.given.layers, "--layers");
        let is_mla = self.in_file(KV_LORA_RANK)?.is_some() || self.given.kv_lora_rank.is_some();
        let attention = if is_mla { self.latent() } else { self.grouped() };
        let ((layers, attention), element) = both(both(layers, attention), element)?;
        Ok(Model { layers, attention, element_bytes: element.bytes() })
    }

    fn latent(&self) -> Result<Attention, ModelError> {
        let heads = [(self.given.kv_heads, "--kv-heads"), (self.given.head_size, "--head-size")];
        if let Some((_, option)) = heads.into_iter().find(|(given, _)| given.is_some()) {
            return Err(ModelError::HeadsOfMla { key: "kv_lora_rank", option });
        }
        let (kv_lora_rank, qk_rope_head_dim) = both(
            self.number(KV_LORA_RANK, self.given.kv_lora_rank, "--kv-lora-rank"),
            self.number(QK_ROPE_HEAD_DIM, self.given.qk_rope_head_dim, "--qk-rope-head-dim"),
        )?;
        Ok(Attention::Latent { kv_lora_rank, qk_rope_head_dim })
    }

    fn grouped(&self) -> Result<Attention, ModelError> {
        let kv_heads = self.number(KV_HEADS, self.given.kv_heads, "--kv-heads");
        let (kv_heads, head_size) = both(kv_heads, self.head_size())?;
        if let Some((key, heads)) = self.in_file(ATTENTION_HEADS)? {
            let of = self.in_file(KV_HEADS)?.map_or("--kv-heads", |(key, _)| key);
            multiple(key, heads, of, kv_heads)?;
        }
        Ok(Attention::Grouped { kv_heads, head_size })
    }

    fn head_size(&self) -> Result<u64, ModelError> {
        // Many models have heads of another size than the quotient, and then have a key for it.
        match (self.in_file(HEAD_SIZE)?, self.in_file(HIDDEN_SIZE)?, self.in_file(ATTENTION_HEADS)?) {
            (None, Some((hidden_key, hidden)), Some((heads_key, heads))) if self.given.head_size.is_none() => {
                multiple(hidden_key, hidden, heads_key, heads)
            }
            _ => self.number(HEAD_SIZE, self.given.head_size, "--head-size"),
        }
    }

    /// The number of the first of these keys, or the given one.
    fn number(
        &self,
        keys: &'static [&'static str],
        given: Option<u64>,
        option: &'static str,
    ) -> Result<u64, ModelError> {
        match (self.in_file(keys)?, given) {
            (Some((key, in_file)), Some(given)) if in_file != given => {
                Err(ModelError::Contradicted { key, in_file, option, given })
            }
            (Some((_, number)), _) | (None, Some(number)) => Ok(number),
            (None, None) => Err(ModelError::missing(keys[0], option)),
        }
    }

    /// The first of these keys that the file has, and its number. `null` means that it is absent.
    fn in_file(&self, keys: &'static [&'static str]) -> Result<Option<(&'static str, u64)>, ModelError> {
        let Some(config) = self.config else { return Ok(None) };
        let Some((key, value)) = first(config, keys) else { return Ok(None) };
        match value.as_u64().filter(|number| (1..=NUMBER_MAX).contains(number)) {
            Some(number) => Ok(Some((key, number))),
            None => Err(ModelError::NotANumber { key, got: shown(value) }),
        }
    }
}

fn multiple(multiple: &'static str, larger: u64, of: &'static str, smaller: u64) -> Result<u64, ModelError> {
    match larger.is_multiple_of(smaller) {
        true => Ok(larger / smaller),
        false => Err(ModelError::NotMultiple { multiple, larger, of, smaller }),
    }
}

fn first<'a>(config: &'a Map<String, Value>, keys: &'static [&'static str]) -> Option<(&'static str, &'a Value)> {
    keys.iter().find_map(|key| Some((*key, config.get(*key).filter(|value| !value.is_null())?)))
}

/// Refuses models whose layers keep different values.
fn check_layers(config: &Map<String, Value>) -> Result<(), ModelError> {
    let is_set = |value: &Value| !value.is_null() && value.as_u64() != Some(0);
    if let Some(key) = NOT_UNIFORM.iter().find(|key| config.get(**key).is_some_and(is_set)) {
        return Err(ModelError::NotUniform { key: (*key).to_owned() });
    }
    let Some(types) = config.get("layer_types").and_then(Value::as_array) else { return Ok(()) };
    let is_other = |value: &Value| value.as_str().is_none_or(|name| !UNIFORM_LAYERS.contains(&name));
    if let Some(index) = types.iter().position(is_other) {
        return Err(ModelError::NotUniform { key: format!("layer_types[{index}]") });
    }
    match first(config, LAYERS).and_then(|(_, value)| value.as_u64()) {
        Some(layers) if layers != types.len() as u64 => Err(ModelError::LayerTypes { types: types.len(), layers }),
        _ => Ok(()),
    }
}

/// The type of a model's weights, to which the type of its KV cache defaults.
fn element(places: [&Map<String, Value>; 2]) -> Result<Element, ModelError> {
    let mut found: Option<(Element, &Value)> = None;
    for (key, value) in places.into_iter().flat_map(|config| ELEMENT.iter().filter_map(|key| first_of(config, key))) {
        let known = value.as_str().and_then(Element::from_name);
        let element = known.ok_or_else(|| ModelError::UnknownElement { key, got: shown(value) })?;
        match found {
            Some((other, other_value)) if other != element => {
                return Err(ModelError::ElementContradicted { key, got: shown(value), other: shown(other_value) });
            }
            _ if element == Element::Float32 => return Err(ModelError::WideElement { key }),
            _ => found = Some((element, value)),
        }
    }
    found.map(|(element, _)| element).ok_or_else(|| ModelError::missing("torch_dtype", "--dtype"))
}

fn first_of<'a>(config: &'a Map<String, Value>, key: &'static str) -> Option<(&'static str, &'a Value)> {
    Some((key, config.get(key).filter(|value| !value.is_null())?))
}

/// A value as an error shows it: shortened to a line, and without marks that change the reading direction.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    let mut shown = String::new();
    for character in text.chars().take(SHOWN_MAX) {
        match character.is_ascii() {
            true => shown.push(character),
            false => shown.extend(character.escape_debug()),
        }
    }
    if text.chars().count() > SHOWN_MAX {
        shown.push('…');
    }
    shown
}

/// Characters of a value that an error shows.
const SHOWN_MAX: usize = 60;

#[cfg(test)]
mod tests;
