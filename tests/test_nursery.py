"""The nursery: what its forks share is what every submission may have, and nothing passes from one to the next."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from gradproof.grading.confinement import nurseries
from gradproof.grading.confinement.inside import descendants
from gradproof.grading.confinement.isolation import LEVELS, best, launching, level
from gradproof.grading.confinement.isolation.interpreter import interpreter
from gradproof.grading.confinement.sandbox import Limits, Program, Sandbox, Tagged

ROOT = Path(__file__).resolve().parent.parent
CALL = Program(({"do": "call", "function": "f", "args": [], "to": {"name": "said"}},), {}, ("said",))
LEAVING = """
import builtins, os, sys
import numpy as np
np.left_behind = builtins.left_behind = sys.left_behind = True
os.environ["LEFT_BEHIND"] = "yes"
np.random.seed(7)
try:
    open("/tmp/left_behind", "w").close()
except OSError:
    pass
def f():
    return 1.0
"""
LOOKING = """
import builtins, os, sys
import numpy as np
def f():
    held = [owner.__name__ for owner in (np, builtins, sys) if hasattr(owner, "left_behind")]
    held += ["environment"] * ("LEFT_BEHIND" in os.environ) + ["file"] * os.path.exists("/tmp/left_behind")
    return ", ".join(held) or None
"""
OPEN = """
import os
def f():
    found = []
    for number in range(3, 64):
        try:
            os.fstat(number)
            found.append(number)
        except OSError:
            pass
    return float(len(found))
"""
CHANCE = "import numpy as np\ndef f():\n    return np.random.random(4)\n"


def one(text: str, rung: str | None = None) -> Sandbox:
    return Sandbox({"it.py": text}, ("it.py",), Limits(wall_seconds=20), level=rung)


@pytest.fixture(params=LEVELS)
def rung(request: pytest.FixtureRequest) -> str:
    if not level(request.param).works:
        pytest.skip(f"{request.param} does not work here")
    return str(request.param)


def nursery_of(rung: str) -> nurseries.Nursery:
    launch = launching.LAUNCHERS[rung](interpreter(sys.executable), Limits())
    try:
        return nurseries.nursery_for(launch)
    except nurseries.NoNursery as reason:
        pytest.skip(f"{rung} has no nursery here: {reason}")


def test_nothing_passes_from_one_submission_to_the_next(rung: str):
    nursery_of(rung)
    # What does not keep a submission from writing keeps no file of it from the next one either.
    leaving = LEAVING if "no-write" in level(rung).promises else LEAVING.replace("/tmp/left_behind", "/nowhere/at")
    with one(leaving, rung) as first, one(LOOKING, rung) as second:
        assert first.run(CALL).verdict == "ok"
        assert second.run(CALL).values["said"] == Tagged("None", "None")
    with one(LOOKING, rung) as third:
        assert third.run(CALL).values["said"] == Tagged("None", "None")


def test_what_passes_within_one_is_seen(rung: str):
    """The same look, from a submission that left something itself: so the test above can fail."""
    with one(LEAVING.replace("/tmp/left_behind", "/nowhere/at") + LOOKING, rung) as both:
        said = both.run(CALL).values["said"]
    assert isinstance(said, Tagged) and "numpy, builtins, sys, environment" in said.text


def test_a_program_holds_no_descriptor_but_its_own(rung: str):
    """Not the nursery's connection, nor the lifeline, nor the status by which the judge knows of its end."""
    nursery_of(rung)
    with one(OPEN, rung) as sandbox:
        held = sandbox.run(CALL).values["said"]
    assert isinstance(held, np.ndarray) and held <= 2  # the channel to the judge, and the pipe for output


def test_each_submission_has_chance_of_its_own(rung: str):
    drawn = []
    for _ in range(2):
        with one(CHANCE, rung) as sandbox:
            drawn.append(sandbox.run(CALL).values["said"])
    assert not np.array_equal(*drawn)


def test_a_nursery_that_has_died_is_replaced():
    first = nursery_of(best().name)
    assert descendants.end_all_of(first.popen.pid)
    first.popen.kill()
    first.popen.wait()
    with one(CHANCE) as sandbox:
        assert sandbox.run(CALL).verdict == "ok"
    assert nursery_of(best().name) is not first


def test_a_sandbox_comes_up_without_a_nursery(rung: str, monkeypatch: pytest.MonkeyPatch):
    def none(*_: object) -> nurseries.Nursery:
        raise nurseries.NoNursery("there is none")

    monkeypatch.setattr("gradproof.grading.confinement.confined.nursery_for", none)
    with one(CHANCE, rung) as sandbox:
        assert sandbox.run(CALL).verdict == "ok"


def test_a_nursery_that_does_not_come_up_is_asked_once(monkeypatch: pytest.MonkeyPatch):
    started = []
    popen = subprocess.Popen
    monkeypatch.setattr(nurseries.subprocess, "Popen", lambda *a, **k: started.append(a) or popen(*a, **k))
    monkeypatch.setattr(launching, "environment", lambda: {"PYTHONHOME": "/nowhere/at/all"})
    launch = launching.LAUNCHERS["rlimits"](interpreter(sys.executable), Limits())
    launch = launching.Launch(launch.command, launch.plan, launch.command)
    for _ in range(2):
        with pytest.raises(nurseries.NoNursery):
            nurseries.nursery_for(launch)
    assert len(started) == 1


def test_rungs_that_share_a_command_share_no_nursery():
    found = [nursery_of(name) for name in ("namespaces", "landlock") if level(name).works]
    assert len({id(each) for each in found}) == len(found)


def test_the_same_user_gets_no_nursery_where_nothing_keeps_it_apart(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(launching, "_other_user", lambda: None)
    assert launching.LAUNCHERS["rlimits"](interpreter(sys.executable), Limits()).nursery is None


def test_a_nursery_ends_with_its_judge():
    program = (
        "import sys, time\n"
        "from gradproof.grading.confinement import nurseries\n"
        "from gradproof.grading.confinement.sandbox import Sandbox\n"
        "with Sandbox({'it.py': 'def f(): pass'}, ('it.py',)) as s:\n    s.start()\n"
        "print([each.popen.pid for each in nurseries._nurseries.values() if each], flush=True)\n"
        "time.sleep(60)\n"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=env) as judge:
        assert judge.stdout is not None
        pids = [int(word) for word in judge.stdout.readline().strip("[]\n").split(",") if word]
        judge.kill()
    deadline = time.monotonic() + 10
    while not all(map(descendants.is_zombie, pids)):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert pids or not launching.LAUNCHERS[best().name](interpreter(sys.executable), Limits()).nursery
