"""The lectures' data: what is printed, what is generated, and a reader that believes no file."""

from __future__ import annotations

import builtins
import gzip
import os
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradproof.lectures import data
from gradproof.lectures.idx import read_idx


def idx(array: np.ndarray) -> bytes:
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.astype(np.uint8).tobytes()


def small_mnist(folder, pack=lambda raw: raw, suffix="", **replaced):
    """A folder with 6 training and 4 test images of 3 x 2; `replaced` gives some of the files other bytes."""
    rng = np.random.default_rng(0)
    for half, n in (("train", 6), ("t10k", 4)):
        pixels = rng.integers(0, 256, (n, 3, 2))
        pixels.flat[:2] = 0, 255
        for name, content in (("images-idx3-ubyte", pixels), ("labels-idx1-ubyte", np.arange(n) + 10 - n)):
            raw = replaced.get(f"{half}_{name[:6]}", idx(content))
            (folder / f"{half}-{name}{suffix}").write_bytes(pack(raw))
    return folder


@pytest.mark.parametrize(("pack", "suffix"), [(lambda raw: raw, ""), (gzip.compress, ".gz"), (gzip.compress, "")])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_mnist_is_read_plain_or_compressed_whatever_the_name_says(tmp_path, pack, suffix, dtype):
    images = data.mnist(small_mnist(tmp_path, pack, suffix), dtype)
    assert (images.x.shape, images.x_test.shape, images.shape) == ((6, 6), (4, 6), (3, 2))
    assert images.x.dtype == images.x_test.dtype == images.y.dtype == dtype
    assert (images.x.min(), images.x.max()) == (0, 1)
    assert images.labels.tolist() == [4, 5, 6, 7, 8, 9]
    assert images.labels.dtype == np.int64
    assert (images.y.argmax(axis=1) == images.labels).all()
    assert images.y.sum() == 6


HOSTILE = {
    "empty": b"",
    "text": b"<html>not found</html>",
    "no type": b"\0\0",
    "floats": b"\0\0\x0d\x01" + struct.pack(">If", 1, 1.0),
    "other axes": idx(np.zeros((2, 2))),
    "header cut": b"\0\0\x08\x01\0\0",
    "cut": idx(np.arange(9))[:-1],
    "longer": idx(np.arange(9)) + b"x",
    "huge": b"\0\0\x08\x01\xff\xff\xff\xff",
    "gzip cut": gzip.compress(idx(np.arange(99)))[:-12],
    "gzip of text": gzip.compress(b"not idx"),
    "gzip broken": gzip.compress(idx(np.arange(99)))[:12] + b"\xff" * 20,
    "gzip header only": b"\x1f\x8b",
    "gzip then rubbish": gzip.compress(idx(np.arange(9))) + b"rubbish",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_is_one_sentence(tmp_path, content):
    path = tmp_path / "labels"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="labels") as caught:
        read_idx(path, 1)
    assert "\n" not in str(caught.value)


@given(
    content=st.binary(max_size=60),
    packed=st.booleans(),
    start=st.sampled_from([b"", b"\0\0\x08\x01", b"\0\0\x08\x01\0\0\0\2"]),
)
def test_any_bytes_are_read_or_refused(tmp_path_factory, content, packed, start):
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(gzip.compress(start + content) if packed else start + content)
    try:
        array = read_idx(path, 1)
    except ValueError:
        return
    assert idx(array) == start + content


def test_a_bomb_is_not_unpacked(tmp_path):
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(idx(np.arange(4)) + bytes(50_000_000)))
    with pytest.raises(ValueError, match="goes on after its 4 entries"):
        read_idx(path, 1)


def test_what_is_no_plain_file_is_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, tmp_path / "missing"):
        with pytest.raises(ValueError, match="there is no file"):
            read_idx(path, 1)


@pytest.mark.parametrize(
    ("replaced", "sentence"),
    [
        ({"train_labels": idx(np.arange(5))}, "6 images .* 5 labels"),
        ({"train_labels": idx(np.arange(6) + 5)}, "the label 10; expected digits"),
        ({"t10k_images": idx(np.zeros((4, 2, 2)))}, "must agree"),
        ({"t10k_images": idx(np.zeros((0, 3, 2))), "t10k_labels": idx(np.zeros(0))}, "holds no image"),
        ({"train_images": idx(np.zeros(6))}, "along 1 axes; expected"),
    ],
)
def test_files_that_do_not_fit_together(tmp_path, replaced, sentence):
    with pytest.raises(ValueError, match=sentence):
        data.mnist(small_mnist(tmp_path, **replaced))


