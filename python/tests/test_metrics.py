"""The adapters' metrics: each adapter's own, and those in LMCache's `/metrics`."""

import gc
import sys

from node import Chunk, Node, pd_specs
from prometheus_client import REGISTRY, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from l2_adapter.lmcache import PdL2Adapter, metrics


def test_metrics_are_openmetrics(started):
    assert started(pd_specs().receiver).metrics().endswith("# EOF\n")


def test_metrics_of_all_adapters_are_among_those_of_the_process(started):
    specs = [pd_specs().receiver, pd_specs(ranks=2, buffer_size=1 << 20).receiver]
    addresses = [f"127.0.0.1:{spec['peer_init_port'][0]}" for spec in specs]
    first, second = (started(spec) for spec in specs)
    of_second = {(addresses[1], "0"): 1 << 20, (addresses[1], "1"): 1 << 20}
    assert published_capacities() == {(addresses[0], "0"): 16 << 20, **of_second}
    first.close()
    assert published_capacities() == of_second
    second.close()
    assert published_capacities() == {}


def test_the_metrics_of_adapters_with_equal_specs_have_different_labels(started):
    spec = pd_specs().sender
    for _ in range(2):
        started(spec)
    assert len({sample.labels["adapter"] for sample in samples_of("l2_adapter_pd_sender_connected")}) == 2


def test_prometheus_can_parse_the_metrics_of_the_process(started):
    specs = pd_specs()
    receiver = started(specs.receiver)
    Node(started(specs.sender)).store([Chunk(1)])
    # Metrics are published before a later lookup completes.
    Node(receiver).look_up([Chunk(1)])
    families = text_string_to_metric_families(generate_latest(REGISTRY).decode())
    samples = {sample.name: sample.value for family in families for sample in family.samples}
    assert samples["l2_adapter_pd_receiver_committed_chunks_total"] == 1


def test_an_adapter_that_is_garbage_collected_has_no_metrics():
    adapter = PdL2Adapter(pd_specs().receiver)
    assert published_capacities()
    del adapter
    gc.collect()
    assert not published_capacities()


def test_unreadable_metrics_of_one_adapter_do_not_hide_the_others(started):
    class Broken:
        def metrics(self):
            return "no metrics"

    started(pd_specs().receiver)
    published = metrics.publish(Broken(), "127.0.0.1:1")
    assert b"l2_adapter_pd_receiver_capacity_bytes" in generate_latest(REGISTRY)
    metrics.withdraw(published)


def published_capacities():
    """The values of one metric, by receiver and TP rank."""
    samples = samples_of("l2_adapter_pd_receiver_capacity_bytes")
    return {(sample.labels["receiver"], sample.labels["tp_rank"]): sample.value for sample in samples}


def samples_of(name):
    return [sample for family in REGISTRY.collect() if family.name == name for sample in family.samples]


def test_without_prometheus_client_an_adapter_starts_and_logs_what_to_install(started, monkeypatch, caplog):
    monkeypatch.setattr(metrics, "_is_registered", False)
    # Then importing it raises ModuleNotFoundError.
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    assert started(pd_specs().receiver).metrics().endswith("# EOF\n")
    assert "install l2-adapter[metrics]" in caplog.text
