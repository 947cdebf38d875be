"""One prefill node and two decode nodes: each request names its decode node, and shares half of its prompt with others."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from deployment import receiver_name
from engines import ask, prefill
from handover import COUNTED_WITHIN_SECONDS, times
from model import CHUNK_TOKENS
from references import SHARED_FROM
from servers import wait_until
from watching import samples

LARGE, SMALL = range(SHARED_FROM, SHARED_FROM + 16), range(SHARED_FROM, SHARED_FROM + 40)
RECEIVER = "lmcache.pd.receiver"
# So many requests of each decode node are also sent to the other one.
ELSEWHERE = 2


class Seen(NamedTuple):
    """Counters of a decode node."""

    computed: int
    """Prompt tokens that the engine computed."""
    cached: int
    """Prompt tokens that were in the engine's own prefix cache."""
    loaded: int
    """Prompt tokens whose KV the connector loaded."""
    committed: int
    """Chunks that were pushed to the receiver."""

    def since(self, before):
        return Seen(*(now - then for now, then in zip(self, before, strict=True)))

    @property
    def prompts(self):
        """All prompt tokens."""
        return self.computed + self.cached + self.loaded


def seen(decoder):
    by_source = {
        sample.labels["source"]: int(sample.value)
        for sample in samples(decoder.engine)
        if sample.name == "vllm:prompt_tokens_by_source_total"
    }
    sources = ("local_compute", "local_cache_hit", "external_kv_transfer")
    return Seen(*(by_source.get(source, 0) for source in sources), decoder.receiver()["committed_chunks"])


def two_decoders(size, numbers, policy, at_once):
    """The check that a router can choose the decode node: that node gets all chunks of its requests, and no others."""

    def check(lab):
        references = lab.references(size, numbers)
        deployment = lab.deployment(size, decoders=2, policy=policy)
        decoder_of = drawn(numbers)
        before = [seen(decoder) for decoder in deployment.decoders]
        # LMCache does not find a chunk that it loads for another request at the same moment, and these share chunks.
        asking = [threading.Lock() for _ in deployment.decoders]

        def route(number):
            text, expected = references.of(number)
            prefill(deployment.prefill, text, {RECEIVER: receiver_name(decoder_of[number])})
            with asking[decoder_of[number]]:
                answer = ask(deployment.decoders[decoder_of[number]].engine, text)
            return answer.text == expected, answer.seconds_to_first_token

        with ThreadPoolExecutor(at_once) as threads:
            answers = list(threads.map(route, numbers))
        # Chunks that are still being pushed would be counted too late.
        wait_until("the senders are done", lambda: not open_tasks(deployment))
        equal, seconds = sum(is_equal for is_equal, _ in answers), [each for _, each in answers]
        reports = [
            f"{policy}, {at_once} at once, {references.size.chunk_bytes >> 20} MiB a chunk: tokens of {equal} of {len(numbers)} "
            f"equal, first token after {times(seconds)}"
        ]
        wrong = [] if equal == len(numbers) else ["tokens"]
        own = [[number for number in numbers if decoder_of[number] == index] for index in range(len(before))]
        for index, decoder in enumerate(deployment.decoders):
            found = counted(decoder, before[index], len(own[index]) * references.size.prompt_tokens)
            report, is_right = of_node(index, references, own[index], found)
            reports.append(report)
            wrong += [] if is_right else [receiver_name(index)]
        asked = [*own[0][-ELSEWHERE:], *own[1][-ELSEWHERE:]]
        found = [looked_up_elsewhere(deployment, references, number, 1 - decoder_of[number]) for number in asked]
        reports.append(f"{len(asked)} asked at the other node, {sum(map(bool, found))} of them found there")
        wrong += sum(found, [])
        wrong += [each for sender in deployment.senders() if (each := sender["requests"])["failed"] or each["missing_chunks"]]
        report = "; ".join(reports)
        assert not wrong, f"{report}: {wrong}"
        return report

    return check


def open_tasks(deployment):
    return sum(rank["open_tasks"] for sender in deployment.senders() for rank in sender["ranks"])


def of_node(index, references, own, found):
    """A report of a decode node's own requests, and whether it is as expected."""
    chunks = len({chunk for number in own for chunk in references.chunks(number)})
    report = (
        f"{receiver_name(index)}: {len(own)} requests, {found.loaded} tokens loaded, {found.cached} in its prefix cache, "
        f"{found.computed} of {found.prompts} computed, {found.committed} of {chunks} chunks pushed there"
    )
    # The tokens after the last whole chunk are always computed. A chunk of the other node's requests would be one too many.
    return report, found.computed == len(own) * references.size.rest and found.committed == chunks


def drawn(numbers):
    """A decode node for each request. Each node gets half of them, in random order."""
    receivers = [place % 2 for place in range(len(numbers))]
    random.Random(SHARED_FROM).shuffle(receivers)
    return dict(zip(numbers, receivers, strict=True))


def counted(decoder, before, prompt_tokens):
    """The growth of a decode node's counters, once its engine has counted all prompts."""
    deadline = time.monotonic() + COUNTED_WITHIN_SECONDS
    while True:
        found = seen(decoder).since(before)
        if found.prompts >= prompt_tokens or time.monotonic() > deadline:
            return found
        time.sleep(0.1)


def looked_up_elsewhere(deployment, references, number, other):
    """Sends a request to the decode node that it did not name. Returns an error if that node has more than the shared half."""
    decoder = deployment.decoders[other]
    before = seen(decoder)
    text, expected = references.of(number)
    answer = ask(decoder.engine, text)
    found = counted(decoder, before, references.size.prompt_tokens)
    own_tokens = references.size.prompt_tokens - references.size.common_chunks * CHUNK_TOKENS
    if answer.text == expected and found.computed >= own_tokens and not found.committed:
        return []
    return [f"request {number} at {receiver_name(other)}: {found}, {answer.text!r} for {expected!r}"]
