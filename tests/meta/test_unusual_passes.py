"""The judge can be content: right pairs pass, however unusual they are written."""

from __future__ import annotations

from collections import Counter

import pytest

from gradproof.checking import check_operation
from gradproof.mistakes.written._records import Unusual
from reference import operations
from tests.meta import _catalogue

FEWEST = 2  # unusual pairs an operation
CONTENT = {"agree", "kink-convention", "undecided"}


def parameters() -> list[object]:
    return [pytest.param(operation, s, id=f"{operation}-{s.name}") for operation, s in _catalogue.unusual()]


@pytest.mark.parametrize(("operation", "subject"), parameters())
def test_an_unusual_pair_passes(operation: str, subject: Unusual) -> None:
    findings = check_operation(
        operation,
        subject.forward,
        subject.backward,
        cases=subject.cases,
        seed=subject.seed,
        options=dict(subject.options),
    )
    content = CONTENT | ({"inaccurate"} if subject.loses else set())
    faults = [f for f in findings if f.status not in content]
    assert [f"{f.case}: {f.quantity} {f.status} {f.reason} {f.message}" for f in faults] == []
    assert not subject.loses or "inaccurate" in {f.status for f in findings}
    op = operations()[operation]
    expected = {*(op.outputs or (op.output,)), *(f"d{n}" for n in op.differentiable(op.defaults()))}
    assert {f.quantity for f in findings if f.status == "agree"} == expected


def test_the_reference_itself_passes() -> None:
    for name, op in operations().items():
        findings = check_operation(name, op.forward, op.backward, cases=6, seed=1)
        assert {f.status for f in findings} <= CONTENT, name


def test_every_operation_has_enough_unusual_pairs() -> None:
    count = Counter(operation for operation, _ in _catalogue.unusual())
    assert {name: count[name] for name in operations() if count[name] < FEWEST} == {}
