"""Layouts: a chunk is found only by a lookup for its own dtype and shape."""

import pytest
from node import Chunk, Node, pd_specs


@pytest.fixture
def nodes(started):
    specs = pd_specs()
    receiver = Node(started(specs.receiver))
    return Node(started(specs.sender)), receiver


def test_a_chunk_of_another_dtype_is_not_found(nodes):
    sender, receiver = nodes
    sender.store([Chunk(0, dtype="float16"), Chunk(1, dtype="bfloat16")])
    assert receiver.look_up([Chunk(0, dtype="float16"), Chunk(1, dtype="float16")]) == [0]
    assert receiver.status()["ranks"][0]["other_layout_chunks"] == 1


def test_each_object_group_has_its_own_layout(nodes):
    sender, receiver = nodes
    chunks = [Chunk(0, group=0, dtype="float16"), Chunk(0, group=1, dtype="bfloat16")]
    sender.store(chunks)
    assert receiver.look_up(chunks) == [0, 1]


def test_a_chunk_without_a_comparable_layout_is_found(nodes):
    sender, receiver = nodes
    # A flat row of bytes, a size that differs from the layout's, and an unknown layout.
    sender.store([Chunk(0, dtype="uint8"), Chunk(1, size=65_600, dtype="bfloat16"), Chunk(2)])
    assert receiver.look_up([Chunk(number, dtype="float16") for number in range(3)]) == [0, 1, 2]


def test_a_lookup_without_a_layout_finds_every_chunk(nodes):
    sender, receiver = nodes
    sender.store([Chunk(0, dtype="float16")])
    assert receiver.look_up([Chunk(0)]) == [0]


def test_different_layouts_are_logged_once(nodes, capfd):
    sender, receiver = nodes
    sender.store([Chunk(number, dtype="float16") for number in range(3)])
    receiver.look_up([Chunk(number, dtype="bfloat16") for number in range(3)])
    receiver.look_up([Chunk(0, dtype="bfloat16")])
    assert capfd.readouterr().err.count("have another layout of tensors") == 1