def test_a_folder_without_the_files(tmp_path):
    with pytest.raises(ValueError, match=r"neither train-images-idx3-ubyte nor train-images-idx3-ubyte\.gz"):
        data.mnist(tmp_path)
    with pytest.raises(ValueError, match="there is no folder"):
        data.mnist(tmp_path / "nowhere")


def test_the_environment_names_the_folder_too(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADPROOF_MNIST", str(small_mnist(tmp_path)))
    assert data.images().name == "MNIST"


def test_real_mnist():
    folder = os.environ.get("GRADPROOF_MNIST")
    if not folder:
        pytest.skip("GRADPROOF_MNIST names no folder with MNIST's IDX files")
    images = data.images(dtype="float32")
    assert (images.x.shape, images.x_test.shape, images.shape) == ((60000, 784), (10000, 784), (28, 28))
    assert np.bincount(images.labels).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]


def test_the_small_digits(monkeypatch):
    pytest.importorskip("sklearn", reason="scikit-learn, which carries the small digits, is not installed")
    monkeypatch.delenv("GRADPROOF_MNIST", raising=False)
    images = data.images()
    assert (images.name, images.x.shape, images.x_test.shape, images.shape) == ("digits", (1437, 64), (360, 64), (8, 8))
    assert (images.x.min(), images.x.max()) == (0, 1)
    assert sorted(set(images.labels_test.tolist())) == list(range(10))


def test_missing_scikit_learn_is_said(monkeypatch):
    real = builtins.__import__

    def without(name, *rest):
        if name.partition(".")[0] == "sklearn":
            raise ModuleNotFoundError("No module named 'sklearn'", name="sklearn")
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ValueError, match=r"scikit-learn is not installed.*gradproof\[lectures\]"):
        data.small_digits()


@pytest.mark.parametrize("name", data.POINT_SETS)
@pytest.mark.parametrize("n", [2, 7, 100])
def test_point_sets(name, n):
    points, labels = data.points(name, n, np.random.default_rng(1))
    assert points.shape == (n, 2)
    assert sorted(np.bincount(labels).tolist()) == [n // 2, n - n // 2]
    again, labels_again = data.points(name, n, np.random.default_rng(1))
    assert (points == again).all() and (labels == labels_again).all()


def test_point_sets_are_what_their_names_say():
    rng = np.random.default_rng(0)
    points, labels = data.points("linearly_separable", 500, rng)
    assert points.sum(axis=1)[labels == 1].min() > points.sum(axis=1)[labels == 0].max()
    points, labels = data.points("non_linearly_separable", 500, rng)
    assert ((points[:, 0] * points[:, 1] > 0) == (labels == 1)).all()  # as in XOR
    points, labels = data.points("circles", 500, rng)
    radius = np.hypot(*points.T)
    assert radius[labels == 1].max() < radius[labels == 0].min()


def test_point_sets_refuse():
    with pytest.raises(ValueError, match="there is no point set 'moons'"):
        data.points("moons", 9, np.random.default_rng(0))
    with pytest.raises(ValueError, match="ask for 2 or more"):
        data.points("circles", 1, np.random.default_rng(0))


def test_the_five_digits_are_those_printed():
    x, y = data.five_digits()
    assert (x.shape, y.tolist()) == ((5, 25), np.eye(5).tolist())
    assert x.sum(axis=1).tolist() == [8, 14, 13, 11, 15]
    assert x[0].reshape(5, 5).tolist() == [
        [0, 1, 1, 0, 0],
        [0, 0, 1, 0, 0],
        [0, 0, 1, 0, 0],
        [0, 0, 1, 0, 0],
        [0, 1, 1, 1, 0],
    ]
    assert x[4].reshape(5, 5)[1].tolist() == [1, 0, 0, 0, 0]


def test_one_hot():
    assert data.one_hot(np.array([2, 0]), 3).tolist() == [[0, 0, 1], [1, 0, 0]]
    for wrong in ([3], [-1]):
        with pytest.raises(ValueError, match="outside 0 to 2"):
            data.one_hot(np.array(wrong), 3)
