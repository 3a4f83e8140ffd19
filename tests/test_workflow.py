"""The workflow for GitHub: least rights, pinned actions, commands that exist, results that are shown and kept."""

from __future__ import annotations

import re
import shutil
import subprocess
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml

from gradproof.matrix.expected import from_tox

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "gradproof.yml").read_text(encoding="utf-8"))
# YAML 1.1 reads the key `on` as a truth value.
EVENTS = WORKFLOW.get("on", WORKFLOW.get(True))


def steps(job: str) -> list[dict[str, Any]]:
    return WORKFLOW["jobs"][job]["steps"]


def scripts(job: str) -> str:
    return "\n".join(step["run"] for step in steps(job) if "run" in step)


def index(job: str, words: str) -> int:
    (found,) = (k for k, step in enumerate(steps(job)) if words in str(step))
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_actions_are_pinned_to_commits(path: Path):
    used = re.findall(r"^\s*(?:- )?uses:\s*(.*)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert used
    assert [each for each in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)+", each)] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_one_action_is_one_commit(path: Path):
    pins: dict[str, set[str]] = {}
    for name, commit in re.findall(r"uses:\s*([\w./-]+)@(\S+)", path.read_text(encoding="utf-8")):
        pins.setdefault(name, set()).add(commit)
    assert {name for name, commits in pins.items() if len(commits) > 1} == set()


def test_a_run_may_read_the_repository_and_nothing_else():
    assert WORKFLOW["permissions"] == {"contents": "read"}
    assert all("permissions" not in job for job in WORKFLOW["jobs"].values())
    assert "pull_request_target" not in EVENTS
    assert "secrets." not in str(WORKFLOW)
    for job in WORKFLOW["jobs"]:
        assert steps(job)[index(job, "actions/checkout@")]["with"]["persist-credentials"] is False


def test_nothing_that_a_stranger_writes_reaches_a_shell():
    assert not [job for job in WORKFLOW["jobs"] if "${{" in scripts(job)]


def test_quick_on_a_change_and_the_matrix_every_week():
    assert {"push", "pull_request", "schedule"} <= set(EVENTS)
    (cron,) = (each["cron"] for each in EVENTS["schedule"])
    minute, hour, day, month, weekday = cron.split()
    assert (day, month) == ("*", "*") and all(re.fullmatch(r"\d+", part) for part in (minute, hour, weekday))
    quick, matrix = WORKFLOW["jobs"]["quick"]["if"], WORKFLOW["jobs"]["matrix"]["if"]
    assert "'pull_request'" in quick and "'push'" in quick and "schedule" not in quick
    assert "'schedule'" in matrix and "pull_request" not in matrix
    assert all(job["timeout-minutes"] <= 360 for job in WORKFLOW["jobs"].values())


def test_every_environment_that_is_run_exists():
    tox = (ROOT / "tox.ini").read_text(encoding="utf-8")
    for job in WORKFLOW["jobs"]:
        for environment in re.findall(r"tox run -e ([\w,-]+)", scripts(job)):
            assert f"[testenv:{environment}]" in tox
        for label in re.findall(r"tox (?:run|list) -m ([\w-]+)", scripts(job)):
            assert from_tox(ROOT / "tox.ini", label).cells


def test_the_matrix_has_an_interpreter_for_each_cell():
    wanted = {name.split("-")[0].removeprefix("py3") for name in from_tox(ROOT / "tox.ini", "matrix").cells}
    given = steps("matrix")[index("matrix", "actions/setup-python@")]["with"]["python-version"].split()
    assert {version.removeprefix("3.") for version in given} == wanted
    assert given[-1] == "3.11", "the last one is `python`, from which tox runs"


@pytest.mark.parametrize("job", ["quick", "matrix"])
def test_a_failed_run_is_shown_and_kept_too(job: str):
    summary, upload = steps(job)[index(job, "GITHUB_STEP_SUMMARY")], steps(job)[index(job, "upload-artifact@")]
    assert "!cancelled()" in summary["if"] and "!cancelled()" in upload["if"]
    assert "cells/matrix.md" in summary["run"] and "hashFiles('cells/matrix.md')" in summary["if"]
    assert upload["with"]["path"] == "cells/"
    ran = [k for k, step in enumerate(steps(job)) if "tox run" in step.get("run", "")]
    assert max(ran) < index(job, "GITHUB_STEP_SUMMARY") < index(job, "upload-artifact@")


def test_a_cell_that_fails_fails_the_run_and_does_not_stop_the_others(tmp_path: Path):
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("the workflow's scripts are for bash, which is not here")
    script = steps("matrix")[index("matrix", "tox list -m matrix")]["run"]
    fake = tmp_path / "python"
    fake.write_text(
        "#!/bin/sh\n"
        'case "$*" in\n'
        "*list*) printf 'cases\\npy310-a\\npy311-b\\npy312-c\\nmerge-matrix\\n' ;;\n"
        '*py311-b*) echo "$*" >> ran; exit 1 ;;\n'
        '*) echo "$*" >> ran ;;\n'
        "esac\n"
    )
    fake.chmod(0o755)
    path = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    run = subprocess.run([bash, "-e", "-c", script], cwd=tmp_path, env=path, capture_output=True, text=True, timeout=60)
    assert (tmp_path / "ran").read_text().split("\n")[:3] == [
        f"-m tox run -e {c}" for c in ("py310-a", "py311-b", "py312-c")
    ]
    assert run.returncode == 1 and "py311-b" in run.stdout and "py310-a" not in run.stdout


def test_every_step_does_something():
    for step in chain.from_iterable(map(steps, WORKFLOW["jobs"])):
        assert ("uses" in step) != ("run" in step), step
