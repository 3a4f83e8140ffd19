"""Printed results of trainings, judged by the trainings on record: several seeds, and a range for one run more.

`retrain` writes the records. A printed number is that of one more run, of a seed that nobody knows; so it is compared
with the prediction interval for one run more of k seeds, mean ± t s sqrt(1 + 1/k), with t of Student's distribution of
k - 1 degrees of freedom. A printed bound is said of the settings, whatever the seed; so it is compared with the
confidence interval of the mean over all seeds, mean ± t s sqrt(1/k). Both are taken on a scale on which losses or
shares are about normal.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from flint import arb

from ._claim import Evidence
from ._outcome import Outcome

FOLDER = Path(__file__).parent / "trained"
FORMAT, VERSION = "gradproof-trained", 1
PROBABILITY = 0.99
LEAST = 3
"""Seeds below which nothing is judged."""


@dataclass(frozen=True)
class Recorded:
    """The record of a training: its settings by name, and its runs as `retrain` wrote them."""

    name: str
    says: str
    settings: Mapping[str, Mapping[str, Any]]
    runs: Sequence[dict[str, Any]]

    def over_seeds(self, settings: str, quantity: str, index: int) -> list[float]:
        """One number of each run under these settings. ValueError where a run has no such quantity."""
        runs = [run for run in self.runs if run["settings"] == settings]
        if any(quantity not in run["results"] for run in runs):
            raise ValueError(f"the record of {self.name} has no {quantity} under the settings {settings!r}")
        return [run["results"][quantity][index] for run in runs]


def read(path: Path) -> Recorded:
    """A record from its file; ValueError in one sentence where it is none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if (data["format"], data["version"]) != (FORMAT, VERSION):
            raise ValueError(f"it is of format {data['format']!r}, version {data['version']!r}")
        return Recorded(data["name"], data["says"], data["settings"], data["runs"])
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is no record of a training: {error}") from None


@cache
def record(name: str) -> Recorded:
    """A record of this package by its name, such as "004_run_of_100"; one without runs where nothing was trained."""
    path = FOLDER / f"{name}.json"
    return read(path) if path.exists() else Recorded(name, "which is not on record", {}, [])


@cache
def quantile(probability: float, degrees: int) -> float:
    """The t that Student's distribution of so many degrees of freedom exceeds with probability 1 - `probability`.

    probability: between 1/2 and 1. Bisected in P(T > t) = I_x(degrees / 2, 1/2) / 2 with x = degrees /
    (degrees + t^2); Milton Abramowitz, Irene Stegun, Handbook of Mathematical Functions, 26.7.1.
    """

    def exceeded(t: float) -> float:
        x = arb(degrees) / (degrees + arb(t) ** 2)
        return float(x.beta_lower(arb(degrees) / 2, arb(1) / 2, regularized=True).mid()) / 2

    low, high = 0.0, 1.0
    while exceeded(high) > 1 - probability:
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if exceeded(middle) > 1 - probability else (low, middle)
    return high


@dataclass(frozen=True)
class Scale:
    """On which the seeds' numbers are taken to be spread normally: there and back."""

    there: Callable[[float], float]
    back: Callable[[float], float]


LOSS = Scale(math.log, math.exp)
SHARE = Scale(lambda p: math.asin(math.sqrt(p)), lambda a: math.sin(min(max(a, 0.0), math.pi / 2)) ** 2)
"""A loss is never negative. A share lies between 0 and 1, and its angle has a spread that does not depend on it."""


def interval(
    values: Sequence[float], probability: float, scale: Scale, *, of_mean: bool = False
) -> tuple[float, float]:
    """Where one run more, or the mean over all seeds, lies with this probability. Two values at least."""
    on_scale = [scale.there(value) for value in values]
    k, mean = len(values), sum(on_scale) / len(values)
    spread = (sum((value - mean) ** 2 for value in on_scale) / (k - 1)) ** 0.5
    aside = quantile((1 + probability) / 2, k - 1) * spread * ((not of_mean) + 1 / k) ** 0.5
    return scale.back(mean - aside), scale.back(mean + aside)


def scale_of(quantity: str) -> Scale:
    """That of a loss for "loss"; everything else on record is a share."""
    return LOSS if quantity == "loss" else SHARE


# -- what a printed result says of the runs ---------------------------------------------------------


@dataclass(frozen=True)
class Near:
    """One run more can give this number: it lies in the interval, from `low` to `high`."""

    printed: float
    of_mean = False

    def __call__(self, low: float, high: float) -> bool | None:
        return low <= self.printed <= high


@dataclass(frozen=True)
class AtLeast:
    """The mean reaches this number; not to be told where it lies within the interval."""

    bound: float
    of_mean = True

    def __call__(self, low: float, high: float) -> bool | None:
        return True if low >= self.bound else False if high < self.bound else None


@dataclass(frozen=True)
class Below:
    """The mean stays below this number; not to be told where it lies within the interval."""

    bound: float
    of_mean = True

    def __call__(self, low: float, high: float) -> bool | None:
        return True if high < self.bound else False if low >= self.bound else None


@dataclass(frozen=True)
class Figure:
    """A printed number: its quantity, its index in the record's lists, and what is said of it."""

    quantity: str
    index: int
    says: Near | AtLeast | Below


