"""Several points' programs as one, for a single fork of the submission: most answers are right, and a fork costs most.

What is not right in it is asked again in a fork of its own, unless nothing left behind by another point can have made
it so: state that one point leaves can spoil the next, and may not cost a mark; nor may a crash.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..confinement.exchanged import Outcome, Program, Tagged, Value

if TYPE_CHECKING:
    from .answers import Answered


def joined(programs: Sequence[Program]) -> Program:
    """One program that executes several after one another, their names and arrays kept apart."""
    return one_after_another([under(program, k) for k, program in enumerate(programs)])


def under(program: Program, place: int) -> Program:
    """A program as the joined one at this place: its names and arrays under the place's number."""
    own = f"{place}/"
    steps = tuple(renamed(step, own) for step in program.steps)
    arrays = {own + name: x for name, x in program.arrays.items()}
    return Program(steps, arrays, tuple(own + name for name in program.returns))


def one_after_another(programs: Sequence[Program]) -> Program:
    """Programs that have no name in common, as one."""
    steps = tuple(step for program in programs for step in program.steps)
    arrays = {name: x for program in programs for name, x in program.arrays.items()}
    return Program(steps, arrays, tuple(name for program in programs for name in program.returns))


def apart(outcome: Outcome, programs: Sequence[Program]) -> Iterator[Outcome | None]:
    """What each of the joined programs came to; None where it shares memory with another, so that it is asked alone."""
    for k, program in enumerate(programs):
        own = f"{k}/"
        claims = {name: outcome.claims[own + name] for name in program.returns if own + name in outcome.claims}
        shares = {name: [s.partition(":") for s in claim.shares] for name, claim in claims.items()}
        if any(not other.startswith(own) for each in shares.values() for _, _, other in each):
            yield None
            continue
        near = {n: tuple(f"{kind}:{other[len(own) :]}" for kind, _, other in each) for n, each in shares.items()}
        yield replace(
            outcome,
            values={name: outcome.values[own + name] for name in program.returns},
            inputs={name: outcome.inputs[own + name] for name in program.arrays if own + name in outcome.inputs},
            claims={name: replace(claim, shares=near[name]) for name, claim in claims.items()},
            cpu=outcome.cpu / len(programs),
            wall=outcome.wall / len(programs),
        )


def suspicions(found: Answered) -> frozenset[tuple[str, str]]:
    """What is not right in an answer: quantities, and what was written into."""
    wrong = {("answer", answer.quantity) for answer in found.answers if answer.status != "ok"}
    return frozenset(wrong | {(verdict, name) for verdict, name, _ in found.mutated})


def alike(one: Answered, other: Answered) -> bool:
    """Whether two answers to the same program are the same to the last bit, with the same claims."""
    if not (one.ran and other.ran) or suspicions(one) != suspicions(other):
        return False
    values, others = one.outcome.values, other.outcome.values
    return one.outcome.claims == other.outcome.claims and all(_same(x, others[name]) for name, x in values.items())


def _same(x: Value, other: Value) -> bool:
    if isinstance(x, Tagged) or isinstance(other, Tagged):
        return x == other
    return (x.dtype, x.shape) == (other.dtype, other.shape) and x.tobytes() == other.tobytes()


def renamed(step: Any, prefix: str) -> Any:
    """A step with its kept names and arrays under a prefix."""
    if isinstance(step, (list, tuple)):
        return [renamed(part, prefix) for part in step]
    if not isinstance(step, Mapping) or "literal" in step:
        return step
    found: dict[str, Any] = {}
    for key, value in step.items():
        if key in ("array", "name") and isinstance(value, str):
            found[key] = prefix + value
        elif key in ("dict", "kwargs") and isinstance(value, Mapping):
            found[key] = {k: renamed(v, prefix) for k, v in value.items()}
        else:
            found[key] = renamed(value, prefix)
    return found
