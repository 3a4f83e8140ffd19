"""A network that is one operation of the catalogue under other names: `sigmoid(z) -> g`. It has that one's mistakes."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reference._op import Op

    from ...diagnosis import Observation
    from ..assignments.assignment import Task
    from .points import Point


@dataclass(frozen=True)
class Alone:
    """An operation, the task's words by the operation's, and its options (None: those of the case)."""

    op: Op
    names: Mapping[str, str]
    options: Mapping[str, Any] | None

    def renamed(self, seen: Observation) -> Observation:
        """What was observed, in the operation's own words and its own order of inputs."""
        if not self.names:
            return seen
        back = {theirs: own for own, theirs in self.names.items()}
        inputs = {own: seen.inputs[theirs] for own, theirs in self.names.items() if theirs in seen.inputs}
        quantity = seen.quantity
        of = f"d{back[quantity[1:]]}" if quantity[:1] == "d" and quantity[1:] in back else back.get(quantity, quantity)
        return replace(seen, inputs=inputs, quantity=of)


def alone_in(task: Task, at: Point) -> Alone | None:
    """The operation that a task's network calls, where it does nothing else; None where it does more."""
    from ...reference import operations

    if len(task.network) != 1:
        return None
    line = task.network[0]
    call, target = line.expression, line.targets
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or not isinstance(target, ast.Name):
        return None
    op = operations().get(call.func.id)
    if op is None or op.outputs or not all(isinstance(a, ast.Name) for a in call.args):
        return None
    known = {**at.numbers}
    options = dict(op.defaults())
    for keyword in call.keywords:
        if isinstance(keyword.value, ast.Constant):
            options[str(keyword.arg)] = keyword.value.value
        elif isinstance(keyword.value, ast.Name) and keyword.value.id in known:
            options[str(keyword.arg)] = known[keyword.value.id]
        else:
            return None
    own = [i.name for i in op.inputs_for(options)]
    theirs = [a.id for a in call.args if isinstance(a, ast.Name)]
    if len(own) != len(theirs):
        return None
    return Alone(op, {**dict(zip(own, theirs, strict=True)), op.output: target.id}, options)
