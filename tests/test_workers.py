"""Workers: whatever a worker does, the judge gets an answer in words, and the next request a working process."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from gradproof.workers.pool import Reply, Request, Worker, frameworks_root, parse_with

ROOT = Path(__file__).resolve().parents[1]
LINUX = sys.platform.startswith("linux")

ADAPTER = """
    import os, sys
    from pathlib import Path
    import numpy as np

    with open(Path(__file__).with_name("starts"), "a") as starts:
        starts.write("x")

    class Adapter:
        def versions(self):
            return {"fake": "1.0"}
        def precision(self):
            return {"threads": 1, "omp": os.environ["OMP_NUM_THREADS"], "path": sys.path}
        def seed(self, n):
            pass
        def evaluate(self, counterpart, inputs, differentiable, cotangents, options):
            fd = int(sys.argv[sys.argv.index("--fd") + 1])
            y = counterpart(fd, **inputs, **options)
            gradients = [{name: 2 * dy for name in differentiable} for dy in cotangents]
            if options.get("forget"):
                gradients = gradients[1:]
            return y, gradients, None
"""
COUNTERPARTS = {
    "double": "return 2 * x",
    "pid": "return np.array(os.getpid())",
    "exits": "sys.stderr.write('my last words'); os._exit(7)",
    "leaves": "sys.exit('on my own')",
    "segfaults": "os.kill(os.getpid(), signal.SIGSEGV)",
    "hangs": "time.sleep(600)",
    "holds": "Path(os.environ['GRADPROOF_TEST_PID']).write_text(str(os.getpid())); time.sleep(600)",
    "raises": "raise RuntimeError('no luck\\nwith this')",
    "prints": "sys.stdout.write('o' * 3_000_000); sys.stderr.write('e' * 3_000_000); return 2 * x",
    "prints_and_exits": "sys.stdout.write('o' * 3_000_000 + 'the end'); os._exit(1)",
    "garbage": "os.write(fd, b'garbage' * 9); return 2 * x",
    "not_json": "os.write(fd, struct.pack('<Q', 2) + b'{]'); return 2 * x",
    "huge_header": "os.write(fd, struct.pack('<Q', 2**62)); return 2 * x",
    "truncated": "os.write(fd, struct.pack('<Q', 50) + b'{'); os._exit(3)",
    "wrong_nbytes": (
        "h = json.dumps({'ok': True, 'arrays': [{'name': 'y', 'dtype': 'float64', 'shape': [2], 'order': 'C',"
        " 'nbytes': 8}]}).encode(); os.write(fd, struct.pack('<Q', len(h)) + h + bytes(8)); return 2 * x"
    ),
    "half": "return x.astype(np.float16)",
    "closes": "os.close(fd); time.sleep(600)",
    "breeds": (
        "child = subprocess.Popen(['sleep', '600']); "
        "Path(os.environ['GRADPROOF_TEST_PID']).write_text(str(child.pid)); os._exit(1)"
    ),
}
IMPORTS = "import json, os, signal, struct, subprocess, sys, time\nfrom pathlib import Path\nimport numpy as np\n"


@pytest.fixture
def root(tmp_path):
    """A folder with a frameworks package of one fake framework."""
    folder = tmp_path / "frameworks"
    (folder / "counterparts").mkdir(parents=True)
    for name in ("__init__.py", "_counterpart.py", "counterparts/__init__.py"):
        shutil.copy(ROOT / "frameworks" / name, folder / name)
    (folder / "on_fake.py").write_text(textwrap.dedent(ADAPTER))
    for name, body in COUNTERPARTS.items():
        (folder / "counterparts" / f"{name}.py").write_text(f"{IMPORTS}\ndef fake(fd, x, forget=False):\n    {body}\n")
    absent = "from .._counterpart import absent\nfake = absent('there is none')\n"
    (folder / "counterparts" / "lacking.py").write_text(absent)
    composed = "from .._counterpart import composed\n@composed('two parts')\ndef fake(fd, x):\n    return x + x\n"
    (folder / "counterparts" / "assembled.py").write_text(composed)
    return tmp_path


@pytest.fixture
def worker(root):
    with Worker("fake", "fake", root=root, timeout=20) as worker:
        yield worker


def adapter(root: Path, name: str, source: str) -> None:
    (root / "frameworks" / f"on_{name}.py").write_text(textwrap.dedent(source))


def starts(root: Path) -> int:
    return len((root / "frameworks" / "starts").read_text())


def ask(worker: Worker, op: str, **options: object) -> Reply:
    x = np.array([1.0, 2.5])
    return worker.submit(Request(op, options, {"x": x}, ("x",), (np.array([1.0, -1.0]), np.array([0.5, 4.0])))).result()


def gone(pid: int) -> bool:
    """Whether the process ends within some seconds; a zombie has not ended."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        if LINUX and _orphaned_zombie(pid):
            return True
        time.sleep(0.02)
    return False


