"""Exceptional cases: concurrent requests, short prompts, nodes that end, a full receiver."""

import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from engines import ask, prefill
from handover import observe, summary, times
from references import SHORT_FROM
from servers import wait_until

# Longer than a prefill takes here.
GRACE_SECONDS = 30
PATIENT = {"lookup_grace_seconds": GRACE_SECONDS, "lookup_seconds": 2 * GRACE_SECONDS}
# On a busy machine an engine may need so long to compute a prompt, after a wait.
COMPUTES_WITHIN_SECONDS = 240


def hand_over(deployment, references, number):
    """Prefills a prompt and then decodes it, like a router."""
    prompt, expected = references.of(number)

    def send():
        prefill(deployment.prefill, prompt)
        return ask(deployment.decoder.engine, prompt)

    return observe(deployment.decoder, expected, number, send)


def short(lab):
    """A prompt without a whole chunk has nothing to hand over, and does not wait."""
    numbers = range(SHORT_FROM, SHORT_FROM + 3)
    references = lab.references("large", numbers)
    deployment = lab.deployment("large")
    found = []
    for number in numbers:
        prompt, expected = references.of(number)
        prefill(deployment.prefill, prompt)
        decoder = deployment.decoder
        found.append(observe(decoder, expected, number, lambda: ask(decoder.engine, prompt), chunks=0))  # noqa: B023
    assert all(one.equal and one.is_whole() for one in found), found
    seconds = [one.seconds_to_first_token for one in found]
    return f"100 tokens, no whole chunk: tokens of {len(found)} equal, first token after {times(seconds)}"


def restarted(lab):
    """A restarted decode server serves its running engine."""
    numbers = range(70, 73)
    references = lab.references("large", numbers)
    deployment = lab.deployment("large")
    began = time.monotonic()
    deployment.restart_decode_server()
    took = time.monotonic() - began
    found = [hand_over(deployment, references, number) for number in numbers]
    report = f"engine registered again {took:.0f} s after the end of its server; then {summary(found)}"
    assert all(one.equal and one.is_whole() for one in found), report
    return report


def together(lab):
    """Both engines get a request at the same time: the lookup waits while the prompt is prefilled."""
    numbers, unknown = range(73, 76), range(76, 78)
    references = lab.references("large", [*numbers, *unknown, SHORT_FROM + 3])
    deployment = lab.deployment("large")
    deployment.restart_decode_server(timing=PATIENT)
    found, between = [], []
    for number in numbers:
        prompt, expected = references.of(number)

        def send():
            with ThreadPoolExecutor() as threads:
                waiting = threads.submit(ask, deployment.decoder.engine, prompt)  # noqa: B023
                prefilled = threads.submit(prefill, deployment.prefill, prompt)  # noqa: B023
                if not between:
                    # A short prompt must not wait meanwhile.
                    text, wanted = references.of(SHORT_FROM + 3)
                    meanwhile = ask(deployment.decoder.engine, text)
                    assert meanwhile.text == wanted
                    between.append(meanwhile.seconds_to_first_token)
                prefilled.result()
                return waiting.result()

        found.append(observe(deployment.decoder, expected, number, send))
    alone = []
    for number in unknown:
        prompt, expected = references.of(number)
        answer = ask(deployment.decoder.engine, prompt)
        assert answer.text == expected, f"prompt {number}: {answer.text!r} instead of {expected!r}"
        alone.append(answer.seconds_to_first_token)
    report = (
        f"grace {GRACE_SECONDS} s: {summary(found)}; a short prompt meanwhile {between[0]:.2f} s; prompts that nobody "
        f"prefilled: first token after {times(alone)}"
    )
    assert all(one.equal and one.is_whole() for one in found), report
    assert max(alone) < GRACE_SECONDS + COMPUTES_WITHIN_SECONDS, report
    return report


