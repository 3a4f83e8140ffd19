"""How well mistakes are diagnosed: single ones, pairs, and ones that the catalogue does not hold.

    python -m benchmarks.diagnosis_figures [--operations affine,lstm] [--every 1] [--pairs 4] [--derived 4]

For each operation: every written mistake alone, and a sample of derived ones; pairs of mistakes; and each mistake
again with the catalogue without it and without all that behave like it. Cases come from another seed than those that
`gradproof check` and the tests draw. Prints a line for each diagnosis that is not the right one, then the figures.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from gradproof.cases import Case, build
from gradproof.diagnosis import AMBIGUOUS, CERTAIN, Diagnosis, Observation, diagnose, observed, settle
from gradproof.drawing import plain_specs
from gradproof.mistakes.catalogue import Mistake, Written, mistakes, written_of
from gradproof.mistakes.derived import Mutant, mutants
from gradproof.mistakes.fitting import Point, beyond, run, same
from gradproof.mistakes.probing import probes
from gradproof.pair import of_operation
from gradproof.truth import find_truth
from reference import operations

SEED = 9000  # no test and no default of the program draws from it
DRAWN = 16  # cases until the mistake shows
SEEN = 4  # cases that the diagnosis is given
ROUNDING = 1e-10  # of two float64 results, relative to the largest entry
MOST_ENTRIES = 400  # of a case's inputs: what a student is shown is small


class Meeting(Exception):
    """Two written mistakes change one quantity: nobody knows what a program with both returns."""


class Program:
    """Somebody's code with one or two mistakes in it: what a point returns."""

    def __init__(self, op: Any, made: tuple[Mistake, ...]) -> None:
        self.op = op
        self.made = made

    @property
    def fixed(self) -> dict[str, Any]:
        return {n: v for m in self.made if isinstance(m, Written) for n, v in m.fixed.items()}

    def returns(self, options: Mapping[str, Any], point: Point) -> dict[str, np.ndarray]:
        """Outputs and gradients; of two mistakes both, made together in the source, or each in its own quantities."""
        if len(self.made) == 2 and all(isinstance(m, Mutant) for m in self.made):
            both = self.made[0].and_also(self.made[1])  # type: ignore[union-attr, arg-type]
            return run(self.op, both.pair(options, point.inputs), point) if both else {}
        each = [run(self.op, m.pair(options, dict(point.inputs)), point) for m in self.made]
        if len(each) == 1:
            return each[0]
        right = run(self.op, of_operation(self.op, options), point)
        merged = {}
        for q, x in right.items():
            other = [r[q] for r in each if q in r and not np.array_equal(r[q], x)]
            if sum(not same(y, x, ROUNDING) for y in other) > 1:
                raise Meeting(q)
            merged[q] = next((y for y in other if not same(y, x, ROUNDING)), other[0] if other else x)
        return merged


def cases(op: Any, fixed: Mapping[str, Any], seed: int) -> Iterator[Case]:
    for spec in plain_specs(op, DRAWN, seed, ("float64",), fixed):
        case = build(spec, op)
        if sum(x.size for x in case.inputs.values()) <= MOST_ENTRIES:
            yield case


def seen(op: Any, program: Program, case: Case) -> list[Observation]:
    """What is observed of a program on one case; nothing where it raises."""
    cotangent = case.cotangents[-1]
    point = Point(case.inputs, cotangent)
    try:
        got = program.returns(case.options, point)
    except Meeting:
        raise
    except Exception:
        return []
    if not got:
        return []
    truth = find_truth(of_operation(op, case.options), case.inputs, [cotangent])
    y = [got.get(n) for n in op.outputs] if op.outputs else got.get(op.output)
    gradients = {n: got.get(f"d{n}") for n in op.differentiable(case.options)}
    return observed(op, case.options, case.inputs, [cotangent], truth, y, [gradients])


def evidence(op: Any, program: Program, seed: int) -> tuple[dict[str, Any], list[Observation]]:
    """Options, and observations on a few cases of which one at least is wrong; none where nothing shows."""
    for case in cases(op, program.fixed, seed):
        found = seen(op, program, case)
        if any(beyond(o.true, o.got) for o in found):
            for other in list(cases(op, case.options, seed + 1))[: SEEN - 1]:
                found += seen(op, program, other)
            return case.options, found
    return {}, []


def verdict(op: Any, options: Mapping[str, Any], found: Diagnosis | None, made: tuple[Mistake, ...]) -> str:
    """Is the right mistake named, as the only one or among several? One that does just the same is as right."""
    if found is None:
        return "nothing wrong"
    if found.status not in (CERTAIN, AMBIGUOUS):
        return found.status
    wanted = {m.id for m in made}
    named = any(set(i.split(" + ")) == wanted for cause in found.causes for i in cause.ids)
    if not named and not any(alike(op, options, made, cause.mistakes[0]) for cause in found.causes):
        return "wrong cause"
    if found.status == AMBIGUOUS:
        return "among several"
    return "named" if named else "named by one that does the same"