def _orphaned_zombie(pid: int) -> bool:
    # An orphan is reaped by the system's first process, which in a container may be none that reaps.
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except FileNotFoundError:
        return True
    return fields[0] == "Z" and int(fields[1]) != os.getpid()


def assert_works(worker: Worker) -> None:
    reply = ask(worker, "double")
    assert (reply.status, reply.message) == ("ok", "")
    np.testing.assert_array_equal(reply.y, [2.0, 5.0])


def test_hello_and_evaluation(worker):
    hello = worker.hello()
    assert (hello.status, hello.versions, hello.message) == ("ready", {"fake": "1.0"}, "")
    assert hello.precision["omp"] == "1"
    assert hello.python == ".".join(map(str, sys.version_info[:3]))
    reply = ask(worker, "double")
    np.testing.assert_array_equal(reply.y, [2.0, 5.0], strict=True)
    assert [list(g) for g in reply.gradients] == [["x"], ["x"]]
    np.testing.assert_array_equal(reply.gradients[1]["x"], [1.0, 8.0], strict=True)
    assert reply.native
    assert reply.seconds > 0


def test_composed_and_absent_counterparts_say_so(worker):
    reply = ask(worker, "assembled")
    assert (reply.status, reply.native, reply.message) == ("ok", False, "two parts")
    assert ask(worker, "lacking").message == "there is none"
    reply = ask(worker, "unheard_of")
    assert reply.status == "absent"
    assert "unheard_of has no file" in reply.message


@pytest.mark.parametrize(
    ("op", "words"),
    [
        ("exits", "broke in exits: it ended with exit status 7; its last output: my last words"),
        ("segfaults", "it was killed by SIGSEGV"),
        ("prints_and_exits", "the end"),
        ("garbage", "broken frame: the header of"),
        ("not_json", "broken frame: the header is not JSON"),
        ("huge_header", "broken frame: the header of 4611686018427387904 bytes"),
        ("truncated", "49 bytes early, in the header (it ended with exit status 3)"),
        ("wrong_nbytes", "takes 16 bytes, not 8"),
        ("closes", "it closed its connection"),
    ],
)
def test_a_worker_that_breaks_is_replaced(worker, root, op, words):
    reply = ask(worker, op)
    assert reply.status == "broken"
    assert words in reply.message
    assert len(reply.message) < 5000
    assert reply.y is None
    assert_works(worker)
    assert starts(root) == 2


@pytest.mark.parametrize(
    ("op", "words"),
    [
        ("raises", "fake failed in raises: RuntimeError: no luck with this"),
        ("leaves", "SystemExit: on my own"),
        ("half", "dtype float16"),
    ],
)
def test_a_worker_that_raises_lives_on(worker, root, op, words):
    reply = ask(worker, op)
    assert (reply.status, words in reply.message) == ("broken", True), reply.message
    assert_works(worker)
    assert starts(root) == 1


def test_a_worker_that_hangs_is_stopped_and_replaced(root):
    with Worker("fake", "fake", root=root, timeout=1) as worker:
        worker.hello()
        pid = int(ask(worker, "pid").y)
        reply = ask(worker, "hangs")
        assert reply.status == "broken"
        assert "no answer within 1 s" in reply.message
        assert gone(pid)
        assert_works(worker)


def test_a_worker_may_print_megabytes(worker, root):
    assert ask(worker, "prints").status == "ok"
    assert_works(worker)
    assert starts(root) == 1


def test_an_answer_without_its_gradients_is_broken(worker):
    reply = ask(worker, "double", forget=True)
    assert reply.status == "broken"
    assert "lacks grad:1:x" in reply.message
    assert_works(worker)


