"""The judge can fail: every deliberately wrong pair is found, in the right quantity, for the right reason."""

from __future__ import annotations

from collections import Counter

import pytest

from gradproof.checking import check_operation
from gradproof.mistakes.written._records import KINDS, Wrong
from reference import operations
from tests.meta import _catalogue

FEWEST = 3  # wrong pairs an operation


def parameters() -> list[object]:
    return [
        pytest.param(
            operation,
            subject,
            id=f"{operation}-{subject.name}",
            marks=[pytest.mark.xfail(strict=True, reason=subject.missed)] if subject.missed else [],
        )
        for operation, subject in _catalogue.wrong()
    ]


@pytest.mark.parametrize(("operation", "subject"), parameters())
def test_a_wrong_pair_is_caught(operation: str, subject: Wrong) -> None:
    findings = check_operation(
        operation, subject.forward, subject.backward, cases=subject.cases, options=dict(subject.options)
    )
    caught = [f for f in findings if f.failed or f.status == "broken"]
    found = sorted({f"{f.quantity} {f.status} {f.reason}" for f in caught})
    assert caught, f"{subject.name} passes for {operation}"
    assert {f.quantity for f in caught} >= set(subject.fails.split()), found
    # What a naive formula rounds away (a saturated softmax) is inaccurate beside the mistake, and not a false alarm.
    elsewhere = {f.quantity for f in caught if f.status != "inaccurate" or subject.status == "inaccurate"}
    assert elsewhere <= set(subject.fails.split()) | set(subject.besides.split()), found
    assert subject.status in {f.status for f in caught}, found
    assert not subject.reason or subject.reason in {f.reason for f in caught}, found
    assert all(f.message or f.worst for f in caught), found


def test_every_operation_has_enough_wrong_pairs() -> None:
    count = Counter(operation for operation, _ in _catalogue.wrong())
    assert {name: count[name] for name in operations() if count[name] < FEWEST} == {}


def test_every_file_of_subjects_is_an_operation_and_every_name_is_its_own() -> None:
    assert set(_catalogue.modules()) == set(operations())
    every = Counter((operation, subject.name) for operation, subject in [*_catalogue.wrong(), *_catalogue.unusual()])
    assert [name for name, times in every.items() if times > 1] == []


def test_every_kind_of_mistake_occurs() -> None:
    assert {subject.kind for _, subject in _catalogue.wrong()} == set(KINDS)
