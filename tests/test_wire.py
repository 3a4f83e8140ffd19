"""The wire: what is sent arrives the same, and nothing that is no frame is taken for one."""

from __future__ import annotations

import io
import json
import socket
import struct
import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gradproof.workers import wire

DTYPES = [np.dtype(name) for name in wire.DTYPES]
ARRAYS = st.sampled_from(DTYPES).flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5))
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def decode(frame: bytes) -> wire.Frame:
    return wire.decode(io.BytesIO(frame).read)


def frame(header: object, payload: bytes = b"") -> bytes:
    raw = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(raw)) + raw + payload


def described(**changes: object) -> dict[str, object]:
    return {"name": "x", "dtype": "float64", "shape": [2], "order": "C", "nbytes": 16, **changes}


@given(
    header=st.dictionaries(st.text().filter(lambda key: key != "arrays"), JSON, max_size=3),
    arrays=st.dictionaries(st.text(), ARRAYS, max_size=4),
)
def test_round_trip_keeps_header_values_shapes_and_bits(header, arrays):
    got_header, got = decode(wire.encode(header, arrays))
    assert got_header == header
    assert list(got) == list(arrays)
    for name, array in arrays.items():
        assert got[name].dtype == array.dtype
        assert got[name].shape == array.shape
        assert got[name].tobytes() == array.tobytes()
        assert got[name].flags.writeable
        assert got[name].flags.aligned
        assert got[name].flags.c_contiguous


def test_strided_and_foreign_endian_arrays_arrive_in_c_order():
    array = np.arange(12.0).reshape(3, 4).T[::2]
    _, got = decode(wire.encode({}, {"x": array, "y": array.astype(">f8")}))
    np.testing.assert_array_equal(got["x"], array, strict=True)
    np.testing.assert_array_equal(got["y"], array, strict=True)


@settings(max_examples=300)
@given(st.binary(max_size=200))
def test_random_bytes_are_refused(data):
    with pytest.raises((wire.WireError, EOFError)):
        decode(data)


@given(data=st.data())
def test_a_truncated_frame_is_refused_wherever_it_ends(data):
    whole = wire.encode({"do": "hello"}, {"x": np.arange(5.0)})
    end = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(EOFError if end == 0 else wire.WireError, match="closed" if end == 0 else "early"):
        decode(whole[:end])


@given(data=st.data())
def test_a_frame_with_one_changed_byte_is_read_as_some_frame_or_refused(data):
    changed = bytearray(wire.encode({"do": "hello"}, {"x": np.arange(3, dtype=np.int32), "b": np.ones(2, bool)}))
    changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    try:
        _, arrays = decode(bytes(changed))
    except wire.WireError:
        return
    assert sum(array.nbytes for array in arrays.values()) <= len(changed)


@pytest.mark.parametrize(
    ("hostile", "words"),
    [
        (struct.pack("<Q", 2**63), "header of 9223372036854775808 bytes"),
        (struct.pack("<Q", wire.MAX_HEADER + 1), "larger than"),
        (frame(b"\xff\xfe{}"), "not JSON"),
        (frame(b"{" * 1000), "not JSON"),
        (frame(b'{"a":' * 100_000), "not JSON"),
        (frame([1]), "expected an object"),
        (frame({"arrays": {"x": 1}}), "expected a list"),
        (frame({"arrays": [3]}), "exactly the keys"),
        (frame({"arrays": [{**described(), "more": 1}]}), "exactly the keys"),
        (frame({"arrays": [described(dtype="object")]}, bytes(16)), "dtype 'object'"),
        (frame({"arrays": [described(dtype=["float64"])]}, bytes(16)), "dtype"),
        (frame({"arrays": [described(dtype="<f8")]}, bytes(16)), "dtype '<f8'"),
        (frame({"arrays": [described(order="F")]}, bytes(16)), "order"),
        (frame({"arrays": [described(nbytes=8)]}, bytes(16)), "takes 16 bytes, not 8"),
        (frame({"arrays": [described(nbytes=16.0)]}, bytes(16)), "takes 16 bytes"),
        (frame({"arrays": [described(shape=[-2], nbytes=-16)]}), "whole number"),
        (frame({"arrays": [described(shape=[True], nbytes=8)]}), "whole number"),
        (frame({"arrays": [described(shape=[2.0])]}), "whole number"),
        (frame({"arrays": [described(shape="2")]}), "list of at most"),
        (frame({"arrays": [described(shape=[1] * 33, nbytes=8)]}), "list of at most"),
        (frame({"arrays": [described(shape=[2**62, 4], nbytes=0)]}), "too large"),
        (frame({"arrays": [described(shape=[2**40], nbytes=2**43)]}), "too large"),
        (frame({"arrays": [described(shape=[0, 2**70], nbytes=0)]}), "too large"),
        (frame({"arrays": [described(), described()]}, bytes(32)), "comes twice"),
        (frame({"arrays": [described(name=7)]}, bytes(16)), "not a string"),
        (frame({"arrays": [described(dtype="bool", nbytes=2)]}, b"\x01\x02"), "other than 0 and 1"),
        (frame({"arrays": [described()]}, bytes(15)), "1 bytes early, in the array 'x'"),
    ],
)
def test_hostile_frames_are_refused_in_words(hostile, words):
    with pytest.raises(wire.WireError, match=words):
        decode(hostile)


def test_many_arrays_that_together_are_too_large_are_refused_before_any_is_read():
    nbytes = wire.MAX_PAYLOAD // 2
    entries = [described(name=str(k), shape=[nbytes // 8], nbytes=nbytes) for k in range(3)]
    with pytest.raises(wire.WireError, match="payload"):
        decode(frame({"arrays": entries}))


@pytest.mark.parametrize("dtype", ["float16", "complex128", "object", "U3", "datetime64[s]"])
def test_other_dtypes_are_not_sent(dtype):
    with pytest.raises(wire.WireError, match="the wire carries"):
        wire.encode({}, {"x": np.zeros(2, dtype=dtype)})


def test_what_is_no_json_or_too_large_is_not_sent(monkeypatch):
    with pytest.raises(wire.WireError, match="JSON"):
        wire.encode({"option": np.arange(3)})
    with pytest.raises(wire.WireError, match="header"):
        wire.encode({"option": "x" * wire.MAX_HEADER})
    monkeypatch.setattr(wire, "MAX_PAYLOAD", 100)
    with pytest.raises(wire.WireError, match="payload of 104 bytes"):
        wire.encode({}, {"x": np.zeros(13)})


def test_a_frame_larger_than_the_socket_buffer_passes_and_a_deadline_ends_the_wait():
    array = np.arange(500_000.0)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sender = threading.Thread(target=wire.send, args=(ours, {"do": "x"}, {"x": array}), daemon=True)
        sender.start()
        _, got = wire.receive(theirs, time.monotonic() + 30)
        sender.join()
        np.testing.assert_array_equal(got["x"], array, strict=True)
        with pytest.raises(TimeoutError):
            wire.receive(theirs, time.monotonic() + 0.05)
        with pytest.raises(TimeoutError):
            wire.send(ours, {}, {"x": array}, time.monotonic() + 0.05)