def test_a_request_that_no_frame_carries_is_answered_and_harms_nothing(worker, root):
    worker.hello()
    reply = worker.submit(Request("double", {}, {"x": np.zeros(2, np.complex64)}, (), ())).result()
    assert reply.status == "broken"
    assert "complex64" in reply.message
    assert_works(worker)
    assert starts(root) == 1


def test_a_worker_that_dies_idle_is_replaced(worker):
    os.kill(int(ask(worker, "pid").y), signal.SIGKILL)
    time.sleep(0.2)
    assert_works(worker)


def test_requests_are_answered_in_order_and_survive_a_fault_among_them(worker):
    x = {"x": np.array([1.0])}
    futures = [worker.submit(Request(op, {}, x, (), ())) for op in ("double", "exits", "double", "raises", "double")]
    assert [future.result().status for future in futures] == ["ok", "broken", "ok", "broken", "ok"]


def test_a_worker_that_never_starts_is_given_up_with_the_reason(root):
    adapter(root, "fake", ADAPTER + "\n    sys.stderr.write('bad library'); os._exit(5)\n")
    with Worker("fake", "fake", root=root) as worker:
        messages = [ask(worker, "double").message for _ in range(5)]
        assert starts(root) == 3
        assert "exit status 5; its last output: bad library" in messages[0]
        assert "gave up after 3 starts" in messages[4]
        assert worker.hello().status == "broken"


def test_a_framework_that_breaks_or_hangs_while_it_is_imported(root):
    adapter(root, "fake", "import time; time.sleep(600)")
    with Worker("fake", "fake", root=root) as worker:
        hello = worker.hello(timeout=0.5)
        assert hello.status == "broken"
        assert "no answer within 0.5 s" in hello.message
    adapter(root, "fake", "raise ImportError('libx.so.1: cannot open')")
    with Worker("fake", "fake", root=root) as worker:
        hello = worker.hello()
        assert hello.status == "broken"
        assert "libx.so.1" in hello.message


def test_a_framework_that_is_not_installed_is_absent(root):
    source = (
        "from ._counterpart import absent\nclass Adapter:\n    def __init__(self):\n        raise absent('no fake')\n"
    )
    adapter(root, "fake", source)
    with Worker("fake", "fake", root=root) as worker:
        assert (worker.hello().status, worker.hello().message) == ("absent", "no fake")
        assert (ask(worker, "double").status, ask(worker, "double").message) == ("absent", "no fake")


