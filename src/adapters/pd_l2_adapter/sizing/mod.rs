//! The sizes of chunks and buffers, from a model's numbers to `buffer_size` of both nodes. Pure.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

mod model;

use l2_adapter_schema::counted;
use std::fmt;

use serde::Serialize;

pub(crate) use self::model::{Attention, Element, Given, Model, ModelError};
use super::node::{SLOT_ALIGNMENT_BYTES, STAGED_WRITE_MAX_BYTES};

/// The load of a deployment. Every number is at least 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Load {
    /// TP ranks of the engine.
    pub(crate) tp: u64,
    /// Tokens of a chunk: the server's `--chunk-size`.
    pub(crate) chunk_tokens: u64,
    /// Tokens of a request.
    pub(crate) context_tokens: u64,
    /// Requests whose chunks are stored and not yet loaded.
    pub(crate) requests: u64,
}

/// What each TP rank needs, in bytes, with the arithmetic of each number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Sizes {
    pub(crate) chunk_bytes: u64,
    pub(crate) slot_bytes: u64,
    pub(crate) request_chunks: u64,
    pub(crate) sender_buffer_size: u64,
    pub(crate) receiver_buffer_size: u64,
    pub(crate) arithmetic: Arithmetic,
}

/// The terms of each number of [`Sizes`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Arithmetic {
    pub(crate) chunk_bytes: String,
    pub(crate) slot_bytes: String,
    pub(crate) request_chunks: String,
    pub(crate) sender_buffer_size: String,
    pub(crate) receiver_buffer_size: String,
}

/// Why a model and a deployment do not fit each other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SizingError {
    /// Engines refuse it, because heads can only be divided among ranks, or be copied to several.
    #[error(
        "TP {tp} does not fit {} (`num_key_value_heads`): one of the two must be a multiple of the other",
        counted(.kv_heads, "KV head")
    )]
    Ranks { tp: u64, kv_heads: u64 },
    /// A number of bytes beyond 64 bits.
    #[error("{what} would have 2^64 bytes or more: the numbers of the model, the tokens or the requests are too large")]
    TooLarge { what: &'static str },
}

impl Sizes {
    /// Computes what each TP rank needs.
    ///
    /// # Errors
    ///
    /// [`SizingError`].
    pub(crate) fn new(model: &Model, load: &Load) -> Result<Self, SizingError> {
        let (chunk_factors, chunk_bytes) = chunk(model, load)?;
        let too_large = |what| SizingError::TooLarge { what };
        let slot_bytes = chunk_bytes
            .checked_next_multiple_of(SLOT_ALIGNMENT_BYTES)
            .ok_or_else(|| too_large("the slot of a chunk"))?;
        let request_chunks = load.context_tokens.div_ceil(load.chunk_tokens);
        // Two parts of a store task, or two chunks where a chunk is larger: one is copied while the other is written.
        let part_bytes = slot_bytes.max(STAGED_WRITE_MAX_BYTES);
        let sender_buffer_size = part_bytes.checked_mul(2).ok_or_else(|| too_large("the sender's buffer"))?;
        let receiver_buffer_size =
            product([load.requests, request_chunks, slot_bytes]).ok_or_else(|| too_large("the receiver's buffer"))?;
        let arithmetic = Arithmetic {
            chunk_bytes: chunk_factors,
            slot_bytes: format!("{chunk_bytes}, rounded up to a multiple of {SLOT_ALIGNMENT_BYTES}"),
            request_chunks: format!(
                "{} / {}, rounded up",
                counted(load.context_tokens, "token"),
                counted(load.chunk_tokens, "token")
            ),
            sender_buffer_size: match slot_bytes < part_bytes {
                true => format!("2 x {part_bytes}: one write of a store task is copied while another is sent"),
                false => format!("2 x {slot_bytes}: one chunk is copied while another is sent"),
            },
            receiver_buffer_size: format!(
                "{} x {} x {slot_bytes}",
                counted(load.requests, "request"),
                counted(request_chunks, "chunk")
            ),
        };
        Ok(Self { chunk_bytes, slot_bytes, request_chunks, sender_buffer_size, receiver_buffer_size, arithmetic })
    }
}

/// The bytes of one rank's chunk, and the factors they are the product of.
fn chunk(model: &Model, load: &Load) -> Result<(String, u64), SizingError> {
    let Model { layers, attention, element_bytes } = *model;
    let (shape, elements) = match attention {
        Attention::Grouped { kv_heads, head_size } => {
            let heads = heads_of_a_rank(kv_heads, load.tp)?;
            let copied = if load.tp > kv_heads { " (each on several ranks)" } else { "" };
            let shape = format!(
                "2 (K and V) x {} x {heads} of {}{copied} x {}",
                counted(layers, "layer"),
                counted(kv_heads, "KV head"),
                counted(head_size, "element")
            );
            (shape, product([2, layers, heads, head_size]))
        }
        // Every rank holds the whole latent vector, which keys and values share.
        Attention::Latent { kv_lora_rank, qk_rope_head_dim } => {
            let shape = format!("{} x ({kv_lora_rank} + {qk_rope_head_dim}) elements (MLA)", counted(layers, "layer"));
            (shape, kv_lora_rank.checked_add(qk_rope_head_dim).and_then(|size| product([layers, size])))
        }
    };
    let bytes = elements
        .and_then(|elements| product([elements, element_bytes, load.chunk_tokens]))
        .filter(|bytes| *bytes <= u64::MAX - SLOT_ALIGNMENT_BYTES)
        .ok_or(SizingError::TooLarge { what: "a chunk" })?;
    Ok((format!("{shape} x {} x {}", counted(element_bytes, "byte"), counted(load.chunk_tokens, "token")), bytes))
}

