"""The adapters' metrics: each adapter's own, and where LMCache's `/metrics` takes them from."""

from node import Chunk, Node, pd_specs
from prometheus_client import REGISTRY, generate_latest
from prometheus_client.parser import text_string_to_metric_families


def test_metrics_are_openmetrics(started):
    assert started(pd_specs().receiver).metrics().endswith("# EOF\n")


def test_metrics_of_all_adapters_are_among_those_of_the_process(started):
    specs = [pd_specs().receiver, pd_specs(ranks=2).receiver]
    adapters = [started(spec) for spec in specs]
    wanted = []
    for adapter, spec in zip(adapters, specs, strict=True):
        address = f"127.0.0.1:{spec['peer_init_port'][0]}"
        wanted += [(address, str(rank), float(16 << 20)) for rank in range(len(spec["peer_init_port"]))]
    assert [(receiver, rank, value) for _, receiver, rank, value in published_capacities()] == wanted
    assert len({adapter for adapter, *_ in published_capacities()}) == 2
    adapters[0].close()
    assert [value[1:] for value in published_capacities()] == wanted[1:]
    adapters[1].close()
    assert generate_latest(REGISTRY).count(b"l2_adapter_pd") == 0


def published_capacities():
    """The labels and the value of one metric, in the order of its lines."""
    [family] = [family for family in REGISTRY.collect() if family.name == "l2_adapter_pd_receiver_capacity_bytes"]
    return [
        (sample.labels["adapter"], sample.labels["receiver"], sample.labels["tp_rank"], sample.value)
        for sample in family.samples
    ]


def test_metrics_of_the_process_are_text_that_prometheus_reads(started):
    node = Node(started(pd_specs().receiver))
    node.store([Chunk(1)])
    text = generate_latest(REGISTRY).decode()
    samples = {sample.name for family in text_string_to_metric_families(text) for sample in family.samples}
    assert {"l2_adapter_pd_receiver_committed_chunks_total", "l2_adapter_pd_leaked_bytes"} <= samples