def alike(op: Any, options: Mapping[str, Any], a: tuple[Mistake, ...], b: tuple[Mistake, ...]) -> bool:
    """Do two programs with these mistakes return the same on every probe?"""
    for point in probes(op, options):
        try:
            one, other = (Program(op, made).returns(options, point) for made in (a, b))
        except Exception:
            return False
        if one.keys() != other.keys() or not all(same(one[q], other[q], ROUNDING) for q in one):
            return False
    return True


class Figures:
    def __init__(self) -> None:
        self.counts: dict[str, Counter[str]] = {}
        self.seconds: list[tuple[float, str]] = []

    def add(self, what: str, op: Any, made: tuple[Mistake, ...], options: dict[str, Any], found: list[Observation],
            catalogue: list[Mistake] | None = None) -> Diagnosis | None:  # fmt: skip
        """Diagnose, settle what is ambiguous, and count."""
        program = Program(op, made)
        start = time.process_time()
        diagnosis = diagnose(op, options, found, catalogue)
        self.seconds.append((time.process_time() - start, f"{op.name}: {' + '.join(m.id for m in made)}"))

        def ask(inputs: Any, cotangent: Any) -> dict[str, np.ndarray]:
            return program.returns(options, Point(inputs, cotangent))

        diagnosis = settle(op, options, found, ask, diagnosis, catalogue)
        said = verdict(op, options, diagnosis, made)
        self.counts.setdefault(what, Counter())[said] += 1
        if said == "wrong cause" or (catalogue is None and not said.startswith("named")):
            ids = " + ".join(m.id for m in made)
            print(f"{what}: {ids}: {said}: {diagnosis.sentence[:160] if diagnosis else ''}", flush=True)
        return diagnosis


def without(op: Any, made: Mistake, alike: Diagnosis | None) -> list[Mistake]:
    """The catalogue without a mistake, and without all that nothing tells apart from it."""
    gone = {made.id} | {i for cause in (alike.causes if alike else ()) if made.id in cause.ids for i in cause.ids}
    return [m for m in mistakes(op) if m.id not in gone]


def measure(op: Any, figures: Figures, args: argparse.Namespace, turn: int) -> None:
    rng = np.random.default_rng([SEED, turn])
    singles: list[tuple[Mistake, dict[str, Any], list[Observation]]] = []
    derived = mutants(op)
    sample = [derived[int(i)] for i in rng.choice(len(derived), min(args.derived, len(derived)), replace=False)]
    for m in [*written_of(op)[turn % args.every :: args.every], *sample]:
        options, found = evidence(op, Program(op, (m,)), SEED)
        if not found:
            figures.counts.setdefault(f"{m.origin}, single", Counter())["shows no wrong number"] += 1
            continue
        diagnosis = figures.add(f"{m.origin}, single", op, (m,), options, found)
        singles.append((m, options, found))
        if m.origin == "written":
            figures.add("written, held out", op, (m,), options, found, without(op, m, diagnosis))
    able = [m for m, _, _ in singles]
    for _ in range(args.pairs if len(able) > 1 else 0):
        first, second = (able[int(i)] for i in rng.choice(len(able), 2, replace=False))
        pair(op, figures, (first, second))


def pair(op: Any, figures: Figures, made: tuple[Mistake, ...]) -> None:
    """Two mistakes at once, where both show."""
    fixed = [m.fixed for m in made if isinstance(m, Written)]
    if len(fixed) == 2 and any(fixed[0].get(n, v) != v for n, v in fixed[1].items()):
        return
    try:
        options, found = evidence(op, Program(op, made), SEED)
    except Meeting:
        return
    for m in made:  # one of them alone must not be all that shows
        if not found or all(alone(op, m, options, o) for o in found):
            return
    what = "pairs, derived" if all(isinstance(m, Mutant) for m in made) else "pairs, written"
    figures.add(what, op, made, options, found)


def alone(op: Any, m: Mistake, options: dict[str, Any], o: Observation) -> bool:
    """Does one mistake alone show what was observed?"""
    try:
        got = Program(op, (m,)).returns(options, Point(o.inputs, o.cotangent))
    except Exception:
        return False
    return o.quantity in got and same(got[o.quantity], o.got, ROUNDING)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--operations", default="")
    parser.add_argument("--every", type=int, default=1, help="of the written mistakes, every so many-th")
    parser.add_argument("--pairs", type=int, default=4, help="pairs an operation")
    parser.add_argument("--derived", type=int, default=4, help="derived mistakes an operation")
    args = parser.parse_args()
    every = operations()
    chosen = args.operations.split(",") if args.operations else list(every)
    figures = Figures()
    for turn, name in enumerate(chosen):
        measure(every[name], figures, args, turn)
    written, made = (sum(len(of(every[n])) for n in chosen) for of in (written_of, mutants))
    print(f"\n{len(chosen)} operations: {written} written mistakes, {made} derived ones")
    for what, counts in sorted(figures.counts.items()):
        shown = sum(n for said, n in counts.items() if said != "shows no wrong number")
        print(f"{what}: {shown} diagnosed; " + ", ".join(f"{n} {said}" for said, n in counts.most_common()))
    seconds = sorted(figures.seconds)
    if seconds:
        print(f"CPU seconds a diagnosis: median {statistics.median(s for s, _ in seconds):.3f}; worst:")
        for s, what in seconds[-5:]:
            print(f"  {s:.2f} {what}")


if __name__ == "__main__":
    main()
