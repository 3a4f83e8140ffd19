"""The isolation ladder: rungs are tried before they are believed, and the trials themselves can fail."""

from __future__ import annotations

import ctypes
import io
import json
import os
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gradproof.grading.confinement.inside import descendants, landlock, seccomp
from gradproof.grading.confinement.isolation import (
    LEVELS,
    PROMISES,
    Level,
    best,
    describe,
    ladder,
    launching,
    level,
    require,
)
from gradproof.grading.confinement.isolation import trying as trying_module
from gradproof.grading.confinement.isolation.interpreter import interpreter
from gradproof.grading.confinement.isolation.watching import look
from gradproof.grading.confinement.sandbox import Limits, Outcome, Program, Sandbox, Tagged

FULL = frozenset(PROMISES)


@pytest.fixture(params=LEVELS)
def rung(request: pytest.FixtureRequest) -> Level:
    found = level(request.param)
    if not found.works:
        pytest.skip(f"{found.name} does not work here: {found.message}")
    return found


@pytest.fixture
def pretended(monkeypatch: pytest.MonkeyPatch) -> dict[str, Level]:
    """Rungs as a test says that they are."""
    given = {name: Level(name, False, frozenset(), {}, "not there") for name in LEVELS}
    monkeypatch.setattr(ladder, "level", lambda name: given[name])
    return given


def test_a_rung_says_of_every_promise_whether_it_held(rung: Level):
    assert rung.promises | set(rung.broken) == FULL
    assert not rung.promises & set(rung.broken)
    assert {"memory", "cpu", "killed-whole"} <= rung.promises


@pytest.mark.parametrize("name", ["bubblewrap", "namespaces"])
def test_a_root_folder_and_namespaces_of_its_own_hold_everything(name: str):
    found = level(name)
    if not found.works:
        pytest.skip(f"{name} does not work here: {found.message}")
    assert found.promises == FULL, found.broken


@pytest.mark.parametrize("name", ["bubblewrap", "namespaces"])
def test_without_the_right_to_become_another_user_a_user_namespace_does(name: str, monkeypatch: pytest.MonkeyPatch):
    """As root the other way is taken; this is the way of everybody else."""
    found = level(name)
    if not found.works:
        pytest.skip(f"{name} does not work here: {found.message}")
    user = ("--unshare-user", "--uid", "65534", "--gid", "65534")
    program = launching.shutil.which("bwrap") or ""
    spaces = ("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts")
    monkeypatch.setattr(launching, "_other_user", lambda: None)
    monkeypatch.setattr(launching, "_bubblewrap_start", lambda python: (program, *spaces, *user))
    monkeypatch.setattr(launching, "_needs_user_namespace", lambda python: True)
    tried = trying_module.attempt(name)
    assert tried.works, tried.message
    # The kernel counts no processes of the machine's root, whatever the namespace calls it.
    assert tried.promises >= FULL - ({"processes"} if os.getuid() == 0 else set()), tried.broken


def test_the_best_is_the_first_that_works(pretended: dict[str, Level]):
    with pytest.raises(RuntimeError, match=r"no isolation works on this machine.*landlock: not there"):
        best()
    pretended["rlimits"] = Level("rlimits", True, frozenset({"cpu"}), {})
    assert best().name == "rlimits"
    pretended["namespaces"] = Level("namespaces", True, FULL, {})
    assert best().name == "namespaces"


def test_requiring_more_than_there_is_is_refused_in_words(pretended: dict[str, Level]):
    pretended["landlock"] = Level("landlock", True, FULL, {})
    assert require("landlock").name == "landlock"
    assert require("rlimits").name == "landlock"
    with pytest.raises(ValueError, match="'bubblewrap' is required, and the best that works here is 'landlock'"):
        require("bubblewrap")
    with pytest.raises(ValueError, match="no isolation level 'jail'; known, best first: bubblewrap"):
        require("jail")


def test_a_level_is_described_by_what_it_lacks():
    assert "does not work here: gone" in describe(Level("landlock", False, frozenset(), {}, "gone"))
    assert "reaches no network" in describe(Level("landlock", True, FULL, {}))
    weak = describe(Level("rlimits", True, FULL - {"no-write"}, {"no-write": "it wrote"}))
    assert "NOT ensured that a submission writes nothing outside" in weak and "network" not in weak


def test_the_report_names_every_rung_and_act():
    out = io.StringIO()
    assert trying_module.report(out) == 0
    text = out.getvalue()
    for found in map(level, LEVELS):
        assert found.name in text
        for said in found.broken.values():
            assert f"not held {said}" in text
    assert f"Submissions run with {best().name}: " in text


