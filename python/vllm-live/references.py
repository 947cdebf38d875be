"""The tokens that one engine without LMCache generates for each prompt, kept in a file next to the model."""

import json

import engines
from engines import Engine, ask
from model import CHUNK_TOKENS, SIZES, prompt

SHORT_TOKENS = 100
# Numbers from here on are prompts shorter than a chunk.
SHORT_FROM = 1000
# Numbers from here on are prompts with one of a few shared beginnings.
SHARED_FROM = 2000
BEGINNINGS = 2


class References:
    """Prompts of a model and their tokens, computed at first use."""

    def __init__(self, model, name):
        self.model, self.name, self.size = model, name, SIZES[name]
        self.file = model / "references.json"
        self.kept = json.loads(self.file.read_text()) if self.file.exists() else {}

    def prompt(self, number):
        if number >= SHARED_FROM:
            common = self.size.common_chunks * CHUNK_TOKENS
            beginning = prompt(-2 - number % BEGINNINGS, common)
            return f"{beginning} {prompt(number, self.size.prompt_tokens - common)}"
        return prompt(number, SHORT_TOKENS if number >= SHORT_FROM else self.size.prompt_tokens)

    def chunks(self, number):
        """Names of the whole chunks of a prompt with a shared beginning. Equal chunks have equal names."""
        common = self.size.common_chunks
        return [(number % BEGINNINGS if place < common else number, place) for place in range(self.size.chunks)]

    def of(self, number):
        """A prompt and its tokens."""
        return self.prompt(number), self.kept[str(number)]["text"]

    def need(self, numbers, folder):
        """Makes one engine compute the missing tokens."""
        missing = [number for number in numbers if str(number) not in self.kept]
        if missing:
            engine = Engine(folder, f"reference-engine-{self.name}", self.model)
            try:
                engine.launch()
                engine.wait(engines.STARTS_WITHIN_SECONDS)
                # The first request is slower than later ones.
                ask(engine, prompt(-1, self.size.prompt_tokens))
                for number in missing:
                    answer = ask(engine, self.prompt(number))
                    self.kept[str(number)] = {"text": answer.text, "seconds": answer.seconds_to_first_token}
                    # Written after each prompt, so that an interrupted run loses only one.
                    self.file.write_text(json.dumps(self.kept, indent=1))
            finally:
                engine.end()
