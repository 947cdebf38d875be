"""The adapters' metrics: each adapter's own, and where LMCache's `/metrics` takes them from."""

from node import Chunk, Node, pd_specs
from prometheus_client import REGISTRY, generate_latest
from prometheus_client.parser import text_string_to_metric_families


def test_metrics_are_openmetrics(started):
    assert started(pd_specs().receiver).metrics().endswith("# EOF\n")


def test_metrics_of_all_adapters_are_among_those_of_the_process(started):
    specs = [pd_specs().receiver, pd_specs(ranks=2).receiver]
    addresses = [f"127.0.0.1:{spec['peer_init_port'][0]}" for spec in specs]
    first, second = (started(spec) for spec in specs)
    assert published_ranks() == {(addresses[0], "0"), (addresses[1], "0"), (addresses[1], "1")}
    first.close()
    assert published_ranks() == {(addresses[1], "0"), (addresses[1], "1")}
    second.close()
    assert b"l2_adapter_pd" not in generate_latest(REGISTRY)


def test_adapters_with_one_spec_are_told_apart(started):
    spec = pd_specs().sender
    started(spec), started(spec)
    assert len({sample.labels["adapter"] for sample in samples_of("l2_adapter_pd_sender_connected")}) == 2


def test_metrics_of_the_process_are_text_that_prometheus_reads(started):
    node = Node(started(pd_specs().receiver))
    node.store([Chunk(1)])
    text = generate_latest(REGISTRY).decode()
    samples = {sample.name for family in text_string_to_metric_families(text) for sample in family.samples}
    assert {"l2_adapter_pd_receiver_committed_chunks_total", "l2_adapter_pd_leaked_bytes"} <= samples


def published_ranks():
    """The receivers and TP ranks that one metric is there for."""
    published = samples_of("l2_adapter_pd_receiver_capacity_bytes")
    return {(sample.labels["receiver"], sample.labels["tp_rank"]) for sample in published}


def samples_of(name):
    return [sample for family in REGISTRY.collect() if family.name == name for sample in family.samples]