def test_the_report_without_any_rung(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(trying_module, "level", lambda name: Level(name, False, frozenset(), {}, "not there"))
    out = io.StringIO()
    assert trying_module.report(out) == 3
    assert "bubblewrap: does not work here: not there" in out.getvalue()
    assert "no submission can be run" in out.getvalue()


class Unconfined:
    """As much of a sandbox as a trial needs, with no confinement at all."""

    level = "none"
    token = "gradproof-no-such-process"

    def run(self, program: Program) -> Outcome:
        scope: dict[str, Any] = {}
        exec(trying_module._acts(), scope)
        (step,) = program.steps
        said = scope[step["function"]](*[each["literal"] for each in step["args"]])
        return Outcome("ok", {"said": Tagged("None" if said is None else "str", repr(said))})


@pytest.mark.parametrize("promise", ["no-network", "no-write", "no-read-home", "no-other-processes"])
def test_a_trial_sees_that_nothing_is_refused(promise: str):
    with trying_module.surroundings() as around:
        assert trying_module.TRIALS[promise](Unconfined(), around)  # type: ignore[arg-type]


@pytest.mark.parametrize("promise", ["processes", "disk", "memory"])
def test_a_trial_sees_that_a_limit_is_not_kept(promise: str, monkeypatch: pytest.MonkeyPatch):
    """The sandbox's limits are as wide as ever, and the trial expects narrow ones."""
    narrow = Limits(memory_mib=8, tmp_mib=1, processes=2)
    monkeypatch.setattr(trying_module, "LIMITS", narrow)
    name = best().name
    files = {trying_module.FILE: trying_module._acts()}
    with trying_module.surroundings() as around, Sandbox(files, (trying_module.FILE,), Limits(), level=name) as wide:
        assert trying_module.TRIALS[promise](wide, around)


def test_a_trial_sees_a_process_that_is_left():
    program = "import time; print('up', flush=True); time.sleep(60)"
    command = [sys.executable, "-S", "-c", program, "gradproof-left-over"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as left:
        try:
            assert left.stdout is not None and left.stdout.readline() == b"up\n"
            assert left.pid in trying_module.left_running("gradproof-left-over")
        finally:
            left.kill()
    assert trying_module.left_running("gradproof-left-over") == []


def test_a_missing_bubblewrap_is_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(launching.shutil, "which", lambda name: None)
    launching._bubblewrap_start.cache_clear()
    try:
        found = trying_module.attempt("bubblewrap")
    finally:
        launching._bubblewrap_start.cache_clear()
    assert not found.works and "bubblewrap is not installed" in found.message


def test_a_rung_on_which_honest_code_fails_does_not_work(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(trying_module, "_acts", lambda: "def honest():\n    import no_such_module\n")
    found = trying_module.attempt("rlimits")
    assert not found.works and "an honest submission fails there" in found.message


def evaluate(program: list[seccomp.Instruction], data: bytes) -> int:
    """What the kernel would make of a filter: the value that it returns for this `struct seccomp_data`."""
    at, accumulator = 0, 0
    while True:
        code, if_true, if_false, value = program[at]
        at += 1
        if code == seccomp.LOAD:
            (accumulator,) = struct.unpack_from("<I", data, value)
        elif code == seccomp.RETURN:
            return value
        else:
            holds = {
                seccomp.EQUAL: accumulator == value,
                seccomp.AT_LEAST: accumulator >= value,
                seccomp.ANY_BIT: bool(accumulator & value),
            }[code]
            at += if_true if holds else if_false


def asked(architecture: str, number: int, *arguments: int) -> int:
    padded = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("<IIQ6Q", number, seccomp.AUDIT_ARCH[architecture], 0, *padded)
    return evaluate(seccomp.instructions(architecture), data)


@pytest.mark.parametrize("architecture", list(seccomp.AUDIT_ARCH))
def test_the_filter_denies_what_it_names_and_nothing_else(architecture: str):
    column = list(seccomp.AUDIT_ARCH).index(architecture)
    denied = seccomp.ERRNO | seccomp.EPERM
    numbers = {numbers[column]: name for name, numbers in seccomp.DENIED.items() if numbers[column] is not None}
    assert len(numbers) == len(seccomp.DENIED), "two system calls have one number"
    special = {seccomp.CLONE[column], seccomp.CLONE3, seccomp.FCNTL[column], seccomp.IOCTL[column]}
    for number in set(range(480)) - special - {seccomp.PRLIMIT[column]}:
        assert asked(architecture, number) == (denied if number in numbers else seccomp.ALLOW), numbers.get(number)
    assert asked(architecture, seccomp.CLONE3) == seccomp.ERRNO | seccomp.ENOSYS
    assert asked(architecture, seccomp.CLONE[column], 0x01200011) == seccomp.ALLOW  # what fork passes
    assert asked(architecture, seccomp.CLONE[column], 0x10000000) == denied  # CLONE_NEWUSER
    assert asked(architecture, seccomp.PRLIMIT[column], 0) == seccomp.ALLOW
    assert asked(architecture, seccomp.PRLIMIT[column], 1) == denied
    assert asked(architecture, seccomp.FCNTL[column], 0, 3) == seccomp.ALLOW  # F_GETFL
    assert asked(architecture, seccomp.FCNTL[column], 0, 8) == denied  # F_SETOWN
    assert asked(architecture, seccomp.IOCTL[column], 0, 0x5401) == seccomp.ALLOW  # TCGETS
    assert asked(architecture, seccomp.IOCTL[column], 0, 0x5412) == denied  # TIOCSTI


def test_the_filter_kills_what_comes_by_another_table():
    program = seccomp.instructions("x86_64")
    i386 = 0x40000003
    assert evaluate(program, struct.pack("<IIQ6Q", 4, i386, 0, *[0] * 6)) == seccomp.KILL
    assert asked("x86_64", seccomp.X32_BIT + 39) == seccomp.KILL
    with pytest.raises(ValueError, match="no seccomp filter for riscv64"):
        seccomp.instructions("riscv64")


@pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock")
def test_landlock_refuses_what_is_not_named(tmp_path: Path):
    for name in ("open", "closed"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("text")
    child = os.fork()
    if not child:
        seen = 0
        try:
            landlock.restrict([str(tmp_path / "open"), str(tmp_path / "absent")], [str(tmp_path)], [])
            seen += (tmp_path / "open" / "file").read_text() == "text"
            seen += 2 * (sorted(os.listdir(tmp_path)) == ["closed", "open"])
            for number, mode in (("closed", "r"), ("open", "w")):
                try:
                    (tmp_path / number / "file").open(mode).close()
                except PermissionError:
                    seen += 4
        finally:
            os._exit(seen)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1 + 2 + 4 + 4


def test_the_interpreter_is_shown_without_other_packages():
    found = interpreter(sys.executable)
    assert Path(found.executable).is_file()
    assert Path(np.__file__).parent == Path(found.shown[0])
    readable, listable = found.readable_without_hidden()
    for hidden in found.hidden:
        assert not any(Path(hidden).is_relative_to(path) for path in readable)
    assert any(Path(json.__file__).is_relative_to(os.path.realpath(path)) for path in readable)
    assert set(listable).isdisjoint(readable)


def test_another_interpreter_without_numpy_is_refused(tmp_path: Path):
    fake = tmp_path / "python"
    fake.write_text('#!/bin/sh\necho \'["/usr/bin/python3", "/usr", "/usr", null]\'\n')
    fake.chmod(0o755)
    with pytest.raises(ValueError, match="has no NumPy; install it there"):
        interpreter(str(fake))


def test_the_environment_is_an_allow_list(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GRADPROOF_SECRET", "canary")
    assert "canary" not in str(launching.environment())
    assert set(launching.environment()) >= {"OMP_NUM_THREADS", "HOME"}


def test_a_tree_of_processes_is_found_measured_and_ended():
    program = (
        "import os, time, sys\n"
        "if os.fork() == 0:\n    os.setsid()\n    os.fork()\n    os.write(1, b'up\\n')\n    time.sleep(60)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-S", "-c", program], stdout=subprocess.PIPE) as popen:
        assert popen.stdout is not None
        assert [popen.stdout.readline() for _ in range(2)] == [b"up\n"] * 2
        pids = descendants.tree(popen.pid)
        usage = look(popen.pid)
        assert len(pids) == 3 and set(usage.pids) == set(pids)
        assert usage.memory > 1 << 20
        assert descendants.end_all_of(popen.pid)
        # Killed is not yet gone: an orphan dies a moment later, as somebody else's child.
        deadline = time.monotonic() + 10
        while not all(map(descendants.is_zombie, pids[1:])):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        popen.kill()
    assert look(popen.pid).pids == ()


def test_children_are_found_without_the_kernels_list(monkeypatch: pytest.MonkeyPatch):
    with subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"]) as popen:
        try:
            assert popen.pid in descendants._children_by_scan(os.getpid())
            assert popen.pid in descendants.children(os.getpid())
        finally:
            popen.kill()


def test_the_plan_carries_the_limits(rung: Level):
    limits = Limits(memory_mib=64, processes=5, file_mib=3)
    launch = launching.LAUNCHERS[rung.name](interpreter(sys.executable), limits)
    assert launch.plan["limits"]["AS"] == launching.LEAST_ADDRESS_SPACE
    assert launch.plan["limits"]["CORE"] == 0
    if launch.plan["uid"] is not None:
        assert launch.plan["uid"] not in (0, os.getuid())
        assert launch.plan["limits"]["NPROC"] == 5
    json.dumps(launch.plan)
    assert ctypes.sizeof(ctypes.c_void_p) == 8, "the filter's description assumes 64 bits"