@pytest.mark.parametrize("framework", ["pytorch", "keras", "tensorflow", "jax"])
def test_the_real_adapters_say_absent_where_nothing_is_installed(framework, tmp_path, monkeypatch):
    # A Python of this very version whose finder knows no framework.
    blocker = tmp_path / "blocked" / "sitecustomize.py"
    blocker.parent.mkdir()
    blocker.write_text(
        "import sys\n"
        "class Block:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name in ('torch', 'tensorflow', 'keras', 'jax'):\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Block())\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(blocker.parent))
    with Worker(framework, framework) as worker:
        hello = worker.hello()
    assert hello.status == "absent", hello.message
    assert "is not installed in this Python" in hello.message


def test_an_interpreter_that_cannot_run_is_a_broken_worker(root):
    with Worker("fake", "fake", "/nonexistent/python", root=root) as worker:
        assert "/nonexistent/python cannot be run" in worker.hello().message


def test_what_a_worker_started_ends_with_it(worker, tmp_path, monkeypatch):
    monkeypatch.setenv("GRADPROOF_TEST_PID", str(tmp_path / "child"))
    assert ask(worker, "breeds").status == "broken"
    assert gone(int((tmp_path / "child").read_text()))


def test_close_ends_an_idle_worker_and_answers_what_comes_later(root):
    worker = Worker("fake", "fake", root=root)
    pid = int(ask(worker, "pid").y)
    worker.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert ask(worker, "double").message == "the worker was closed"
    assert worker.hello().status == "broken"
    worker.close()


def test_close_does_not_wait_for_a_busy_worker(root):
    worker = Worker("fake", "fake", root=root)
    pid = int(ask(worker, "pid").y)
    request = Request("hangs", {}, {"x": np.array([1.0])}, (), ())
    futures = [worker.submit(request), worker.submit(request)]
    time.sleep(0.2)
    began = time.monotonic()
    worker.close()
    assert time.monotonic() - began < 8
    assert [future.result(5).message for future in futures] == ["the worker was closed"] * 2
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_worker_has_its_own_session(worker):
    assert os.getsid(int(ask(worker, "pid").y)) != os.getsid(0)


@pytest.mark.parametrize("end", ["interrupt", "kill", "leave"])
def test_a_worker_ends_with_its_judge(root, tmp_path, end):
    if end == "kill" and not LINUX:
        pytest.skip("a hanging worker learns of a killed parent on Linux only")
    script = tmp_path / "judge.py"
    script.write_text(
        "import signal, sys, time, pathlib, numpy as np\n"
        # What a shell starts in the background is born with SIGINT ignored, and so would be this test's judge.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "from gradproof.workers.pool import Request, Worker\n"
        f"worker = Worker('fake', 'fake', root=pathlib.Path({str(root)!r}))\n"
        "future = worker.submit(Request('holds', {}, {'x': np.array([1.0])}, (), ()))\n"
        + ("time.sleep(1)\n" if end == "leave" else "future.result()\n")
    )
    pid_file = tmp_path / "pid"
    judge = subprocess.Popen(
        [sys.executable, str(script)],
        env={**os.environ, "GRADPROOF_TEST_PID": str(pid_file)},
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + 20
    while not (pid_file.exists() and pid_file.read_text()) and time.monotonic() < deadline:
        time.sleep(0.02)
    pid = int(pid_file.read_text())
    if end == "interrupt":
        judge.send_signal(signal.SIGINT)
    elif end == "kill":
        judge.kill()
    judge.wait(20)
    assert gone(pid)


def test_files_where_the_judge_runs_are_not_imported(root, tmp_path, monkeypatch):
    folder = tmp_path / "homework"
    folder.mkdir()
    for name in ("numpy.py", "json.py", "frameworks.py", "wire.py"):
        (folder / name).write_text("raise SystemExit('imported from the current folder')\n")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["", ".", str(folder)]))
    with Worker("fake", "fake", root=root) as worker:
        assert_works(worker)
        path = worker.hello().precision["path"]
        assert "" not in path
        assert str(folder) not in path


def test_parse_with_reads_names_and_labels(tmp_path):
    python = sys.executable
    assert parse_with(f"pytorch={python}") == ("pytorch", "pytorch", python)
    assert parse_with(f"torch={python}") == ("pytorch", "pytorch", python)
    assert parse_with(f"torch-old={python}") == ("pytorch-old", "pytorch", python)
    assert parse_with(f"tf219={python}") == ("tensorflow219", "tensorflow", python)
    assert parse_with(f"keras-3.14={python}") == ("keras-3.14", "keras", python)
    link = tmp_path / "with space" / "python"
    link.parent.mkdir()
    link.symlink_to(python)
    assert parse_with(f"jax={link}")[2] == str(link)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("torch", "is not NAME=PYTHON"),
        ("=/x", "is not NAME=PYTHON"),
        ("torch=", "is not NAME=PYTHON"),
        (
            "mxnet=/bin/sh",
            "'mxnet' names no framework; known are jax, keras, keras_jax, keras_torch, pytorch, tensorflow",
        ),
        ("torchvision=/bin/sh", "names no framework"),
        ("torch=/nonexistent/python", "there is no file /nonexistent/python"),
        ("torch=/", "there is no file /"),
        ("torch=/etc/passwd", "cannot be executed"),
        ("torch=/bin/ls", "is not a Python interpreter"),
    ],
)
def test_parse_with_refuses_in_one_sentence(text, words):
    with pytest.raises(ValueError, match=words) as caught:
        parse_with(text)
    assert "\n" not in str(caught.value)


def test_parse_with_refuses_an_old_python(tmp_path):
    old = tmp_path / "python"
    old.write_text("#!/bin/sh\necho '(3, 8)'\n")
    old.chmod(0o755)
    with pytest.raises(ValueError, match=r"is Python 3\.8; workers need 3\.10"):
        parse_with(f"torch={old}")


def test_the_root_holds_the_frameworks():
    assert (frameworks_root() / "frameworks" / "on_pytorch.py").is_file()
