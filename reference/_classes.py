"""Targets of the classification losses: integer labels (N,) or one-hot rows (N, C), as the option `labels` says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ._checks import check_labels, check_option, check_shape
from ._domain import Input, labels, one_hot

LABELS = ("integer", "one_hot")


def class_target(options: Mapping[str, Any]) -> Input:
    """The target as an input, under these options."""
    return one_hot("target", "N C") if options.get("labels") == "one_hot" else labels("target", "N", classes="C")


def check_target(target: Any, labels: str, shape: tuple[int, int]) -> None:
    """Raise ValueError unless `target` fits scores of this shape (N, C), or where `labels` is unknown."""
    check_option("labels", labels, LABELS)
    if labels == "one_hot":
        check_shape("target", target, shape, "one row of weights for each row of scores")
    else:
        check_labels("target", target, *shape)


def at_target(a: Any, target: Any, labels: str) -> Any:
    """The entry of each row of `a` (N, C) that the target points to: (N,)."""
    return (target * a).sum(axis=1) if labels == "one_hot" else a[np.arange(len(target)), target]


def indicator(target: Any, labels: str, classes: int) -> Any:
    """The target as one-hot rows (N, C): 1 or True at each row's class."""
    return target if labels == "one_hot" else target[:, None] == np.arange(classes)