fn heads_of_a_rank(kv_heads: u64, tp: u64) -> Result<u64, SizingError> {
    if kv_heads.is_multiple_of(tp) {
        Ok(kv_heads / tp)
    } else if tp.is_multiple_of(kv_heads) {
        Ok(1)
    } else {
        Err(SizingError::Ranks { tp, kv_heads })
    }
}

fn product<const COUNT: usize>(factors: [u64; COUNT]) -> Option<u64> {
    factors.into_iter().try_fold(1_u64, u64::checked_mul)
}

/// Bytes in the largest binary unit of which there is at least one.
pub(crate) fn in_units(bytes: u64) -> impl fmt::Display {
    const UNITS: [(u32, &str); 4] = [(40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB")];
    fmt::from_fn(move |formatter| match UNITS.iter().find(|(shift, _)| bytes >> shift > 0) {
        Some((shift, unit)) => {
            let hundredths = (bytes as f64 / (1_u64 << shift) as f64 * 100.0).round();
            write!(formatter, "{} {unit}", hundredths / 100.0)
        }
        None => formatter.write_str(&counted(bytes, "byte")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LLAMA: Model =
        Model { layers: 32, attention: Attention::Grouped { kv_heads: 8, head_size: 128 }, element_bytes: 2 };
    const LOAD: Load = Load { tp: 2, chunk_tokens: 256, context_tokens: 32_768, requests: 2 };

    #[test]
    fn a_chunk_is_divided_among_ranks_up_to_the_number_of_kv_heads() {
        let chunk = |tp| Sizes::new(&LLAMA, &Load { tp, ..LOAD }).map(|sizes| sizes.chunk_bytes >> 20);
        assert_eq!([1, 2, 8, 16].map(chunk), [Ok(32), Ok(16), Ok(4), Ok(4)]);
        assert_eq!(chunk(3), Err(SizingError::Ranks { tp: 3, kv_heads: 8 }));
    }

    #[test]
    fn a_latent_vector_counts_once_and_is_whole_on_every_rank() {
        let attention = Attention::Latent { kv_lora_rank: 512, qk_rope_head_dim: 64 };
        let model = Model { layers: 61, attention, element_bytes: 2 };
        let chunk = |tp| Sizes::new(&model, &Load { tp, ..LOAD }).unwrap().chunk_bytes;
        assert_eq!([1, 8].map(chunk), [61 * 576 * 2 * 256; 2]);
    }

    #[test]
    fn a_receiver_holds_every_chunk_of_every_request() {
        let sizes = Sizes::new(&LLAMA, &LOAD).unwrap();
        assert_eq!((sizes.request_chunks, sizes.receiver_buffer_size), (128, 4 << 30));
        let beyond = Sizes::new(&LLAMA, &Load { context_tokens: 32_769, ..LOAD }).unwrap();
        assert_eq!(beyond.request_chunks, 129);
    }

    #[test]
    fn a_sender_holds_two_writes_or_two_larger_chunks() {
        let buffer = |chunk_tokens| Sizes::new(&LLAMA, &Load { chunk_tokens, ..LOAD }).unwrap().sender_buffer_size;
        assert_eq!([16, 128, 256].map(buffer), [2 * STAGED_WRITE_MAX_BYTES, 16 << 20, 32 << 20]);
    }

    #[test]
    fn a_slot_is_rounded_up_to_its_alignment() {
        let attention = Attention::Grouped { kv_heads: 1, head_size: 1 };
        let slot = |layers| {
            let model = Model { layers, attention, element_bytes: 1 };
            Sizes::new(&model, &Load { tp: 1, chunk_tokens: 1, ..LOAD }).unwrap().slot_bytes
        };
        assert_eq!([2048, 2049].map(slot), [4096, 8192]);
    }

    #[test]
    fn sizes_beyond_64_bits_are_refused_and_named() {
        let huge = Model { layers: 1 << 40, ..LLAMA };
        let load = Load { tp: 1, ..LOAD };
        let refused = |model, load| Sizes::new(model, load).unwrap_err();
        let chunk = Load { chunk_tokens: 1 << 20, ..load };
        assert_eq!(refused(&huge, &chunk), SizingError::TooLarge { what: "a chunk" });
        let requests = Load { requests: 1 << 40, ..load };
        assert_eq!(refused(&LLAMA, &requests), SizingError::TooLarge { what: "the receiver's buffer" });
    }

    #[test]
    fn bytes_are_shown_in_the_largest_unit_that_they_fill() {
        let shown = [1023, 1024, 17_989_632, 4 << 30, u64::MAX].map(|bytes| in_units(bytes).to_string());
        assert_eq!(shown, ["1023 bytes", "1 KiB", "17.16 MiB", "4 GiB", "16777216 TiB"]);
    }
}
