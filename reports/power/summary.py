"""The records in numbers: who killed what, who rejected what is right, and the smallest error that each noticed."""

from __future__ import annotations

import json
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ..words import count
from .record import Power

JUDGE = "gradproof"
OUTCOMES = ("killed", "raises", "equivalent", "rounding", "convention", "survived")
NO_MISTAKE = ("equivalent", "rounding", "convention")


@dataclass(frozen=True)
class Score:
    """A checker's score on the mistakes that all of them got. Those that raise by themselves are not counted.

    mutants: mistakes it was asked about; killed; survived: it passed them at every input; unfair: it rejected the
    reference at every input too, so nothing is known. alarms: rejections of right programs, of so many inputs.
    """

    checker: str
    setting: str
    mutants: int = 0
    killed: int = 0
    survived: int = 0
    unfair: int = 0
    not_applicable: int = 0
    inputs: int = 0
    alarms: int = 0
    programs: int = 0
    alarming: int = 0
    seconds: float = 0.0
    status: str = "ready"
    message: str = ""


@dataclass(frozen=True)
class Row:
    """A row of the table of mistakes and checkers: by checker and setting, how many were killed of how many."""

    name: str
    mistakes: int
    cells: Mapping[tuple[str, str], tuple[int, int]]


@dataclass(frozen=True)
class Least:
    """The smallest relative error noticed: median of several arrays; None with the reason where there is none."""

    op: str
    checker: str
    setting: str
    dtype: str
    entries: int
    error: float | None
    why: str


def outcomes(power: Power) -> dict[str, int]:
    """How many mistakes came to what before the judge, every outcome named."""
    counts = Counter(m["outcome"] for m in power.mutants)
    return {name: counts.get(name, 0) for name in OUTCOMES}


def survivors(power: Power) -> list[dict[str, Any]]:
    """Mistakes that the judge neither killed nor proved to be none."""
    return [m for m in power.mutants if m["outcome"] == "survived"]


def as_right(power: Power) -> dict[str, list[dict[str, Any]]]:
    """Changes that are proved to be no mistakes, by outcome."""
    return {name: [m for m in power.mutants if m["outcome"] == name] for name in NO_MISTAKE}


def alarms(power: Power) -> list[dict[str, Any]]:
    """The judge's rejections of right programs."""
    return [
        {"op": v["op"], "variant": v["variant"], **c}
        for v in power.variants
        for c in v["checked"]
        if c["checker"] == JUDGE and c["alarms"]
    ]


def exit_code(power: Power) -> int:
    """5 nothing was measured; 3 something could not be; 1 a survivor, or a right program rejected; else 0."""
    if not (power.mutants or power.variants or power.smallest):
        return 3 if power.faults else 5
    if survivors(power) or alarms(power):
        return 1
    return 3 if power.faults else 0


def asked(power: Power) -> list[tuple[str, str]]:
    """Every checker and setting of the run, the judge first."""
    checkers = power.header.get("checkers", {})
    return [(JUDGE, "default"), *((name, s) for name, c in checkers.items() for s in c["settings"])]


def compared(power: Power) -> list[dict[str, Any]]:
    """Mistakes that all checkers got, less those that are none and those that raise before anybody looks."""
    return [m for m in power.mutants if "others" in m and m["outcome"] not in (*NO_MISTAKE, "raises")]


def _outcome(mutant: Mapping[str, Any], key: tuple[str, str], shared: int) -> str:
    """What became of a mistake before a checker, on the inputs that all of them got."""
    if key[0] == JUDGE:
        return "killed" if mutant["outcome"] == "killed" and mutant["inputs"] <= shared else "survived"
    return next((o["outcome"] for o in mutant["others"] if (o["checker"], o["setting"]) == key), "")


def scores(power: Power) -> list[Score]:
    """Every checker at every setting, on the same mistakes and the same inputs."""
    return [_score(power, key) for key in asked(power)]


def _score(power: Power, key: tuple[str, str]) -> Score:
    checker = power.header.get("checkers", {}).get(key[0], {})
    if checker.get("status") == "absent":
        return Score(*key, status="absent", message=checker.get("message", ""))
    shared = power.header["settings"]["shared"]
    found = Counter(filter(None, (_outcome(m, key, shared) for m in compared(power))))
    checks = [c for v in power.variants for c in v["checked"] if (c["checker"], c["setting"]) == key and c["inputs"]]
    if key[0] == JUDGE:
        seconds = [m["seconds"] for m in compared(power)]
    else:
        seconds = [o["seconds"] for m in compared(power) for o in m["others"] if (o["checker"], o["setting"]) == key]
    return Score(
        *key, sum(found.values()) - found["not-applicable"], found["killed"], found["survived"], found["unfair"],
        found["not-applicable"], sum(c["inputs"] for c in checks), sum(c["alarms"] for c in checks), len(checks),
        sum(bool(c["alarms"]) for c in checks), round(sum(seconds), 3),
    )  # fmt: skip


