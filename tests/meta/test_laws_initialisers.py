"""The law of initialisers: right ones obey it, of the reference and of the frameworks; every mistake is seen."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from gradproof.laws.initialisers import TRUNCATED, Distribution, check_initialiser, check_orthogonal
from reference import _initialisers as reference

SHAPE = (192, 320)  # fan_in and fan_out differ, so that no rule is another's
RULES = ("glorot", "he", "lecun")
KINDS = ("uniform", "normal", "truncated_normal")


def right(rule: str, kind: str, layout: str = "in out", gain: float = 1.0, shape: Any = SHAPE) -> Distribution:
    return Distribution(kind, reference.scaled_std(rule, *reference.fans(shape, layout), gain))


def weights(kind: str, std: float, seed: int = 0) -> np.ndarray:
    return getattr(reference, kind)(np.random.default_rng(seed), SHAPE, std)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("seed", range(3))
def test_the_references_own_initialisers_obey(rule: str, kind: str, seed: int) -> None:
    law = check_initialiser(lambda: weights(kind, right(rule, kind).std, seed), right(rule, kind))
    assert law.holds, law.message
    assert law.drawn == math.prod(SHAPE)
    assert {round(law.variance, 1), round(law.fourth, 1)} == {1.0}


def test_the_truncated_deviation_is_the_one_that_is_published() -> None:
    assert round(TRUNCATED, 15) == round(reference.TRUNCATED, 15) == 0.879625661034240


def test_fans_count_the_kernel() -> None:
    assert reference.fans((5, 3)) == (5, 3)
    assert reference.fans((3, 3, 8, 16)) == (72, 144)
    assert reference.fans((16, 8, 3, 3), "out in") == (72, 144)
    with pytest.raises(ValueError, match=r"weights have shape \(3,\); expected two axes"):
        reference.fans((3,))


# -- mistakes ----------------------------------------------------------------------------------------------


def mistakes() -> dict[str, np.ndarray]:
    std = right("he", "normal").std
    plain, rng = weights("normal", std), np.random.default_rng(1)
    return {
        "fan-out-for-fan-in": weights("normal", std * math.sqrt(SHAPE[0] / SHAPE[1])),
        "gain-forgotten": weights("normal", std / math.sqrt(2)),
        "variance-for-deviation": weights("normal", std**2),
        "five-percent-too-large": 1.05 * plain,
        "shifted": plain + std / 20,
        "uniform-of-the-same-variance": weights("uniform", std),
        "truncated-of-the-same-variance": weights("truncated_normal", std),
        "heavy-tails": rng.standard_t(5, SHAPE) * std / math.sqrt(5 / 3),
        "row-repeated": np.repeat(plain[::2], 2, axis=0),
        "column-repeated": np.repeat(plain[:, ::2], 2, axis=1),
        "mirrored": np.where(np.arange(SHAPE[1]) % 2, np.roll(-plain, 1, axis=1), plain),
        "positive": np.abs(plain),
        "zeros": 0 * plain,
        "not-finite": np.where(np.arange(SHAPE[1]) == 3, np.nan, plain),
    }


@pytest.mark.parametrize("name", mistakes())
def test_a_wrong_initialiser_of_normal_weights_is_seen(name: str) -> None:
    law = check_initialiser(lambda: mistakes()[name], right("he", "normal"))
    assert not law.holds
    assert law.message


def test_a_bound_that_is_the_deviation_is_seen() -> None:
    std = right("glorot", "uniform").std
    law = check_initialiser(lambda: weights("uniform", std / math.sqrt(3)), right("glorot", "uniform"))
    assert "squared places" in law.message


def test_a_weight_beyond_the_bound_is_seen() -> None:
    distribution = right("glorot", "uniform")
    w = weights("uniform", distribution.std)
    w[3, 4] = 1.001 * distribution.bound
    assert "none may exceed" in check_initialiser(lambda: w, distribution).message


def test_a_truncation_that_is_not_made_good_is_seen() -> None:
    distribution = right("lecun", "truncated_normal")
    assert not check_initialiser(lambda: weights("truncated_normal", distribution.std * TRUNCATED), distribution).holds


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: check_initialiser(lambda: np.zeros(5), Distribution("normal", 1.0)), "two axes or more"),
        (lambda: check_initialiser(lambda: np.zeros((5, 5), int), Distribution("normal", 1.0)), "expected floats"),
        (lambda: check_initialiser(lambda: np.zeros((5, 5)), Distribution("normal", 1.0), 0.0), "false_alarm=0.0"),
        (lambda: Distribution("cauchy", 1.0), "kind='cauchy' is not known; one of 'uniform'"),
        (lambda: Distribution("normal", 0.0), "std=0.0 is not allowed"),
        (lambda: check_orthogonal(lambda: np.zeros(5)), "expected a floating matrix"),
        (lambda: reference.scaled_std("kaiming", 2, 3), "rule='kaiming' is not known; one of 'glorot'"),
        (lambda: reference.fans((2, 3), "io"), "layout='io' is not known"),
    ],
)
def test_bad_arguments_are_named(call: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()


# -- orthogonal --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(40, 40), (64, 16), (16, 64), (1, 5)])
@pytest.mark.parametrize("gain", [1.0, math.sqrt(2)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_references_orthogonal_matrices_obey(shape: tuple[int, int], gain: float, dtype: str) -> None:
    law = check_orthogonal(lambda: reference.orthogonal(np.random.default_rng(0), shape, gain).astype(dtype), gain)
    assert law.holds, law.message


@pytest.mark.parametrize("wrong", ["normal", "not-scaled", "orthogonal-the-long-way", "lengths-only"])
def test_a_matrix_that_is_not_orthogonal_is_seen(wrong: str) -> None:
    rng = np.random.default_rng(0)
    q, normal = reference.orthogonal(rng, (40, 24)), rng.standard_normal((40, 24))
    w = {
        "normal": normal / math.sqrt(40),
        "not-scaled": 1.001 * q,
        "orthogonal-the-long-way": q @ np.diag([0.0] + [1.0] * 23),
        "lengths-only": normal / np.linalg.norm(normal, axis=0),
    }[wrong]
    assert not check_orthogonal(lambda: w).holds


# -- the frameworks' own -----------------------------------------------------------------------------------


def pytorch_draws() -> dict[str, tuple[Any, Distribution]]:
    torch = pytest.importorskip("torch")
    torch.manual_seed(5)
    init = torch.nn.init

    def draw(fill: Any, *args: Any, **details: Any) -> Any:
        return lambda: fill(torch.empty(SHAPE), *args, **details).numpy()

    def own(rule: str, kind: str, gain: float = 1.0) -> Distribution:
        return right(rule, kind, "out in", gain)

    conv = (48, 32, 5, 3)
    of_conv = right("he", "normal", "out in", shape=conv)
    return {
        "xavier_uniform": (draw(init.xavier_uniform_), own("glorot", "uniform")),
        "xavier_normal": (draw(init.xavier_normal_, gain=1.5), own("glorot", "normal", 1.5)),
        "kaiming_uniform": (draw(init.kaiming_uniform_, nonlinearity="relu"), own("he", "uniform")),
        "kaiming_normal": (draw(init.kaiming_normal_, nonlinearity="relu"), own("he", "normal")),
        "kaiming_leaky": (draw(init.kaiming_normal_, a=0.2), own("he", "normal", 1 / math.sqrt(1.04))),
        "linear": (draw(init.kaiming_uniform_, nonlinearity="linear"), own("lecun", "uniform")),
        "trunc_normal": (draw(init.trunc_normal_, 0.0, 1.0, -2.0, 2.0), Distribution("truncated_normal", TRUNCATED)),
        "convolution": (lambda: init.kaiming_normal_(torch.empty(conv)).numpy(), of_conv),
    }


PYTORCH = ["xavier_uniform", "xavier_normal", "kaiming_uniform", "kaiming_normal", "kaiming_leaky", "linear",
           "trunc_normal", "convolution"]  # fmt: skip


@pytest.mark.parametrize("name", PYTORCH)
def test_pytorchs_initialisers_obey(name: str) -> None:
    law = check_initialiser(*pytorch_draws()[name])
    assert law.holds, law.message


KERAS = {
    "GlorotUniform": ("glorot", "uniform"),
    "GlorotNormal": ("glorot", "truncated_normal"),
    "HeUniform": ("he", "uniform"),
    "HeNormal": ("he", "truncated_normal"),
    "LecunUniform": ("lecun", "uniform"),
    "LecunNormal": ("lecun", "truncated_normal"),
}


@pytest.mark.parametrize("name", KERAS)
@pytest.mark.parametrize("shape", [SHAPE, (5, 3, 32, 48)], ids=["dense", "kernel"])
def test_keras_initialisers_obey(name: str, shape: tuple[int, ...]) -> None:
    keras = pytest.importorskip("keras")
    law = check_initialiser(
        lambda: np.asarray(getattr(keras.initializers, name)(seed=7)(shape)), right(*KERAS[name], shape=shape)
    )
    assert law.holds, law.message


@pytest.mark.parametrize("shape", [(40, 24), (24, 40)])
def test_the_frameworks_orthogonal_matrices_obey(shape: tuple[int, int]) -> None:
    torch, keras = pytest.importorskip("torch"), pytest.importorskip("keras")
    torch.manual_seed(5)
    for draw in (
        lambda: torch.nn.init.orthogonal_(torch.empty(shape), gain=1.5).numpy(),
        lambda: np.asarray(keras.initializers.Orthogonal(gain=1.5, seed=7)(shape)),
    ):
        law = check_orthogonal(draw, 1.5)
        assert law.holds, law.message