def other_dtype(lab):
    """Between engines with different dtypes of the same size no chunk is loaded, and the chunks are counted."""
    numbers = range(3)
    references = lab.references("small", numbers)
    deployment = lab.deployment("small", dtypes=("float16", "bfloat16"))
    for number in numbers:
        # With another dtype the tokens may differ from the reference, so only the counters are checked.
        observed = hand_over(deployment, references, number)
        assert not any(observed.counts), observed
    receiver = deployment.decoder.receiver()
    expected = len(numbers) * deployment.size.chunks
    report = (
        f"float16 to bfloat16: {receiver['committed_chunks']} chunks arrived, none loaded; "
        f"{receiver['other_layout_chunks']} counted as of another layout"
    )
    assert receiver["committed_chunks"] >= expected and receiver["other_layout_chunks"], report
    return report


def full(lab):
    """If the receiver is full of chunks that were never loaded, requests are computed. Later ones are handed over whole again."""
    kept, refused, later = 78, 79, 80
    references = lab.references("large", [kept, refused, later])
    deployment = lab.deployment("large")
    size = deployment.size
    deployment.restart_decode_server(buffer_size=(size.chunks + 2) * size.chunk_bytes)
    prefill(deployment.prefill, references.prompt(kept))
    wait_until("the first request is there", lambda: deployment.decoder.receiver()["committed"]["slots"] == size.chunks)
    in_vain = hand_over(deployment, references, refused)
    assert in_vain.equal and in_vain.counts.engine == 0, in_vain
    prompt, expected = references.of(kept)
    at_last = observe(deployment.decoder, expected, kept, lambda: ask(deployment.decoder.engine, prompt))
    # The chunks that waited for room now have it.
    wait_until("the second request is there", lambda: deployment.decoder.receiver()["committed_chunks"] == 2 * size.chunks)
    # Its lookup makes room for the next request. The counters do not show it, because the engine still has what it computed.
    prompt, expected = references.of(refused)
    assert ask(deployment.decoder.engine, prompt).text == expected
    found = [at_last, hand_over(deployment, references, later)]
    report = (
        f"room for {size.chunks + 2} chunks, {size.chunks} of them taken: the next request was computed, tokens equal, first "
        f"token after {in_vain.seconds_to_first_token:.2f} s; then, with room: {summary(found)}"
    )
    assert all(one.equal and one.is_whole() for one in found), report
    return report


def killed(lab):
    """If the prefill node is killed during a request, the decode engine computes the prompt after a bounded wait."""
    amid_push, amid_prefill = 81, 82
    references = lab.references("large", [amid_push, amid_prefill])
    deployment = lab.deployment("large")
    try:
        deployment.restart_decode_server(timing=PATIENT)
        looked_up = deployment.looked_up()

        def kill_engine():
            # The engine looks a prompt up, and then computes it.
            wait_until("the engine prefills", lambda: deployment.looked_up() > looked_up)
            deployment.prefill.kill()
            return "engine killed before anything was stored"

        def kill_server():
            # Slots are reserved only while the sender writes.
            wait_until("the sender writes", lambda: deployment.decoder.receiver()["reserved"]["slots"] > 0)
            before = deployment.decoder.receiver()
            deployment.prefill_server.end(signal.SIGKILL)
            return f"server killed, {before['reserved']['slots']} chunks reserved, {before['committed']['slots']} committed"

        verdicts = [_decoded_without(deployment, *references.of(amid_prefill), kill_engine)]
        deployment.restart_prefill_engine()
        verdicts.append(_decoded_without(deployment, *references.of(amid_push), kill_server))
        return f"grace {GRACE_SECONDS} s; prefill " + "; prefill ".join(verdicts)
    finally:
        # No other check can use this deployment.
        lab.end()


def _decoded_without(deployment, prompt, expected, kill):
    """Sends a prompt to both engines, and kills the prefill node while it works. Returns a report."""
    threading.Thread(target=_prefill_in_vain, args=(deployment.prefill, prompt), daemon=True).start()
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(ask, deployment.decoder.engine, prompt)
        what = kill()
        answer = waiting.result()
    report = f"{what}: first token after {answer.seconds_to_first_token:.1f} s"
    assert answer.text == expected, f"{report}: {answer.text!r} instead of {expected!r}"
    assert answer.seconds_to_first_token < GRACE_SECONDS + COMPUTES_WITHIN_SECONDS, report
    return f"{report}, tokens equal"


def _prefill_in_vain(engine, prompt):
    try:
        prefill(engine, prompt)
    except OSError:
        # Expected, because its node was killed.
        pass
