"""What a submission may try: each attack ends in its verdict, touches nothing outside, and leaves nothing running."""

from __future__ import annotations

import os
import re
import site
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from gradproof.grading.confinement.isolation import LEVELS, PROMISES, best, level
from gradproof.grading.confinement.isolation.trying import Surroundings, left_running, surroundings
from gradproof.grading.confinement.sandbox import Limits, Outcome, Program, Sandbox, Tagged

FOLDER = Path(__file__).parent / "attacks"
LIMITS = Limits(
    import_seconds=0.7,
    cpu_seconds=0.5,
    wall_seconds=15,
    memory_mib=1024,
    output_kib=16,
    tmp_mib=4,
    processes=12,
    file_mib=1,
)
HONEST = """
def affine_forward(x, w, b):
    return x @ w + b, (x, w)


def affine_backward(dy, cache):
    x, w = cache
    return dy @ w.T, x.T @ dy, dy.sum(axis=0)
"""
TRAP = "SHADOW = True\nraise RuntimeError('a file of the submission was imported in place of the real one')\n"
RETURNS = ("y", "dx", "dw", "db")


@dataclass(frozen=True)
class Attack:
    """A file of the attacks folder, its comment lines read."""

    name: str
    text: str
    expected: tuple[str, ...]
    needs: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    alike: bool = False


def read(path: Path) -> Attack:
    text = path.read_text(encoding="utf-8")

    def line(key: str, separator: str) -> tuple[str, ...]:
        found = re.search(rf"^# {key} = (.*)$", text, re.MULTILINE)
        return tuple(part.strip() for part in found[1].split(separator)) if found else ()

    alike = re.search("^# ALIKE$", text, re.MULTILINE) is not None
    return Attack(
        path.stem, text, line("EXPECTED", "|"), line("NEEDS", " "), line("ALSO", ","), line("LIMITS", ","), alike
    )


def limits(attack: Attack) -> Limits:
    pairs = (each.split("=") for each in attack.limits)
    return replace(LIMITS, **{name: float(value) for name, value in pairs})


ATTACKS = [read(path) for path in sorted(FOLDER.glob("*.txt"))]


def array(name: str) -> dict[str, str]:
    return {"array": name}


def program() -> Program:
    draw = np.random.default_rng(7).normal
    forward = {
        "do": "call",
        "function": "affine_forward",
        "args": [array("x"), array("w"), array("b")],
        "to": {"tuple": [{"name": "y"}, {"name": "cache"}]},
    }
    backward = {
        "do": "call",
        "function": "affine_backward",
        "args": [array("dy"), {"name": "cache"}],
        "to": {"tuple": [{"name": "dx"}, {"name": "dw"}, {"name": "db"}]},
    }
    inputs = {"x": draw(size=(3, 4)), "w": draw(size=(4, 2)), "b": draw(size=2), "dy": draw(size=(3, 2))}
    return Program((forward, backward), inputs, RETURNS)


def bits(outcome: Outcome) -> dict[str, bytes]:
    return {name: value.tobytes() for name, value in outcome.values.items() if isinstance(value, np.ndarray)}


@pytest.fixture(scope="module")
def around() -> Iterator[Surroundings]:
    with surroundings() as found:
        yield found


@pytest.fixture(scope="module", params=LEVELS)
def rung(request: pytest.FixtureRequest) -> str:
    found = level(request.param)
    if not found.works:
        pytest.skip(f"{found.name} does not work here: {found.message}")
    return found.name


@pytest.fixture(scope="module")
def neighbour(rung: str) -> Iterator[tuple[Sandbox, dict[str, bytes]]]:
    """An honest submission in a sandbox beside the attacked one, and what it gave before any attack."""
    with Sandbox({"honest.py": HONEST}, ("honest.py",), LIMITS, level=rung) as sandbox:
        yield sandbox, bits(sandbox.run(program()))


def lacking(attack: Attack, rung: str) -> list[str]:
    here = level(rung).promises | {os.uname().machine}
    return [need for need in attack.needs if need not in here]


def prepared(text: str, around: Surroundings) -> str:
    meant = {
        "FOLDER": str(around.open_folder),
        "PORT": str(around.port),
        "JUDGE": str(os.getpid()),
        "SOURCE": sys.modules[Sandbox.__module__].__file__ or "",
        "ROOT": str(Path(__file__).resolve().parent.parent),
        "SITE": site.getsitepackages()[0],
    }
    return re.sub("@([A-Z]+)@", lambda found: meant[found[1]], text)


def processes_of(uid: int | None) -> list[int]:
    found = []
    for name in os.listdir("/proc"):
        try:
            if name.isdigit() and uid is not None and os.stat(f"/proc/{name}").st_uid == uid:
                found.append(int(name))
        except OSError:
            continue
    return found


def outside(around: Surroundings) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in around.open_folder.iterdir()}


def visited(service: socket.socket) -> bool:
    try:
        service.accept()[0].close()
    except BlockingIOError:
        return False
    return True


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_ends_in_its_verdict(
    attack: Attack,
    rung: str,
    around: Surroundings,
    neighbour: tuple[Sandbox, dict[str, bytes]],
    monkeypatch: pytest.MonkeyPatch,
):
    if attack.alike and rung != best().name:
        pytest.skip(f"it ends on {rung} as it does on {best().name}, by the same code")
    if lacks := lacking(attack, rung):
        pytest.skip(f"{rung} does not promise {', '.join(lacks)} here")
    monkeypatch.setenv("GRADPROOF_SECRET", "canary")
    before = outside(around)
    files = {"submission.py": prepared(attack.text, around), **dict.fromkeys(attack.also, TRAP)}
    began = time.monotonic()
    with Sandbox(files, ("submission.py",), limits(attack), level=rung) as sandbox:
        started = sandbox.start()
        token, uid = sandbox.token, sandbox._confined.plan["uid"] if sandbox._confined else None
        outcome = sandbox.run(program())
        verdict = started.verdict if started.verdict != "ok" else outcome.verdict
        message = f"{started.message} {outcome.message}"
        assert verdict in attack.expected, message
    assert time.monotonic() - began < 30
    assert not (token and left_running(token))
    assert processes_of(uid) == []
    assert outside(around) == before
    assert not visited(around.service)
    for name, value in outcome.values.items():
        assert name in RETURNS
        assert type(value) is np.ndarray or isinstance(value, Tagged)
    assert (outcome.verdict == "ok") == bool(outcome.values)
    for text in (outcome.stdout, started.stdout, message):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]", text)
        assert len(text) < 40_000
    beside, expected = neighbour
    assert bits(beside.run(program())) == expected


def test_the_folder_holds_many_attacks_and_each_says_what_it_is():
    assert len(ATTACKS) >= 45
    for attack in ATTACKS:
        assert attack.text.startswith("# ATTACK: "), attack.name
        assert attack.expected, attack.name
        unknown = [need for need in attack.needs if need not in PROMISES and need not in ("x86_64", "aarch64")]
        assert not unknown, attack.name


def test_an_honest_submission_passes_where_attacks_do_not(rung: str):
    with Sandbox({"submission.py": HONEST}, ("submission.py",), LIMITS, level=rung) as sandbox:
        outcome = sandbox.run(program())
    given = program().arrays
    assert outcome.verdict == "ok"
    assert outcome.values["y"].tobytes() == (given["x"] @ given["w"] + given["b"]).tobytes()
    assert all(outcome.inputs[name].tobytes() == given[name].tobytes() for name in given)
