"""Which mistakes of a catalogue, or pairs of them, reproduce what was observed; and which of these behave alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..pair import of_operation
from . import pairs
from .catalogue import Mistake
from .derived import Mutant
from .fitting import Evidence, Point, digits, results, run, same
from .probing import probes
from .reaching import reached_gradients

if TYPE_CHECKING:
    from reference._op import Op

MOST_FITTING = 64  # mistakes of which it is found out whether they behave alike
BEFORE_THE_OUTPUT = ("another-cached",)  # operators of a forward that leave its output as it is


def fitting(evidence: Evidence, known: Sequence[Mistake]) -> list[tuple[Mistake, ...]]:
    """The mistakes that reproduce everything, or where no single one does, the pairs.

    First those are run that reach the wrong quantities and no others, as far as their names tell: a mistake that
    reaches more, and by chance changes none of it, is looked for only where none of these fits.
    """
    found: list[tuple[Mistake, dict[str, np.ndarray]]] = []
    for some in _in_order(evidence, known):
        screened = pairs.screened(evidence, some)
        near: list[tuple[Mistake, ...]] = [(m,) for m, r in screened if evidence.fits(r, 0, evidence.quantities)]
        single = _everywhere(evidence, near[:MOST_FITTING])
        if single:
            return single
        found += screened
    return _first(pairs.apart(evidence, found), MOST_FITTING) or _first(pairs.together(evidence, found), MOST_FITTING)


def _everywhere(evidence: Evidence, explaining: Sequence[tuple[Mistake, ...]]) -> list[tuple[Mistake, ...]]:
    """Those that reproduce what was observed at every point, one asked for all that behave alike on the probes.

    Where that one does not, each is asked: what was observed may part mistakes that no probe does.
    """
    found = []
    for group in alike(evidence, explaining)[0]:
        first = evidence.everywhere(group[0][0])
        found += [each for each in group if first or (each is not group[0] and evidence.everywhere(each[0]))]
    return found


def _first(found: Iterable[tuple[Mistake, ...]], most: int) -> list[tuple[Mistake, ...]]:
    return [each for each, _ in zip(found, range(most), strict=False)]


def _in_order(evidence: Evidence, known: Sequence[Mistake]) -> list[list[Mistake]]:
    """The mistakes that seem to reach what is wrong and nothing else; the others that may; those that cannot alone.

    A change of the forward shows in an output, one of the backward never does.
    """
    shows = bool(evidence.wrong & evidence.outputs)
    order: tuple[list[Mistake], list[Mistake], list[Mistake]] = ([], [], [])
    for mistake in known:
        if not isinstance(mistake, Mutant):
            order[0].append(mistake)
        elif mistake.function == "backward":
            reached = reached_gradients(evidence.op, mistake)
            near = reached is None or reached & set(evidence.quantities) == evidence.wrong
            order[2 if shows else 0 if near else 1].append(mistake)
        elif shows or mistake.function == "both" or mistake.operator in BEFORE_THE_OUTPUT:
            order[0].append(mistake)
    return list(order)


# -- mistakes that behave alike ------------------------------------------------------------------------------------


Groups = list[list[tuple[Mistake, ...]]]


def alike(evidence: Evidence, explaining: Sequence[tuple[Mistake, ...]]) -> tuple[Groups, Point | None]:
    """Explanations that behave alike on every probe, together; and the probe that parts most of them."""
    groups, further, most = [list(explaining)] if explaining else [], None, 1
    for point in probes(evidence.op, evidence.options) if len(explaining) > 1 else ():
        apart = [_parted(evidence, group, point) for group in groups]
        if max(map(len, apart)) > 1 and sum(map(len, apart)) > most:
            further, most = point, sum(map(len, apart))
        groups = [each for parts in apart for each in parts]
    return groups, further


def _parted(evidence: Evidence, group: Sequence[tuple[Mistake, ...]], point: Point) -> Groups:
    """A group by what its explanations return at a point."""
    parted: list[tuple[dict[str, np.ndarray], list[tuple[Mistake, ...]]]] = []
    for explanation in group:
        found = returned(evidence.op, evidence.options, explanation, point)
        for other, alike in parted:
            if set(other) == set(found) and all(same(other[q], x, digits(x)) for q, x in found.items()):
                alike.append(explanation)
                break
        else:
            parted.append((found, [explanation]))
    return [alike for _, alike in parted]


def returned(
    op: Op, options: Mapping[str, Any], explanation: tuple[Mistake, ...], point: Point
) -> dict[str, np.ndarray]:
    """What an explanation returns: a pair's derived mistakes made together, others quantity by quantity."""
    each = [results(op, m, options, point) for m in explanation]
    if len(each) == 1:
        return each[0]
    first, second = explanation
    if isinstance(first, Mutant) and isinstance(second, Mutant):
        both = first.and_also(second)
        return {} if both is None else results(op, both, options, point)
    right = run(op, of_operation(op, options), point)
    return {q: next((r[q] for r in each if q in r and not same(r[q], x, digits(x))), x) for q, x in right.items()}
