//! `size`: chunk bytes and `buffer_size` of a PD deployment, from a model's `config.json` or its numbers.

use std::{
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum, value_parser};
use serde::Serialize;

use super::{
    exit::{Exit, Failure},
    streams::Streams,
};
use crate::{
    adapters::pd_l2_adapter::sizing::{Attention, Element, Given, Load, Model, Sizes, in_units},
    machine,
};

const EXAMPLES: &str = "\
Examples:
  l2-adapter size Llama-3.1-8B/config.json --tp 2 --requests 4
  l2-adapter size --layers 32 --kv-heads 8 --head-size 128 --dtype bfloat16
  l2-adapter size DeepSeek-V3.json --tp 8 --dtype fp8 --format json

Options supply the numbers that the file lacks. All sizes are those of
one TP rank: each rank has its own buffer. A receiver needs `buffer_size`
for every chunk of every request that is stored and not yet loaded, a sender for
two writes. Layers with a sliding window count as full layers.";

/// Compute chunk bytes and `buffer_size` of `pd` from a model's numbers
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct SizeArgs {
    /// Hugging Face's config.json of a model; `-` is standard input
    #[arg(value_name = "CONFIG")]
    configs: Vec<PathBuf>,
    #[command(flatten)]
    numbers: NumberArgs,
    /// TP ranks; several values are separated by commas: `1,2,8`
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "1", value_parser = value_parser!(u64).range(1..=65_536))]
    tp: Vec<u64>,
    /// Tokens of a chunk: the server's `--chunk-size`
    #[arg(long, value_name = "N", default_value_t = 256, value_parser = value_parser!(u64).range(1..=NUMBER_MAX))]
    chunk_tokens: u64,
    /// Tokens of a request: the longest prompt
    #[arg(long, value_name = "N", default_value_t = 32_768, value_parser = value_parser!(u64).range(1..=NUMBER_MAX))]
    context_tokens: u64,
    /// Requests that are stored and not yet loaded at one time
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = value_parser!(u64).range(1..=NUMBER_MAX))]
    requests: u64,
    /// Format: the arithmetic, an object for each model and TP, or a row for each model
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// Numbers that the file lacks, or all numbers of a model without a file.
#[derive(Debug, Args)]
struct NumberArgs {
    /// Layers of the model: `num_hidden_layers`
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..=NUMBER_MAX))]
    layers: Option<u64>,
    /// KV heads of a layer: `num_key_value_heads`
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..=NUMBER_MAX))]
    kv_heads: Option<u64>,
    /// Elements of a head: `head_dim`
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..=NUMBER_MAX))]
    head_size: Option<u64>,
    /// Elements of the latent vector of MLA: `kv_lora_rank`
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..=NUMBER_MAX))]
    kv_lora_rank: Option<u64>,
    /// Elements of the latent vector's positional part: `qk_rope_head_dim`
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..=NUMBER_MAX))]
    qk_rope_head_dim: Option<u64>,
    /// Type of the KV cache; defaults to the type of the weights
    #[arg(long, value_enum)]
    dtype: Option<Element>,
}

/// The largest number that is accepted, so that the arithmetic rarely overflows.
const NUMBER_MAX: u64 = 1 << 32;

/// The most bytes that a config.json may have. Real ones have a few thousand.
const CONFIG_BYTES_MAX: u64 = 1 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Json,
    Markdown,
}

/// A model with its name.
struct Named {
    name: String,
    model: Model,
}

/// A line of `--format json`.
#[derive(Serialize)]
struct Record<'a> {
    model: &'a str,
    #[serde(flatten)]
    load: &'a Load,
    #[serde(flatten)]
    sizes: &'a Sizes,
}

pub(super) fn run(args: &SizeArgs, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let models = models(args, streams.input)?;
    match args.format {
        Format::Markdown => write_markdown(args, &models, streams.out)?,
        Format::Table | Format::Json => {
            let mut is_first = true;
            for (model, load) in models.iter().flat_map(|model| loads(args).map(move |load| (model, load))) {
                let sizes = sizes(model, &load)?;
                if args.format == Format::Json {
                    serde_json::to_writer(
                        &mut *streams.out,
                        &Record { model: &model.name, load: &load, sizes: &sizes },
                    )
                    .map_err(io::Error::from)?;
                    writeln!(streams.out)?;
                } else {
                    write!(streams.out, "{}", if is_first { "" } else { "\n" })?;
                    write_table(model, &load, &sizes, streams.out)?;
                }
                is_first = false;
            }
        }
    }
    Ok(Exit::Success)
}

