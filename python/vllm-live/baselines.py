"""Times to first token: handed over, computed by the decode engine, and with vLLM's own NixlConnector."""

import os

import engines
from engines import Engine, ask, prefill
from failures import hand_over
from handover import summary, times
from servers import free_ports

HANDED_OVER, COMPUTED, NIXL_CONNECTOR = range(60, 65), range(65, 70), range(60, 65)


def times_to_first_token(lab):
    """The decode engine's times for prompts that were prefilled, and for prompts that were not."""
    references = lab.references("large", [*HANDED_OVER, *COMPUTED])
    deployment = lab.deployment("large")
    found = [hand_over(deployment, references, number) for number in HANDED_OVER]
    assert all(one.equal and one.is_whole() for one in found), summary(found)
    computed = []
    for number in COMPUTED:
        prompt, expected = references.of(number)
        answer = ask(deployment.decoder.engine, prompt)
        assert answer.text == expected
        computed.append(answer.seconds_to_first_token)
    alone = [references.kept[str(number)]["seconds"] for number in (*HANDED_OVER, *COMPUTED)]
    return (
        f"{deployment.size.prompt_tokens} tokens, at the decode engine: handed over "
        f"{times([one.seconds_to_first_token for one in found])}; never prefilled {times(computed)}; "
        f"engine alone, without LMCache {times(alone)}"
    )


def nixl_connector(lab):
    """The time with vLLM's own NixlConnector between two equal engines."""
    references = lab.references("large", NIXL_CONNECTOR)
    lab.end()
    folder = lab.folder / "nixl-connector"
    folder.mkdir()
    transfer = {"kv_connector": "NixlConnector", "kv_role": "kv_both", "kv_buffer_device": "cpu"}
    pair = []
    for name, port in zip(("prefill", "decode"), free_ports(2), strict=True):
        environment = {
            "VLLM_NIXL_SIDE_CHANNEL_HOST": "127.0.0.1",
            "VLLM_NIXL_SIDE_CHANNEL_PORT": str(port),
            "UCX_TLS": "tcp,shm,self",
            "PYTHONPATH": os.pathsep.join([os.environ["PYTHONPATH"], os.environ["VLLM_LIVE_NIXL"]]),
        }
        pair.append(Engine(folder, f"{name}-nixl-engine", lab.model("large"), transfer, environment))
    prefilling, decoding = pair
    try:
        for engine in pair:
            engine.launch()
        for engine in pair:
            engine.wait(engines.STARTS_WITHIN_SECONDS)
        seconds, equal, loaded = [], 0, 0
        wanted = {"do_remote_decode": True, "do_remote_prefill": False}
        for number in NIXL_CONNECTOR:
            prompt, expected = references.of(number)
            before = decoding.loaded_tokens()
            parameters = prefill(prefilling, prompt, wanted).parameters
            assert parameters, "the prefill engine returned no `kv_transfer_params`"
            answer = ask(decoding, prompt, parameters=parameters)
            equal += answer.text == expected
            loaded += decoding.loaded_tokens() - before
            seconds.append(answer.seconds_to_first_token)
        return (
            f"NixlConnector: tokens of {equal} of {len(seconds)} equal, {loaded:.0f} tokens loaded, first token at the decode "
            f"engine after {times(seconds)}"
        )
    finally:
        for engine in pair:
            engine.end()