STATED, ADDED, REPLACED = "as stated", "with what is not stated", "in place of what is stated"
"""What the settings of a `Way` do to what the lecture states of them."""


@dataclass(frozen=True)
class Way:
    """A reading of the lecture: settings on record, and which of the quantities measured is the printed one.

    settings:   a name in the record. words: what is done, and measured, under it.
    quantities: the recorded name of each printed quantity.
    role:       STATED where the lecture states it or leaves open what does not matter here; ADDED where it adds what
                decides the result; REPLACED where it contradicts the lecture, so that its result is not the lecture's.
    """

    settings: str
    words: str
    quantities: Mapping[str, str]
    role: str


def concluded(
    name: str, figures: Sequence[Figure], ways: Sequence[Way], *, run: Sequence[Figure] = (), of: Recorded | None = None
) -> Evidence:
    """The verdict on printed figures that a training on record gave.

    figures: those of the claim. run: all that are printed of the same run, the claim's among them.
    A way gives the figures where each lies in its interval, and where it can have been the way of the whole run: no
    other figure of it lies outside. The intervals are such that all of the run's figures lie inside with `PROBABILITY`
    at least: each misses with the m-th part of 1 - PROBABILITY, m being their number (Bonferroni).
    holds where a STATED way gives them; convention where only an ADDED one does; erratum where none of these does,
    whether or not a REPLACED one gives them. undecided where fewer than `LEAST` seeds are on record or a bound lies
    within the range, and that would decide.
    """
    found = of or record(name)
    whole = run or figures
    outcomes = [(way, _outcome(found, figures, whole, way)) for way in ways]
    seeds = [sum(r["settings"] == way.settings for r in found.runs) for way in ways]
    count = " to ".join(str(n) for n in dict.fromkeys((min(seeds), max(seeds))))
    text = "; ".join(f"{way.role}, {way.words}: {outcome.text}" for way, outcome in outcomes)
    again = (
        f"{count} seeds each; {'each range' if len(whole) == 1 else f'the ranges of all {len(whole)} printed figures'} "
        f"at a probability of {PROBABILITY:.0%}. retrain --only {found.name} repeats them"
    )
    numbers = tuple(number for _, outcome in outcomes for number in outcome.numbers)
    return Evidence(_verdict(outcomes), f"trained again on MNIST, {found.says}. {text}. {again}", numbers)


def _verdict(outcomes: Sequence[tuple[Way, Outcome]]) -> str:
    for verdict, role in (("holds", STATED), ("convention", ADDED)):
        decided = [outcome.holds for way, outcome in outcomes if way.role == role]
        if True in decided:
            return verdict
        if None in decided:
            return "undecided"
    return "erratum"


def _outcome(found: Recorded, figures: Sequence[Figure], whole: Sequence[Figure], way: Way) -> Outcome:
    """Do the runs under these settings give all the figures, and can they have given the whole run?"""
    held: list[bool | None] = []
    texts: list[str] = []
    numbers: list[tuple[str, str]] = []
    for figure in figures:
        values = found.over_seeds(way.settings, way.quantities[figure.quantity], figure.index)
        if len(values) < LEAST:
            return Outcome(None, f"only {len(values)} of the {LEAST} seeds that are needed")
        low, high = _range(values, figure, whole)
        held.append(figure.says(low, high))
        texts.append(
            f"{figure.quantity} {_short(min(values))} to {_short(max(values))}, "
            f"{'their mean' if figure.says.of_mean else 'one run more'} {_short(low)} to {_short(high)}: "
            f"{_WORDS[held[-1]]}"
        )
        numbers.append((f"{figure.quantity}, {way.settings}", " ".join(_short(value) for value in values)))
    holds = False if False in held else None if None in held else True
    if holds:
        misses = _misses(found, whole, way)
        if misses:
            holds = False
            texts.append(f"but {len(misses)} of the {len(whole)} figures of the run are outside, as {misses[0]}")
    return Outcome(holds, ", ".join(texts), tuple(numbers))


_WORDS = {True: "as printed", False: "not as printed", None: "not to be told"}


def _range(values: Sequence[float], figure: Figure, whole: Sequence[Figure]) -> tuple[float, float]:
    joint = 1 - (1 - PROBABILITY) / len(whole)
    return interval(values, joint, scale_of(figure.quantity), of_mean=figure.says.of_mean)


def _misses(found: Recorded, whole: Sequence[Figure], way: Way) -> list[str]:
    """The figures of a printed run that lie outside, in words."""
    misses = []
    for figure in whole:
        values = found.over_seeds(way.settings, way.quantities[figure.quantity], figure.index)
        low, high = _range(values, figure, whole)
        if figure.says(low, high) is False:
            misses.append(f"{figure.quantity} {_printed(figure.says)} against {_short(low)} to {_short(high)}")
    return misses


def _printed(says: Near | AtLeast | Below) -> str:
    return _short(says.printed if isinstance(says, Near) else says.bound)


def _short(value: float) -> str:
    return f"{value:.5g}"


def ranges(name: str, settings: str, quantity: str, index: int) -> str:
    """Least and greatest of the seeds on record, and how many these are: for a corrected form."""
    values = record(name).over_seeds(settings, quantity, index)
    return f"{_short(min(values))} to {_short(max(values))} ({len(values)} seeds)" if values else "not on record"
