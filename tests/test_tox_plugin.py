"""Beside tox.ini: the plugin that finds pyenv's interpreters, the lower bounds as pins, the constraints of an era."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent


def load(path: Path) -> ModuleType:
    """A file that is no module of a package, imported from where it is."""
    spec = importlib.util.spec_from_file_location(f"beside_tox_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.parent))
    return module


plugin = load(ROOT / "toxfile.py")
lowest = load(ROOT / "constraints" / "lowest.py")
eras = load(ROOT / "constraints" / "eras.py")


# -- interpreters ------------------------------------------------------------------------------------------------------


def executable(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def pyenv(tmp_path: Path) -> Path:
    for version in ("3.12.1", "3.12.10", "3.12.9", "3.13.0", "2.7.18", "3.13-dev", "pypy3.10-7.3"):
        executable(tmp_path / "versions" / version / "bin" / "python")
    for name in ("python3.12", "python3.13"):
        executable(tmp_path / "shims" / name)
    return tmp_path


def found(root: Path, path: str) -> list[str]:
    return [each.parent.parent.name for each in plugin.interpreters(root, path)]


def test_the_newest_release_of_each_minor_version_is_offered(pyenv: Path):
    assert found(pyenv, "") == ["3.12.10", "3.13.0"]


def test_a_shim_on_path_is_no_interpreter(pyenv: Path):
    assert found(pyenv, str(pyenv / "shims")) == ["3.12.10", "3.13.0"]


def test_an_interpreter_on_path_is_left_to_tox(pyenv: Path, tmp_path: Path):
    own = executable(tmp_path / "bin" / "python3.12").parent
    assert found(pyenv, f"{pyenv / 'shims'}:{own}") == ["3.13.0"]


def test_without_pyenv_nothing_is_offered(tmp_path: Path):
    assert found(tmp_path / "absent", "") == []


def test_pyenv_is_where_its_variable_says():
    assert plugin.pyenv_root({"PYENV_ROOT": "/opt/pyenv"}) == Path("/opt/pyenv")
    assert plugin.pyenv_root({}) == Path.home() / ".pyenv"


# -- lower bounds ------------------------------------------------------------------------------------------------------


def test_lower_bounds_become_pins():
    project = {
        "dependencies": ["numpy>=2.0", "tomli>=1.1; python_version < '3'", "rich >= 13.1, < 99"],
        "optional-dependencies": {"pytorch": ["torch>=2.6"], "grading": ["dask[distributed]>=2024.1"], "other": ["x"]},
    }
    assert lowest.lowest(project, ["pytorch", "grading"]) == [
        "numpy==2.0", "rich==13.1", "torch==2.6", "dask[distributed]==2024.1",
    ]  # fmt: skip


@pytest.mark.parametrize("bound", ["numpy", "numpy<3", "numpy>=1,>=2"])
def test_a_requirement_without_one_lower_bound_is_an_error(bound: str):
    with pytest.raises(ValueError, match=r"lower bounds: write one, as in numpy>=1.0"):
        lowest.pinned(Requirement(bound))


def test_an_unknown_extra_is_an_error():
    with pytest.raises(ValueError, match="there is no extra 'torch'; known are pytorch"):
        lowest.lowest({"optional-dependencies": {"pytorch": []}}, ["torch"])


def test_bounds_that_are_missing_are_said_in_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "pyproject.toml"
    file.write_text('[project]\ndependencies = ["numpy"]\n')
    assert lowest.main([str(file)]) == 4
    assert capsys.readouterr().err.count("\n") == 1


def test_the_projects_own_bounds(tmp_path: Path):
    out = tmp_path / "sub" / "lowest.txt"
    extras = [word for extra in ("pytorch", "keras", "jax") for word in ("--extra", extra)]
    assert lowest.main([str(ROOT / "pyproject.toml"), *extras, "--output", str(out)]) == 0
    names = {line.partition("==")[0] for line in out.read_text().splitlines()}
    assert {"numpy", "torch", "keras", "jax", "jaxlib"} <= names
    constrained = (ROOT / "constraints" / "lowest.txt").read_text()
    assert not [name for name in names if f"\n{name}==" in constrained], "a bound stands in pyproject.toml alone"


# -- eras --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "era"),
    [("py311-np24-torch213", "np24"), ("py311-np126-tf218", "np126"), ("py310-lowest", "lowest"), ("tests", "")],
)
def test_the_era_of_an_environment(environment: str, era: str):
    assert eras.era(environment) == era


def test_an_era_is_what_its_cells_have():
    installed = {
        "py310-np22-bare": {"numpy": "2.2.6", "MarkupSafe": "3.0.4", "pip": "26.3", "scipy": "1.15.3"},
        "py313-np22-tf220": {"numpy": "2.2.6", "markupsafe": "3.0.4", "scipy": "1.18.1", "torch_x": "1.0+cpu"},
    }
    assert eras.constraints(installed, ["numpy"]) == [
        "markupsafe==3.0.4",
        'scipy==1.15.3; python_version == "3.10"',
        'scipy==1.18.1; python_version == "3.13"',
        "torch-x==1.0",
    ]


def test_two_cells_of_one_python_that_disagree_are_an_error():
    installed = {"py311-np24-bare": {"wrapt": "1.0"}, "py311-np24-tf221": {"wrapt": "2.0"}}
    with pytest.raises(ValueError, match=r"py311-np24-tf221 has wrapt 2.0, another cell of Python 3.11 has 1.0"):
        eras.constraints(installed, [])


def test_what_tox_pins_is_read_from_its_factors():
    text = "deps =\n    np24: -c np24.txt\n    np24: numpy==2.4.6\n    tf221,tf: tensorflow-cpu==2.21.0\n    rich\n"
    assert eras.pinned_by_tox(text) == {"numpy", "tensorflow-cpu"}
