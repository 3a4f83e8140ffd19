"""What a mistake needs to show itself is drawn: every regime in every dtype, every memory layout, every option."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from gradproof import cases
from gradproof.checking import check_operation
from gradproof.drawing import plain_specs
from reference import operations

DTYPES = ("float32", "float64")
OPERATIONS = operations()


def regimes(name: str) -> list[str]:
    return cases.regimes(OPERATIONS[name], OPERATIONS[name].defaults())


def drawn(name: str, count: int) -> list[cases.Spec]:
    return list(plain_specs(OPERATIONS[name], count, 0, DTYPES))


@pytest.mark.parametrize(
    "name",
    OPERATIONS,
)
def test_every_regime_comes_in_every_dtype(name: str) -> None:
    pairs = {(s.regime, s.dtype) for s in drawn(name, 4 * len(regimes(name)))}
    assert pairs == set(itertools.product(regimes(name), DTYPES))


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_value_of_every_option_comes(name: str) -> None:
    values = {pair for s in drawn(name, 40) for pair in s.options}
    assert values == {(option, v) for option, vs in OPERATIONS[name].options.items() for v in vs}


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_layout_comes(name: str) -> None:
    assert {s.layout for s in drawn(name, 40)} == set(cases.LAYOUTS)


def test_every_layout_reaches_the_pair() -> None:
    seen: dict[str, set[str]] = {"x": set(), "dy": set()}

    def layout(x: np.ndarray) -> str:
        if x.ndim < 2 or 1 in x.shape or x.size == 0:
            return "any"
        if min(x.strides) < 0:
            return "reversed"
        if x.flags.c_contiguous:
            return "contiguous"
        return "fortran" if x.flags.f_contiguous else "strided"

    def forward(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        seen["x"].add(layout(x))
        return np.maximum(x, 0), x

    def backward(dy: np.ndarray, x: np.ndarray) -> tuple[np.ndarray]:
        seen["dy"].add(layout(dy))
        return (dy * (x > 0),)

    check_operation("relu", forward, backward, cases=40)
    assert set(cases.LAYOUTS) <= seen["x"]
    assert set(cases.LAYOUTS) <= seen["dy"]


def test_every_input_is_an_array() -> None:
    for spec in drawn("relu", 40):
        assert all(isinstance(x, np.ndarray) for x in cases.build(spec, OPERATIONS["relu"]).inputs.values()), spec.id