/// The models of all files, or the model that the options describe.
fn models(args: &SizeArgs, input: &mut dyn Read) -> Result<Vec<Named>, Failure> {
    let NumberArgs { layers, kv_heads, head_size, kv_lora_rank, qk_rope_head_dim, dtype } = args.numbers;
    let given = Given { layers, kv_heads, head_size, kv_lora_rank, qk_rope_head_dim, element: dtype };
    let failed = |name: &str| {
        let source_name = name.to_owned();
        move |source| Failure::Model { source_name, source }
    };
    if args.configs.is_empty() {
        let name = "the numbers".to_owned();
        let model = Model::from_numbers(&given).map_err(failed(&name))?;
        return Ok(vec![Named { name, model }]);
    }
    let read = |path: &PathBuf| {
        let text = read_config(path, &mut *input).map_err(|source| Failure::Read { path: path.clone(), source })?;
        let model = Model::from_json(&text, &given).map_err(failed(&path.display().to_string()))?;
        Ok(Named { name: name_of(path), model })
    };
    args.configs.iter().map(read).collect()
}

fn read_config(path: &Path, input: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    let input = match path == Path::new("-") {
        true => input,
        false => &mut machine::open(path)?,
    };
    input.take(CONFIG_BYTES_MAX + 1).read_to_end(&mut text)?;
    if text.len() as u64 > CONFIG_BYTES_MAX {
        let reason = format!("it has more than {CONFIG_BYTES_MAX} bytes: a model's config.json is shorter");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, reason));
    }
    Ok(text)
}

/// A model's name: its file, or the folder of a file with the usual name.
fn name_of(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or(path.as_os_str());
    let folder = path.parent().and_then(Path::file_name).filter(|_| stem == "config");
    folder.unwrap_or(stem).to_string_lossy().into_owned()
}

fn loads(args: &SizeArgs) -> impl Iterator<Item = Load> {
    let SizeArgs { chunk_tokens, context_tokens, requests, .. } = *args;
    args.tp.iter().map(move |tp| Load { tp: *tp, chunk_tokens, context_tokens, requests })
}

fn sizes(Named { name, model }: &Named, load: &Load) -> Result<Sizes, Failure> {
    Sizes::new(model, load).map_err(|source| Failure::Sizes { source_name: name.clone(), source })
}

fn write_table(Named { name, .. }: &Named, load: &Load, sizes: &Sizes, out: &mut dyn Write) -> io::Result<()> {
    let terms = &sizes.arithmetic;
    let bytes = |bytes: u64| format!("{bytes} ({})", in_units(bytes));
    let rows = [
        ("chunk bytes", bytes(sizes.chunk_bytes), &terms.chunk_bytes),
        ("slot bytes", bytes(sizes.slot_bytes), &terms.slot_bytes),
        ("chunks of a request", sizes.request_chunks.to_string(), &terms.request_chunks),
        ("sender's buffer_size", bytes(sizes.sender_buffer_size), &terms.sender_buffer_size),
        ("receiver's buffer_size", bytes(sizes.receiver_buffer_size), &terms.receiver_buffer_size),
    ];
    writeln!(out, "{name}, TP {}: each TP rank has", load.tp)?;
    let width = rows.iter().map(|(_, value, _)| value.len()).max().unwrap_or_default();
    rows.iter().try_for_each(|(label, value, terms)| writeln!(out, "  {label:22}  {value:width$}  = {terms}"))
}

/// A row for each model: its numbers, and the MiB of a chunk for each TP.
fn write_markdown(args: &SizeArgs, models: &[Named], out: &mut dyn Write) -> Result<(), Failure> {
    write!(out, "| model | layers | KV heads | head size |")?;
    args.tp.iter().try_for_each(|tp| write!(out, " TP {tp} |"))?;
    writeln!(out, "\n|---|---|---|---|{}", "---|".repeat(args.tp.len()))?;
    for named in models {
        let (mla, heads, size) = match named.model.attention {
            Attention::Grouped { kv_heads, head_size } => ("", kv_heads, head_size.to_string()),
            Attention::Latent { kv_lora_rank, qk_rope_head_dim } => {
                (" (MLA)", 1, format!("{kv_lora_rank} + {qk_rope_head_dim}"))
            }
        };
        write!(out, "| {}{mla} | {} | {heads} | {size} |", named.name, named.model.layers)?;
        for load in loads(args) {
            write!(out, " {} |", sizes(named, &load)?.chunk_bytes as f64 / f64::from(1 << 20))?;
        }
        writeln!(out)?;
    }
    Ok(())
}
