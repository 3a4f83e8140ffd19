"""The rows of tox.ini mean what they say: no condition that matches nothing, no name that nobody knows, no cell lost.

What tox makes of the file is asked from tox itself. Each rule is shown to fail on a tox.ini that breaks it.
"""

from __future__ import annotations

import configparser
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from gradproof.matrix.cell_name import BY_FACTOR, minor, parse

ROOT = Path(__file__).resolve().parent.parent
KEYS = ("description", "deps", "commands", "ignore_outcome", "set_env", "depends")


@dataclass(frozen=True)
class Rows:
    """What a tox.ini says. labels: label to environments; names: of all that the default or a label runs."""

    folder: Path
    text: str
    env_list: tuple[str, ...]
    labels: dict[str, list[str]]
    names: tuple[str, ...]
    skips: bool

    @cached_property
    def environments(self) -> dict[str, dict[str, Any]]:
        """Environment to its settings, as tox reads them."""
        return ask_tox(self.folder, "-e", ",".join(self.names), "-k", *KEYS)["env"]

    @property
    def cells(self) -> list[str]:
        return [name for name in self.names if re.match(r"py\d", name)]


def ask_tox(folder: Path, *arguments: str) -> dict[str, Any]:
    """`tox config` as JSON. The environment of an outer tox stays out."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("TOX", "_TOX"))}
    command = [sys.executable, "-m", "tox", "config", "--format", "json", *arguments]
    run = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=300, env=clean, stdin=subprocess.DEVNULL
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return json.loads(run.stdout)


def read(folder: Path) -> Rows:
    core = ask_tox(folder, "-e", "lint", "--core", "-k", "env_list", "labels", "skip_missing_interpreters")["tox"]
    names = tuple(dict.fromkeys([*core["env_list"], *chain.from_iterable(core["labels"].values())]))
    text = (folder / "tox.ini").read_text(encoding="utf-8")
    skips = core["skip_missing_interpreters"] is not False
    return Rows(folder, text, tuple(core["env_list"]), core["labels"], names, skips)


@cache
def here() -> Rows:
    return read(ROOT)


# -- the rules ---------------------------------------------------------------------------------------------------------


def conditions(text: str) -> set[str]:
    """Every factor that a condition in the file names: of `py310,np21-torch27: ...` these three, without "!"."""
    found = re.findall(r"^[ \t]+([\w.!,*-]+):(?=\s)", text, flags=re.MULTILINE)
    return {factor.lstrip("!") for line in found for factor in re.split(r"[,-]", line) if factor.lstrip("!")}


def dead_conditions(rows: Rows) -> list[str]:
    known = {factor for cell in rows.cells for factor in cell.split("-")}
    return [f"the condition {name}: matches no row" for name in sorted(conditions(rows.text) - known)]


def unknown_factors(rows: Rows) -> list[str]:
    conditioned = conditions(rows.text)
    found = [f"{cell}: {lie}" for cell in rows.cells for lie in parse(cell).lies]
    found += [f"{c}: no condition names {f}" for c in rows.cells for f in c.split("-") if f not in conditioned]
    return found + [f"{cell}: no factor says which Python" for cell in rows.names if not known_environment(rows, cell)]


def known_environment(rows: Rows, name: str) -> bool:
    return bool(re.match(r"py3\d+(-|$)", name)) or f"[testenv:{name}]" in rows.text


def undescribed(rows: Rows) -> list[str]:
    found = [f"{name} has no description" for name, about in rows.environments.items() if not about["description"]]
    for cell in rows.cells:
        said = rows.environments[cell]["description"]
        for factor, digits in parse(cell).versions.items():
            what = f"{BY_FACTOR[factor].title} {digits[0]}.{digits[1:]}"
            if not re.search(rf"{re.escape(what)}(?!\d)", said):
                found.append(f"the description of {cell} does not say {what}: {said}")
    return found


def unlabelled(rows: Rows) -> list[str]:
    labelled = set(chain.from_iterable(rows.labels.values()))
    found = [f"{cell} is in no label" for cell in rows.cells if cell not in labelled]
    in_matrix = rows.labels.get("matrix", [])
    return found + [f"{cell} is not in the label matrix" for cell in rows.cells if cell not in in_matrix]


def silent_losses(rows: Rows) -> list[str]:
    """Settings by which a cell that is absent or failed counts as a success."""
    found = []
    if rows.skips or not re.search(r"^skip_missing_interpreters = false$", rows.text, flags=re.MULTILINE):
        found.append("skip_missing_interpreters is not false: a missing interpreter would be a success")
    found += [f"the exit code of `{command}` is ignored" for command in unheeded(rows.text)]
    for name, about in rows.environments.items():
        if about["ignore_outcome"]:
            found.append(f"{name}: ignore_outcome hides a failure")
        if not about["commands"]:
            found.append(f"{name} runs nothing")
    return found


def unheeded(text: str) -> list[str]:
    """Commands whose exit code tox is told to ignore ("-"), to turn round ("!"), or that hide it themselves."""
    file = configparser.ConfigParser(interpolation=None)
    file.read_string(text)
    keys = ("commands_pre", "commands", "commands_post")
    lines = [line for section in file.values() for key in keys for line in section.get(key, "").splitlines()]
    commands = [re.sub(r"^\s*[\w.!,*-]+:\s+", "", line).strip() for line in lines]
    return [command for command in commands if command.startswith(("-", "!")) or "|| true" in command]


def not_cells(rows: Rows) -> list[str]:
    """Rows that do not prove their own name on the shared cases."""
    found, files = [], set()
    for cell in rows.cells:
        last = rows.environments[cell]["commands"][-1] if rows.environments[cell]["commands"] else ""
        match = re.fullmatch(rf"python -m gradproof cell {re.escape(cell)} --cases (\S+) --output (\S+) --record", last)
        if match is None:
            found.append(f"{cell} does not run `gradproof cell {cell}`, but: {last}")
        else:
            files.add(match.groups())
        if "cases" not in names_in(rows.environments[cell]["depends"]):
            found.append(f"{cell} does not wait for the cases")
    return found + ([f"the cells do not share one case file: {sorted(files)}"] if len(files) > 1 else [])


def names_in(value: Any) -> list[str]:
    return [str(each) for each in (value if isinstance(value, list) else str(value).split())]


def wrong_pins(rows: Rows) -> list[str]:
    """Rows that pin another version than their names say, none at all, or no era."""
    found = []
    for cell in rows.cells:
        deps = [dep for dep in rows.environments[cell]["deps"] if not dep.startswith("-c")]
        eras = [dep for dep in rows.environments[cell]["deps"] if dep.startswith("-c")]
        era = next((f for f in cell.split("-") if f.startswith("np") or f == "lowest"), "?")
        if eras != [f"-c constraints/{era}.txt"]:
            found.append(f"{cell} is constrained by {eras}, and not by constraints/{era}.txt")
        pinned = {canonicalize_name(Requirement(dep).name): pin_of(Requirement(dep)) for dep in deps}
        for factor, digits in parse(cell).versions.items():
            distributions = BY_FACTOR[factor].distributions
            pins = [pinned[name] for name in distributions if pinned.get(name)]
            if distributions and [minor(pin) for pin in pins] != [digits]:
                found.append(f"{cell} installs {pins or 'nothing'} for {factor}{digits}")
    return found


def pin_of(requirement: Requirement) -> str:
    (bound,) = requirement.specifier or [None]
    return bound.version if bound is not None and bound.operator == "==" else ""


RULES = {
    rule.__name__: rule
    for rule in (dead_conditions, unknown_factors, undescribed, unlabelled, silent_losses, not_cells, wrong_pins)
}


@pytest.mark.parametrize("rule", RULES)
def test_the_rows_of_tox_ini(rule: str):
    assert RULES[rule](here()) == []


BARE = "py311-np24-bare"
FULL = "py311-np24-torch213-tf221-keras315-jax010"
BROKEN = {
    "a condition with another factor": (
        "dead_conditions",
        "    torch213: torch==2.13.0",
        "    torch: torch==2.13.0",
        "torch: matches no row",
    ),
    "a typing error in env_list": (
        "unknown_factors",
        f"\n    {FULL}\n",
        "\n    py311-np24-tocrh213-tf221\n",
        "'tocrh213', which is no factor",
    ),
    "a factor that nothing uses": (
        "unknown_factors",
        "py310-np22-bare, py3",
        "py310-np22-torch214, py3",
        "no condition names torch214",
    ),
    "a cell without its Python": (
        "unknown_factors",
        f"\n    {BARE}\n",
        "\n    np24-bare\n",
        "no factor says which Python",
    ),
    "no description of a factor": ("undescribed", "    tf221: TensorFlow 2.21,\n", "", "does not say TensorFlow 2.21"),
    "a row outside every label": (
        "unlabelled",
        f"\n    {BARE}\n",
        "\n    py312-np22-bare\n",
        "py312-np22-bare is in no label",
    ),
    "missing interpreters skipped": (
        "silent_losses",
        "skip_missing_interpreters = false",
        "skip_missing_interpreters = true",
        "would be a success",
    ),
    "an exit code ignored": (
        "silent_losses",
        "    python -m gradproof cell",
        "    - python -m gradproof cell",
        "is ignored",
    ),
    "a cell of another name": (
        "not_cells",
        "gradproof cell {env_name}",
        "gradproof cell py311-np24-bare",
        "does not run",
    ),
    "a pin of another version": (
        "wrong_pins",
        "tf221: tensorflow-cpu==2.21.0",
        "tf221: tensorflow-cpu==2.20.0",
        "2.20.0",
    ),
    "a pin that is missing": ("wrong_pins", "    keras315: keras==3.15.1\n", "", "installs nothing for keras315"),
    "no era": ("wrong_pins", "    np24: -c constraints/np24.txt\n", "", "and not by constraints/np24.txt"),
}

# These change what tox runs; the others leave the names as they are, which saves asking for them.
NAMED = {good for good in (each[1] for each in BROKEN.values()) if BARE in good or FULL in good or "py310" in good}
NAMED.add("skip_missing_interpreters = false")


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_tox_ini_is_found(what: str, tmp_path: Path):
    rule, good, bad, complaint = BROKEN[what]
    text = here().text
    assert good in text, f"tox.ini has no {good!r}"
    (tmp_path / "tox.ini").write_text(text.replace(good, bad), encoding="utf-8")
    broken = read(tmp_path) if good in NAMED else replace(here(), folder=tmp_path, text=text.replace(good, bad))
    found = RULES[rule](broken)
    assert any(complaint in each for each in found), found


# -- what people ask for -----------------------------------------------------------------------------------------------


def test_labels_for_people():
    assert {"quick", "matrix", "keras-backends"} <= set(here().labels)
    assert set(here().env_list) >= set(here().labels["quick"]), "the default run is the quick cells, lint and types"


def test_the_default_run_needs_python_311_alone():
    assert {name.split("-")[0] for name in here().cells if name in here().env_list} == {"py311"}


def versions(factor: str) -> set[str]:
    return {parse(cell).versions.get(factor, "") for cell in here().cells} - {""}


def test_the_matrix_spans_what_is_promised():
    assert versions("py") == {"310", "311", "312", "313"}
    assert versions("tf") == {"218", "219", "220", "221"}
    assert {"314", "315"} <= versions("keras")
    assert "126" in versions("np") and len(versions("np")) >= 3
    assert "213" in versions("torch") and len(versions("torch")) >= 2
    bare = {parse(cell).versions["py"] for cell in here().cells if "bare" in parse(cell).words}
    assert bare == {"310", "311", "312", "313"}


def test_keras_has_a_row_for_each_backend_and_release():
    claims = [parse(cell) for cell in here().labels["keras-backends"] if re.match(r"py\d", cell)]
    backends = {(c.versions["keras"], c.words[0] if c.words else "tensorflow") for c in claims}
    assert backends == {(keras, b) for keras in ("314", "315") for b in ("tensorflow", "kerastorch", "kerasjax")}


def test_cells_differ_by_their_versions_and_not_by_their_hash_seed():
    settings = {cell: str(here().environments[cell]["set_env"]) for cell in here().cells}
    assert {cell for cell, said in settings.items() if not re.search(r"PYTHONHASHSEED\W+0\b", said)} == set()


def test_what_is_merged_comes_last():
    for label, names in here().labels.items():
        assert names[0] == "cases"
        (merge,) = (name for name in names if name.startswith("merge"))
        command = here().environments[merge]["commands"][-1]
        asked = re.search(r"--label (\S+)", command)
        assert (asked[1] if asked else "quick") == label
        assert names_in(here().environments[merge]["depends"]) == [f"py{v}-*" for v in ("310", "311", "312", "313")]


# -- constraints -------------------------------------------------------------------------------------------------------


def pins(path: Path) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            requirement = Requirement(line)
            found.setdefault(canonicalize_name(requirement.name), set()).add(pin_of(requirement))
    return found


def eras() -> list[str]:
    return sorted(path.name for path in (ROOT / "constraints").glob("*.txt"))


@pytest.mark.parametrize("name", eras())
def test_constraints_are_exact_and_used(name: str):
    for distribution, versions_ in pins(ROOT / "constraints" / name).items():
        assert all(re.fullmatch(r"\d+(\.\d+)*", version) for version in versions_), distribution
    assert f"-c constraints/{name}" in here().text, f"no environment uses constraints/{name}"


def test_the_current_era_is_the_one_that_the_tests_run_on():
    tests, era = pins(ROOT / "constraints" / "py311.txt"), pins(ROOT / "constraints" / "np24.txt")
    assert {name: version for name, version in era.items() if name in tests and not tests[name] <= version} == {}
    for dep in here().environments[FULL]["deps"]:
        if "==" in dep:
            requirement = Requirement(dep)
            assert tests[canonicalize_name(requirement.name)] == {pin_of(requirement)}


def test_a_version_stands_in_one_place():
    factors = set(re.findall(r"^\s+\w+: ([a-z0-9-]+)==", here().text, flags=re.MULTILINE))
    for name in eras():
        if name != "py311.txt":
            assert factors & set(pins(ROOT / "constraints" / name)) == set(), f"{name} pins what tox.ini pins"
