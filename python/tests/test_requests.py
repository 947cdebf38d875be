"""The module that follows a server's requests: the proxy is notified of each once, and each receiver gets its own chunks."""

import inspect

import pytest
from lmcache.v1.multiprocess.request_handler import iter_request_handlers
from memory import IS_STAND_IN
from node import pd_specs
from server import Builtin, Proxy, Server, found, keys_of, wait_until

from l2_adapter.lmcache import PdL2AdapterConfig, module_flag, senders

pytestmark = pytest.mark.skipif(not IS_STAND_IN, reason="the server here is a stand-in: scripts/lmcache-live has LMCache's own")
# Lookups do not wait.
AT_ONCE = {"timing": {"lookup_grace_seconds": 0, "lookup_seconds": 0}}


@pytest.fixture
def proxy():
    proxy = Proxy()
    yield proxy
    proxy.server.shutdown()
    proxy.server.server_close()


@pytest.fixture
def pairs(started, proxy):
    """Starts a sender and a receiver for each name."""

    def start(*names, ranks=1):
        specs = [pd_specs(ranks=ranks) for _ in names]
        receivers = [started({**spec.receiver, **AT_ONCE}) for spec in specs]
        named = [{"receiver_name": name} if name else {} for name in names]
        return [started({**spec.sender, **proxy.spec, **each}) for spec, each in zip(specs, named, strict=True)], receivers

    return start


def test_handlers_have_the_signatures_and_options_of_lmcaches_own(pairs):
    server = Server(pairs(None)[0])
    wrapped = {bound.operation: bound for bound in iter_request_handlers(server.module)}
    assert sorted(wrapped) == ["commit_store", "end_session", "lookup"]
    for name, bound in wrapped.items():
        assert inspect.signature(bound.handler) == inspect.signature(getattr(server.builtin, name))
        assert inspect.get_annotations(bound.handler) == inspect.get_annotations(getattr(Builtin, name))


def test_a_request_is_notified_after_the_last_store_of_the_last_rank_whenever_it_ends(pairs, proxy):
    adapters, [receiver] = pairs(None, ranks=2)
    server = Server(adapters, world_size=2)
    key = server.key("cmpl-1", [1, 2])
    server.look_up(key)
    server.store(key, rank=0)
    server.end(key)
    short = server.key("short", [])
    server.serve(short)
    # Each rank sends one notification.
    assert proxy.take(2) == [("short", False)] * 2
    server.store(key, rank=1)
    assert proxy.take(4)[2:] == [("cmpl-1", False)] * 2
    assert found(receiver, keys_of(key)) == [0, 1, 2, 3]


def test_the_proxys_own_id_is_taken_from_the_requests_parameters(pairs, proxy):
    server = Server(pairs(None)[0])
    server.serve(server.key("cmpl-1", [1], **{"lmcache.pd.req_id": 17}))
    assert proxy.take(1) == [("17", False)]


def test_a_prefix_in_l1_is_pushed_to_the_receiver_that_lacks_it(pairs, proxy):
    adapters, receivers = pairs("decode-0", "decode-1")
    server = Server(adapters)
    first = server.key("first", range(10), "decode-0")
    server.serve(first)
    assert proxy.take(1) == [("first", False)]
    assert [found(receiver, keys_of(first)) for receiver in receivers] == [list(range(10)), []]
    # The engine does not store chunks that L1 has.
    second = server.key("second", range(10), "decode-1")
    server.look_up(second)
    server.end(second)
    assert proxy.take(2)[1] == ("second", False)
    assert found(receivers[1], keys_of(second)) == list(range(10))


def test_each_receiver_gets_the_chunks_of_the_requests_that_name_it_from_mixed_store_tasks(pairs, proxy):
    adapters, receivers = pairs("decode-0", "decode-1")
    server = Server(adapters)
    ours, theirs, of_all, lost = (
        server.key("ours", [1, 2], "decode-0"),
        server.key("theirs", [2, 3], "decode-1"),
        server.key("all", [4]),
        server.key("lost", [5], "decode-9"),
    )
    requests = (ours, theirs, of_all, lost)
    for key in requests:
        server.look_up(key)
    server.write([key for request in requests for key in keys_of(request)])
    for key in requests:
        server.end(key)
    # Both senders notify the proxy of the request that names no receiver.
    assert sorted(proxy.take(5)) == [("all", False), ("all", False), ("lost", True), ("ours", False), ("theirs", False)]
    everything = server.key("", [1, 2, 3, 4, 5])
    assert [found(receiver, keys_of(everything)) for receiver in receivers] == [[0, 1, 3], [1, 2, 3]]


def test_the_proxy_is_notified_of_a_failed_store_with_the_reason(pairs, proxy):
    server = Server(pairs(None)[0])
    key = server.key("r", [1])
    server.look_up(key)
    server.builtin.fails = True
    assert not server.store(key)
    server.end(key)
    assert proxy.take(1) == [("r", True)]
    assert "LMCache could not store its chunks" in proxy.notified[0][1]


def test_a_server_works_on_if_its_requests_cannot_be_followed(pairs, caplog):
    server = Server(pairs(None)[0])
    server.layout_desc_registry.find = None
    key = server.key("r", [1])
    server.look_up(key)
    assert server.store(key)
    assert "the chunks of request r are not followed" in caplog.text


def test_a_request_that_is_open_when_its_adapter_is_closed_is_notified_as_failed(pairs, proxy):
    adapters, _ = pairs(None)
    server = Server(adapters)
    server.look_up(server.key("open", [1]))
    adapters[0].close()
    assert proxy.take(1) == [("open", True)]
    assert senders.running() == []


def test_an_adapter_that_is_added_to_a_running_server_gets_requests(pairs, proxy):
    adapters, _ = pairs("decode-0")
    server = Server(adapters)
    more, [_, receiver] = pairs("decode-1", "decode-2")
    server.adapters += more
    key = server.key("r", [1], "decode-2")
    server.serve(key)
    assert proxy.take(1) == [("r", False)]
    assert found(receiver, keys_of(key)) == [0]
    wait_until("its end", lambda: more[1].report_status()["requests"]["open"] == 0)


@pytest.mark.parametrize("is_given", [True, False])
def test_an_adapter_that_needs_the_missing_module_logs_the_flag(started, monkeypatch, caplog, is_given):
    monkeypatch.setattr(module_flag, "is_loaded", lambda: is_given)
    started({**pd_specs().sender, "receiver_name": "decode-0", "proxy_host": "127.0.0.1", "proxy_port": 9})
    assert ("`proxy_host` and `receiver_name`" in caplog.text) == (not is_given)
    assert (module_flag.TEXT in caplog.text) == (not is_given)


def test_the_config_has_the_receivers_name():
    spec = pd_specs().sender
    assert PdL2AdapterConfig.from_dict(spec).receiver_name is None
    assert PdL2AdapterConfig.from_dict({**spec, "receiver_name": "decode-0"}).receiver_name == "decode-0"
