"""A random Llama with a fixed seed, and prompts for it. Both are the same on every machine, so engines must generate equal tokens.

As a program it writes a model into a folder: `python model.py SIZE FOLDER`.
"""

import json
import random
import sys
from pathlib import Path
from typing import NamedTuple

CHUNK_TOKENS = 256
WORDS = 2000
SEED = 20261129


class Size(NamedTuple):
    """The size of a token's KV, which has 4 layers with keys and values in float32, and of a prompt."""

    heads: int
    head_dim: int
    # Whole chunks of a prompt, and the tokens after them, which the decode engine always computes.
    chunks: int
    rest: int = 16

    @property
    def token_bytes(self):
        return 4 * 2 * self.heads * self.head_dim * 4

    @property
    def chunk_bytes(self):
        return CHUNK_TOKENS * self.token_bytes

    @property
    def prompt_tokens(self):
        return self.chunks * CHUNK_TOKENS + self.rest

    @property
    def common_chunks(self):
        """Chunks that prompts with a shared beginning have in common."""
        return self.chunks // 2


# A chunk of `large` has 32 MiB, like one of Llama-3.1-8B in bfloat16 with TP 1; one of `small` has 2 MiB.
SIZES = {"large": Size(heads=16, head_dim=256, chunks=6), "small": Size(heads=4, head_dim=64, chunks=6)}


def prompt(number, tokens):
    """The prompt of a number. No two prompts have the same beginning."""
    chosen = random.Random(SEED + number)
    return " ".join(f"w{chosen.randrange(WORDS)}" for _ in range(tokens))


def write(size, folder):
    """Writes weights, config and a tokenizer with a word for each token."""
    import torch
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import WhitespaceSplit
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    torch.manual_seed(SEED)
    config = LlamaConfig(
        vocab_size=WORDS + 1,
        hidden_size=256,
        intermediate_size=256,
        num_hidden_layers=4,
        num_attention_heads=size.heads,
        num_key_value_heads=size.heads,
        head_dim=size.head_dim,
        max_position_embeddings=8192,
        # Large enough that the tokens depend on the prompt.
        initializer_range=0.3,
        bos_token_id=None,
        eos_token_id=None,
        pad_token_id=None,
        tie_word_embeddings=False,
        dtype="float32",
    )
    LlamaForCausalLM(config).save_pretrained(folder, safe_serialization=True)
    words = {f"w{number}": number for number in range(WORDS)} | {"<unknown>": WORDS}
    tokenizer = Tokenizer(WordLevel(words, unk_token="<unknown>"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="<unknown>").save_pretrained(folder)


def main():
    name, folder = sys.argv[1], Path(sys.argv[2])
    write(SIZES[name], folder)
    # Written last: a folder without this file is not whole.
    (folder / "whole.json").write_text(json.dumps({"size": name, "seed": SEED}))


if __name__ == "__main__":
    main()
