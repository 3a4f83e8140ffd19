"""What a wrong array looks like: each sentence, and silence where none fits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradproof.pattern import describe, sizes

RNG = np.random.default_rng(40)
TRUE = RNG.standard_normal((4, 6))
SIZES = {"N": 4, "D": 6, "M": 5}


def said(got, true=TRUE, allowance=1e-14, sizes=SIZES):
    return describe(true, got, np.full(true.shape, allowance), sizes)


FACTORS = {
    -1.0: "every entry has the wrong sign",
    2.0: "the true one times 2",
    -2.0: "times -2",
    0.5: "times 1/2",
    -0.5: "times -1/2",
    math.log(10): "times ln 10",
    1 / math.log(10): "times 1/ln 10",
    math.log(2): "times ln 2",
    1 / math.log(2): "times 1/ln 2",
    4.0: "times N = 4",
    1 / 4: "times 1/N = 1/4",
    -6.0: "times -D",
    -1 / 6: "times -1/D",
    2 / 5: "times 2/M",
    5 / 2: "times M/2",
    0.123456: "times 0.123456",
    -1.75: "times -1.75",
}


@pytest.mark.parametrize("factor", FACTORS)
def test_a_constant_ratio_has_its_closed_form(factor):
    assert said(TRUE * factor).endswith(FACTORS[factor])
    noise = 1e-7 * RNG.uniform(-1, 1, TRUE.shape) * np.abs(TRUE)
    assert said(TRUE * factor + noise, allowance=1e-6).endswith(FACTORS[factor])


def test_zeros():
    assert said(np.zeros_like(TRUE)) == "every entry is zero"
    assert said(np.zeros_like(TRUE), true=np.zeros_like(TRUE)) == ""


def test_permuted_axes():
    square = RNG.standard_normal((5, 5))
    assert said(square.T, square) == "transposed"
    cube = RNG.standard_normal((3, 3, 3))
    assert said(cube.transpose(0, 2, 1), cube) == "axes permuted to (0, 2, 1)"
    four = RNG.standard_normal((2, 2, 2, 2))
    assert said(four.transpose(3, 1, 2, 0), four) == "axes permuted to (3, 1, 2, 0)"
    assert said(TRUE[::-1, ::-1]) == "the right entries in another order"
    assert said(TRUE.T.reshape(TRUE.shape)) == "the right entries in another order"


def test_rows_columns_and_entries():
    for index, sentence in [
        ((2,), "only index 2 of axis 0 is wrong"),
        ((slice(0, 2),), "only index 0, 1 of axis 0 is wrong"),
        ((slice(None), 5), "only index 5 of axis 1 is wrong"),
        ((slice(None), [0, 5]), "only index 0, 5 of axis 1 is wrong"),
    ]:
        got = TRUE.copy()
        got[index] += RNG.uniform(1, 2, got[index].shape)
        assert said(got) == sentence
    scattered = TRUE.copy()
    scattered[[0, 1, 2, 3, 3], [0, 1, 2, 4, 5]] += 1.0, 2.5, -3.0, 1.5, 4.0
    assert said(scattered) == "5 of 24 entries are wrong"
    vector = np.arange(1.0, 6)
    assert said(np.array([1, 2, 3, 4, 99.0]), vector) == "1 of 5 entries are wrong"


def test_a_border():
    image = RNG.standard_normal((2, 3, 6, 5))
    got = image + 1.0
    got[..., 1:-1, 1:-1] = image[..., 1:-1, 1:-1]
    assert said(got, image) == "only the border is wrong"
    got[0, 0, 2, 2] += 1
    assert "border" not in said(got, image)


def test_the_same_along_an_axis():
    assert said(np.broadcast_to(TRUE.sum(axis=0), TRUE.shape)) == "the same all along axis 0"
    assert said(np.broadcast_to(TRUE.mean(axis=1)[:, None] + 3, TRUE.shape)) == "the same all along axis 1"


def test_another_quantity():
    others = {"y": RNG.standard_normal(TRUE.shape), "dw": RNG.standard_normal(TRUE.shape)}
    allowance = np.full(TRUE.shape, 1e-14)
    assert describe(TRUE, others["dw"], allowance, {}, others) == "it is dw"
    assert describe(TRUE, others["dw"] + 1e-9, allowance, {}, others) == ""
    assert describe(TRUE, np.ones_like(TRUE), allowance, {}, {"dy": np.ones_like(TRUE)}) == "the same all along axis 0"


SHAPES = {
    "transposed": TRUE.T,
    "an axis of size one too many": TRUE[:, None],
    "the right entries in the shape (24,)": TRUE.ravel(),
    "not summed over axis 0, which has 2 entries": np.stack([TRUE - 0.25, np.full_like(TRUE, 0.25)]),
}


@pytest.mark.parametrize("sentence", SHAPES)
def test_the_right_numbers_in_a_wrong_shape(sentence):
    assert said(SHAPES[sentence]) == sentence


def test_an_axis_that_is_lost():
    assert said(TRUE[0], true=TRUE[:1]) == "an axis of size one too few"


def test_sizes_have_names():
    assert sizes({"x": np.ones((3, 4)), "b": np.ones(4)}) == {"x.shape[0]": 3, "x.shape[1]": 4, "x.size": 12}


def test_no_pattern_is_no_sentence():
    assert said(RNG.standard_normal(TRUE.shape)) == ""
    assert said(TRUE + 1) == ""


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_what_is_not_finite_or_of_another_shape_has_none(bad):
    got = TRUE.copy()
    got[0, 0] = bad
    assert said(got) == ""
    assert said(TRUE * 2, true=got) == ""
    assert said(TRUE[:2]) == ""
    assert said(np.zeros((0, 3)), np.zeros((0, 3))) == ""


def test_only_what_holds_at_every_entry_is_named():
    got = TRUE * 2
    got[1, 3] *= 1 + 1e-9
    assert said(got) == ""
    assert said(got, allowance=1e-8).endswith("times 2")


def test_an_array_within_its_allowance_is_not_called_a_pattern():
    assert said(TRUE + 1e-15) == ""
    assert said(TRUE) == ""


@given(st.sampled_from(sorted(FACTORS)), st.integers(0, 2**16), st.lists(st.integers(1, 5), min_size=0, max_size=3))
def test_a_factor_is_found_whatever_the_shape(factor, seed, shape):
    true = np.random.default_rng(seed).standard_normal(shape)
    assert said(true * factor, true, allowance=1e-13, sizes={}) != ""


@given(st.integers(0, 2**16), st.sampled_from([np.float32, np.float64]))
def test_every_sentence_is_one_line_and_never_raises(seed, dtype):
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(0, 4, rng.integers(0, 5)))
    true, got = rng.integers(-2, 3, shape).astype(float), rng.integers(-2, 3, shape).astype(dtype)
    sentence = describe(true, got, np.zeros(shape), {"N": int(rng.integers(0, 4))})
    assert isinstance(sentence, str) and "\n" not in sentence