def table(power: Power, by: str) -> list[Row]:
    """Mistakes by a field of theirs ("kind", "op"), and how many of them each checker killed."""
    return _rows(power, lambda m: str(m[by]))


def _rows(power: Power, name_of: Callable[[Mapping[str, Any]], str]) -> list[Row]:
    keys, shared = asked(power), power.header.get("settings", {}).get("shared", 0)
    groups: dict[str, list[dict[str, Any]]] = {}
    for mutant in compared(power):
        groups.setdefault(name_of(mutant), []).append(mutant)
    rows = []
    for name, of in sorted(groups.items()):
        cells = {}
        for key in keys:
            found = [o for o in (_outcome(m, key, shared) for m in of) if o not in ("", "not-applicable")]
            cells[key] = (found.count("killed"), len(found))
        rows.append(Row(name, len(of), cells))
    return rows


def least(power: Power) -> list[Least]:
    """The smallest noticed errors, by operation, checker, setting, dtype and entries."""
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for r in power.smallest:
        groups.setdefault(tuple(r[n] for n in ("op", "checker", "setting", "dtype", "entries")), []).append(r)
    found = []
    for key, records in groups.items():
        errors = [r["error"] for r in records if r["error"] is not None]
        most = len(errors) * 2 > len(records)
        why = "" if most else next(r["why"] for r in records if r["error"] is None)
        op, checker, setting, dtype, entries = key
        error = statistics.median(errors) if most else None
        found.append(Least(op, checker, setting, dtype, entries, error, why))
    return found


def inputs_until(mutants: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """How many inputs the judge's kills took: after 1, 2, up to 5, up to 10, more."""
    counts = Counter(
        next(
            (name for name, most in (("1", 1), ("2", 2), ("3 to 5", 5), ("6 to 10", 10)) if m["inputs"] <= most), "more"
        )
        for m in mutants
        if m["outcome"] == "killed"
    )
    return {name: counts.get(name, 0) for name in ("1", "2", "3 to 5", "6 to 10", "more")}


def headline(power: Power) -> list[str]:
    """What came of it, in sentences, the most important first."""
    counts, total = outcomes(power), len(power.mutants)
    real = counts["killed"] + counts["raises"] + counts["survived"]
    said = []
    if total:
        cases = power.header.get("settings", {}).get("cases", "?")
        killed = counts["killed"] + counts["raises"]
        said.append(f"gradproof killed {killed:,} of {real:,} mistakes within {cases} inputs.")
        none = sum(counts[name] for name in NO_MISTAKE)
        if none:
            said.append(f"{none:,} more changes are proved to be no mistakes.")
        if counts["survived"]:
            said.append(f"{counts['survived']:,} survived.")
    judged = [c for v in power.variants for c in v["checked"] if c["checker"] == JUDGE and c["inputs"]]
    if judged:
        wrong = sum(c["alarms"] for c in judged)
        inputs = sum(c["inputs"] for c in judged)
        said.append(f"{count(len(judged), 'right program')}, {count(inputs, 'input')}: {count(wrong, 'false alarm')}.")
    if power.smallest and not said:
        said.append("The smallest error in one gradient entry that each checker notices.")
    if power.faults:
        said.append(f"{len(power.faults):,} items could not be measured.")
    return said or ["Nothing was measured."]


def to_json(power: Power) -> str:
    """All of it as JSON, ending in a newline."""

    def rows(by: str) -> list[dict[str, Any]]:
        return [
            {"name": r.name, "mistakes": r.mistakes, "killed": {f"{c}/{s}": list(v) for (c, s), v in r.cells.items()}}
            for r in table(power, by)
        ]

    found = {
        "headline": headline(power), "outcomes": outcomes(power), "inputs": inputs_until(power.mutants),
        "scores": [asdict(s) for s in scores(power)] if power.header else [], "functions": rows("function"),
        "kinds": rows("kind"), "operations": rows("op"), "survivors": survivors(power), "false_alarms": alarms(power),
        "smallest": [asdict(x) for x in least(power)], "faults": power.faults, "end": power.end,
    }  # fmt: skip
    return json.dumps(found, indent=2) + "\n"
