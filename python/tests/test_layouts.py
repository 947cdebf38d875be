"""What a chunk means is part of what it is: dtype and shape travel with it."""

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


def test_a_packed_chunk_is_found_whatever_is_wanted(nodes):
    sender, receiver = nodes
    # One flat row of bytes, another size than the layout, and nothing known.
    sender.store([Chunk(0, dtype="uint8"), Chunk(1, size=65_600, dtype="bfloat16"), Chunk(2)])
    assert receiver.look_up([Chunk(number, dtype="float16") for number in range(3)]) == [0, 1, 2]


def test_a_look_up_that_wants_nothing_finds_everything(nodes):
    sender, receiver = nodes
    sender.store([Chunk(0, dtype="float16")])
    assert receiver.look_up([Chunk(0)]) == [0]


def test_a_warning_says_once_what_differs(nodes, capfd):
    sender, receiver = nodes
    sender.store([Chunk(number, dtype="float16") for number in range(3)])
    receiver.look_up([Chunk(number, dtype="bfloat16") for number in range(3)])
    receiver.look_up([Chunk(0, dtype="bfloat16")])
    assert capfd.readouterr().err.count("have another layout of tensors") == 1
