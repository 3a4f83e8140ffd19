"""How the lectures' listings are run: each alone, in a fork or a Python of its own, with the same outcome."""

from __future__ import annotations

import os
import sys

import pytest

from gradproof.lectures.claims import _listings
from gradproof.lectures.claims._listings import execute

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere each program starts a Python of its own")


@pytest.fixture(params=["fork", "start"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways in which a program can run."""
    if request.param == "fork" and sys.platform != "linux":
        pytest.skip("programs are forked on Linux only")
    if request.param == "start":
        monkeypatch.setattr(_listings, "_in_fork", _listings._started)
    return str(request.param)


@pytest.fixture(autouse=True)
def nothing_remembered():
    execute.cache_clear()
    yield
    execute.cache_clear()


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize(
    ("program", "exception", "printed"),
    [
        ("print('ä')", "", "ä\n"),
        ("1 / 0", "ZeroDivisionError: division by zero", ""),
        ("print(1", "SyntaxError: '(' was never closed", ""),
        ("print(np)", "NameError: name 'np' is not defined", ""),
        ("import sys; sys.exit(3)", "exit status 3", ""),
        ("import sys; sys.exit()", "", ""),
        ("import os; print(os.listdir())", "", "[]\n"),
        ("print(__name__)", "", "__main__\n"),
        ("import sys; print(sys.argv[1:], sys.stdin.read() == '')", "", "[] True\n"),
        ("import gradproof", "ModuleNotFoundError: No module named 'gradproof'", ""),
    ],
)
def test_a_program_ends_alike_in_both_ways(program: str, exception: str, printed: str):
    run = execute(program)
    assert (run.exception, run.printed) == (exception, printed)


@pytest.mark.usefixtures("way")
def test_a_program_that_runs_for_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(_listings, "LONGEST_SECONDS", 0.5)
    assert execute("while True: pass").exception == "TimeoutExpired"


@pytest.mark.usefixtures("way")
def test_programs_do_not_draw_the_same_numbers_and_do_not_meet():
    draw = "import numpy as np\nnp.seterr(over='raise')\nprint(np.random.rand())"
    first, second = (execute(draw, after=f"# {k}").printed for k in range(2))
    assert first != second
    assert execute("import numpy as np\nprint(np.geterr()['over'])").printed == "warn\n"


@ON_LINUX
def test_a_fork_of_this_process_does_not_share_the_pipes():
    assert execute("print(1)").printed == "1\n"
    child = os.fork()
    if child == 0:
        os._exit(0 if execute("print(2)").printed == "2\n" else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert execute("print(3)").printed == "3\n"
