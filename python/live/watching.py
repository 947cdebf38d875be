"""The adapters in a server's `/status`, `/metrics` and `/healthcheck`."""

import signal
import urllib.request

from pair import pair
from prometheus_client.parser import text_string_to_metric_families
from servers import ANSWERS_WITHIN_SECONDS, wait_until

REQUESTS = 5


def watching(folder):
    """The metrics of both adapters count the requests, and the prefill server reports a dead decode server."""
    with pair(folder) as nodes:
        for number in range(REQUESTS):
            assert nodes.store(number)
            nodes.arrive(number)
        chunks = REQUESTS * nodes.chunks_a_request
        expected = {
            nodes.prefill: "l2_adapter_pd_sender_stored_chunks_total",
            nodes.decode: "l2_adapter_pd_receiver_committed_chunks_total",
        }
        for server, name in expected.items():
            # A sender counts chunks when it gets the receiver's answer, which is after the receiver has counted them.
            wait_until(f"{chunks} in {name}", lambda: value(server, name) == chunks)  # noqa: B023
        ours = sum(sample.name.startswith("l2_adapter_pd_") for sample in samples(nodes.decode))

        assert nodes.prefill.adapter_status()["is_healthy"]
        nodes.decode.end(signal.SIGKILL)
        wait_until("the sender has noticed", lambda: not nodes.prefill.adapter_status()["is_healthy"])
        trouble = nodes.prefill.adapter_status()["trouble"]
        assert not nodes.prefill.get("/status")["is_healthy"]
        # Raises an error unless the server answers with success.
        nodes.prefill.get("/healthcheck")
        return (
            f"{len(samples(nodes.prefill))} samples in the prefill server's /metrics; of the decode server's {ours} are the "
            f"adapter's; {chunks} chunks counted at both; without its decode server the prefill server reports: {trouble}"
        )


def value(server, name):
    [sample] = [sample for sample in samples(server) if sample.name == name]
    return sample.value


def samples(server):
    with urllib.request.urlopen(server.url("/metrics"), timeout=ANSWERS_WITHIN_SECONDS) as answer:
        families = text_string_to_metric_families(answer.read().decode())
        return [sample for family in families for sample in family.samples]
