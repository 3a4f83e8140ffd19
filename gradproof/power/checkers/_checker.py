"""What a checker is here: something that looks at a hand-written pair at one input, and passes or rejects it."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import metadata
from typing import Any

import numpy as np

from ...layout import copied
from ...pair import Pair
from ..patience import TimedOut, patience
from ..points import Point

SECONDS = 20.0  # that one check may take


class Rejected(Exception):
    """The checker calls the program wrong; the message is its own."""


@dataclass(frozen=True)
class Setting:
    """One way to call a checker. call: as a line of code; why: what speaks for it; dtype: that the inputs are cast to
    ("" for the case's own); parameters: what differs."""

    name: str
    call: str
    why: str
    dtype: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Checker:
    """Somebody's way to check a pair. check(subject, setting) raises Rejected, or any other error, where it is wrong.

    needs: modules that must be installed. address: of its documentation. told: how the NumPy pair was put before it.
    derives: it compares with a numerical derivative, so it needs one to be asked for.
    """

    name: str
    title: str
    address: str
    told: str
    settings: tuple[Setting, ...]
    check: Callable[[Subject, Setting], None] = field(repr=False)
    needs: tuple[str, ...] = ()
    distributions: tuple[str, ...] = ()
    derives: bool = True

    def missing(self) -> str:
        """The first module that is not installed, "" where all are."""
        return next((name for name in self.needs if importlib.util.find_spec(name) is None), "")

    def versions(self) -> dict[str, str]:
        """Versions of what it is made of."""
        return {name: _version(name) for name in self.distributions}


def _version(distribution: str) -> str:
    names = (distribution, f"{distribution}-cpu")
    for name in names:
        try:
            return metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return "absent"


@dataclass(frozen=True)
class Verdict:
    """status: passes, rejects, raises (an error that is not the checker's own way to say wrong), times-out,
    not-applicable. message: of the checker."""

    status: str
    message: str = ""

    @property
    def against(self) -> bool:
        """Would a test that makes this check fail? Of what ran out of time nothing is known."""
        return self.status in ("rejects", "raises")


@dataclass
class Subject:
    """A pair at a case, as a checker gets it: a function of the differentiable inputs alone, with one output array.

    Of several outputs all that have a derivative are one vector. Arrays are the checker's own copies.
    """

    point: Point
    pair: Pair
    dtype: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return self.pair.differentiable

    @cached_property
    def arrays(self) -> dict[str, np.ndarray]:
        """Every input by name, cast to the dtype that is asked for."""
        return {n: self._cast(x) for n, x in self.point.case.inputs.items()}

    def _cast(self, x: np.ndarray) -> np.ndarray:
        return x.astype(self.dtype) if self.dtype and x.dtype.kind == "f" else copied(x)

    @property
    def values(self) -> list[np.ndarray]:
        """The differentiable inputs, in order."""
        return [self.arrays[n] for n in self.names]

    @cached_property
    def cotangent(self) -> np.ndarray:
        """The case's first upstream gradient, as far as it belongs to outputs with a derivative."""
        dy = self._cast(self.point.case.cotangents[0])
        return dy if self._length is None else dy[: self._length]

    @property
    def _length(self) -> int | None:
        """How many entries of the joined outputs have a derivative; None of a single output."""
        parts, buffers = self.point.case.parts, len(self.point.op.buffers)
        if not parts:
            return None
        return sum(int(np.prod(shape)) for _, shape in parts[: len(parts) - buffers])

    def forward(self, values: Sequence[np.ndarray]) -> tuple[np.ndarray, Any]:
        """y, and what the backward needs, for these differentiable inputs."""
        given = dict(zip(self.names, values, strict=True))
        with np.errstate(all="ignore"):
            y, saved = self.pair.forward(*(given.get(n, x) for n, x in self.arrays.items()))
        y = np.asarray(y)
        return (y if self._length is None else y[: self._length]), (saved, y)

    def backward(self, dy: np.ndarray, kept: Any) -> list[np.ndarray]:
        """The gradients for what `forward` kept."""
        saved, y = kept
        if self._length is not None:
            dy = np.concatenate([np.asarray(dy), np.zeros(y.size - self._length, y.dtype)])
        with np.errstate(all="ignore"):
            gradients = self.pair.backward(dy, saved)
        return [np.asarray(g) for _, g in zip(self.names, gradients, strict=True)]

    def as_reference(self) -> Subject:
        """The reference in the same place."""
        return replace(self, pair=self.point.pair)


def verdict_of(checker: Checker, setting: Setting, point: Point, make: Callable[[Point], Pair]) -> Verdict:
    """What a checker says of a program at a case. Whatever is raised on the way is a verdict too."""
    if checker.derives and not point.pair.differentiable:
        return Verdict("not-applicable", "no derivative is asked for")
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            with patience(SECONDS):
                checker.check(Subject(point, make(point), setting.dtype), setting)
        except Rejected as no:
            return Verdict("rejects", str(no)[:300])
        except TimedOut as late:
            return Verdict("times-out", str(late))
        except Exception as error:
            return Verdict("raises", f"{type(error).__name__}: {' '.join(str(error).split())[:300]}")
    return Verdict("passes")


def fair(checker: Checker, setting: Setting, point: Point) -> Verdict:
    """What the checker says of the reference at the same case: whoever rejects that too has noticed nothing."""
    key = ("fair", checker.name, setting.name)
    if key not in point.kept:
        point.kept[key] = verdict_of(checker, setting, point, lambda p: p.pair)
    return point.kept[key]
