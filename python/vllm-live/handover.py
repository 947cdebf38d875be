"""Requests that one engine prefills and the other decodes. The tokens are equal, and every whole chunk is loaded instead of
computed."""

import time
from typing import NamedTuple

from deployment import Counts
from engines import ask
from model import CHUNK_TOKENS

# LMCache counts in a separate thread.
COUNTED_WITHIN_SECONDS = 10


class Observed(NamedTuple):
    """One request, according to the decode node's counters."""

    number: int
    equal: bool
    chunks: int
    """Whole chunks of the prompt."""
    counts: Counts
    """Loaded tokens."""
    seconds_to_first_token: float

    def is_whole(self):
        """Whether all counters agree that every whole chunk was loaded from L2, and nothing else."""
        tokens = self.chunks * CHUNK_TOKENS
        return self.counts == Counts(tokens, tokens, 0, tokens)


def observe(decoder, reference, number, send, chunks=None):
    """Sends a request by calling `send`, which returns an Answer, and counts what the decode node loaded for it."""
    chunks = decoder.size.chunks if chunks is None else chunks
    before = decoder.counts()
    answer = send()
    deadline = time.monotonic() + COUNTED_WITHIN_SECONDS
    while True:
        counts = Counts(*(now - then for now, then in zip(decoder.counts(), before, strict=True)))
        observed = Observed(number, answer.text == reference, chunks, counts, answer.seconds_to_first_token)
        if observed.is_whole() or time.monotonic() > deadline:
            return observed
        time.sleep(0.1)


def through(front, deployment, references, numbers):
    """Sends prompts through a front, one after the other. Returns a report. Raises an error unless all are whole and equal."""
    found, waited_before = [], deployment.decoder.waits()
    for number in numbers:
        prompt, expected = references.of(number)
        found.append(observe(deployment.decoder, expected, number, lambda: ask(front, prompt)))  # noqa: B023
    report = (
        f"{front.name}, {deployment.channel}, {deployment.size.chunk_bytes >> 20} MiB a chunk: {summary(found)}; "
        f"{waits_since(waited_before, deployment.decoder.waits())}"
    )
    assert all(one.equal and one.is_whole() for one in found), f"{report}: {[one for one in found if not one.is_whole()]}"
    return report


def summary(found):
    """A report of requests."""
    total = sum(one.chunks for one in found)
    loaded = sum(one.counts.adapter for one in found) // CHUNK_TOKENS
    computed = total - sum(one.counts.engine for one in found) // CHUNK_TOKENS
    whole, nothing = sum(one.is_whole() for one in found), sum(one.counts.engine == 0 for one in found)
    seconds = [one.seconds_to_first_token for one in found]
    return (
        f"{whole} of {len(found)} requests whole, {nothing} found no chunk; {loaded} of {total} chunks loaded, {computed} "
        f"computed; tokens of {sum(one.equal for one in found)} equal; first token after {times(seconds)}"
    )


def waits_since(before, now):
    """A report of the lookups that waited between two counts."""
    (counts_before, seconds_before), (counts_now, seconds_now) = before, now
    ends = {end: count - counts_before.get(end, 0) for end, count in counts_now.items()}
    ended = ", ".join(f"{count} `{end}`" for end, count in ends.items() if count) or "none"
    return f"lookups that waited, by end: {ended}, {1000 * (seconds_now - seconds_before):.0f} ms all together"


def times(seconds):
    """The median and the longest time."""
    ordered = sorted(seconds)
    return f"{ordered[len(ordered) // 2]:.2f} s (median), {ordered[-1]:.2f} s (longest)"
