"""A sender and a receiver in two processes, over every transfer channel: loaded bytes equal stored bytes."""

import ctypes
import mmap
import os
from pathlib import Path

import pytest
from lmcache.v1.distributed.internal_api import L1MemoryDesc
from node import Chunk, Node, pd_specs, wait


@pytest.fixture
def nodes(started, receiver_process, channel, tmp_path):
    """Starts both. The receiver runs in an empty directory, so that it imports only installed packages."""

    def start(**settings):
        specs = pd_specs(channel, **settings)
        receiver = receiver_process(specs.receiver, cwd=tmp_path)
        return Node(started(specs.sender)), receiver

    return start


def test_loaded_bytes_equal_stored_bytes(nodes):
    sender, receiver = nodes()
    chunks = [Chunk(number, size=1 << 20) for number in range(8)]
    assert sender.store(chunks) == 8 << 20
    assert receiver.look_up(chunks) == list(range(8))
    assert receiver.load_and_compare(chunks) == list(range(8))


def test_only_stored_chunks_are_found(nodes):
    sender, receiver = nodes()
    sender.store([Chunk(1)])
    assert receiver.look_up([Chunk(0), Chunk(1), Chunk(2)]) == [1]


def test_keys_that_differ_in_salt_or_group_are_different_chunks(nodes):
    sender, receiver = nodes()
    chunks = [Chunk(1), Chunk(1, salt="tenant"), Chunk(1, group=2)]
    sender.store(chunks)
    assert receiver.load_and_compare(chunks) == [0, 1, 2]
    assert receiver.usage()[2] == {"": 2 * 65_536, "tenant": 65_536}


def test_each_tp_rank_pushes_its_own_chunks(nodes):
    sender, receiver = nodes(ranks=2)
    chunks = [Chunk(number, rank=number % 2) for number in range(10)]
    sender.store(chunks)
    assert receiver.load_and_compare(chunks) == list(range(10))
    assert [rank["committed_chunks"] for rank in receiver.status()["ranks"]] == [5, 5]


def test_a_locked_chunk_is_deleted_when_it_is_unlocked(nodes):
    sender, receiver = nodes()
    sender.store([Chunk(1)])
    receiver.look_up([Chunk(1)])
    receiver.delete([Chunk(1)])
    assert receiver.usage()[0] == 65_536
    receiver.unlock([Chunk(1)])
    receiver.delete([Chunk(1)])
    assert receiver.usage()[0] == 0


def test_more_chunks_pass_through_a_receiver_than_fit_into_its_buffer(nodes):
    sender, receiver = nodes(buffer_size=4 << 20)
    for start in range(0, 64, 8):
        chunks = [Chunk(number, size=256 << 10) for number in range(start, start + 8)]
        assert sender.store(chunks).is_successful()
        assert receiver.load_and_compare(chunks) == list(range(8))


def test_a_store_larger_than_the_buffer_fails_and_moves_nothing(nodes):
    sender, receiver = nodes(buffer_size=1 << 20)
    assert not sender.store([Chunk(number, size=1 << 20) for number in range(2)]).is_successful()
    assert receiver.usage()[0] == 0


def test_chunks_in_registered_l1_memory_are_sent_without_staging(started, receiver_process, channel, tmp_path):
    specs = pd_specs(channel)
    # The staging memory is smaller than a chunk, so a staged chunk could not be sent.
    sender_spec = {**specs.sender, "buffer_size": 4096}
    receiver = receiver_process(specs.receiver, cwd=tmp_path)
    chunks = [Chunk(number) for number in range(4)]
    arena = ctypes.create_string_buffer(b"".join(chunk.content for chunk in chunks))
    address, size = ctypes.addressof(arena), 4 * 65_536
    described = L1MemoryDesc(ptr=address, size=2 * size, align_bytes=1, stable_registration_size=size)
    adapter = started(sender_spec, l1_memory_desc=described)

    class InArena:
        def __init__(self, index):
            self.byte_array = memoryview((ctypes.c_ubyte * 65_536).from_address(address + index * 65_536))

    task = adapter.submit_store_task([chunk.key for chunk in chunks], [InArena(index) for index in range(4)])
    wait(adapter.get_store_event_fd())
    assert adapter.pop_completed_store_tasks() == {task: size}
    assert receiver.load_and_compare(chunks) == [0, 1, 2, 3]


def test_chunks_outside_the_stable_part_of_l1_memory_are_staged(started, receiver_process, channel, tmp_path):
    specs = pd_specs(channel)
    receiver = receiver_process(specs.receiver, cwd=tmp_path)
    stable = ctypes.create_string_buffer(65_536)
    described = L1MemoryDesc(ctypes.addressof(stable), 1 << 40, 1, stable_registration_size=65_536)
    sender = Node(started(specs.sender, l1_memory_desc=described))
    assert sender.store([Chunk(1)]) == 65_536
    assert receiver.load_and_compare([Chunk(1)]) == [0]


def test_chunks_in_an_l1_in_shared_memory_are_sent_without_staging_although_lmcache_names_no_stable_part(
    started, receiver_process, channel, tmp_path
):
    specs = pd_specs(channel)
    receiver = receiver_process(specs.receiver, cwd=tmp_path)
    file = Path("/dev/shm") / f"l2-adapter-test-{os.getpid()}"
    file.write_bytes(Chunk(1).content)
    try:
        with file.open("r+b") as opened:
            memory = mmap.mmap(opened.fileno(), len(Chunk(1).content))
        mapped = (ctypes.c_ubyte * len(memory)).from_buffer(memory)
        described = L1MemoryDesc(ctypes.addressof(mapped), len(memory), 4096)
        # The staging memory is smaller than a chunk.
        adapter = started({**specs.sender, "buffer_size": 4096}, l1_memory_desc=described)

        class InSharedMemory:
            byte_array = memoryview(mapped)

        adapter.submit_store_task([Chunk(1).key], [InSharedMemory()])
        wait(adapter.get_store_event_fd())
        [result] = adapter.pop_completed_store_tasks().values()
        assert result == len(memory)
        assert receiver.load_and_compare([Chunk(1)]) == [0]
    finally:
        file.unlink()


def test_memory_that_may_move_is_not_registered(started, channel):
    adapter = started(pd_specs(channel).sender, l1_memory_desc=L1MemoryDesc(ptr=1, size=1 << 40, align_bytes=4096))
    assert adapter.report_status()["ranks"][0]["state"] in ("starting", "connected", "disconnected")


def test_a_sender_connects_to_a_restarted_receiver(started, receiver_process, channel, tmp_path):
    specs = pd_specs(channel, timing={"store_seconds": 30})
    sender = Node(started(specs.sender))
    for number in range(2):
        receiver = receiver_process(specs.receiver, cwd=tmp_path)
        assert sender.store([Chunk(number)]).is_successful()
        assert receiver.load_and_compare([Chunk(number)]) == [0]
        assert receiver.end() == 0
