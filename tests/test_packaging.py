"""What `pip install` puts where: one top-level name, complete, and deaf to a user's own folders; pins that fit."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib import metadata
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
DATA_ONLY = {"assignments"}  # the answers in it are Python, and stay out: a submission may see what is installed
FOUND = "found"  # what audits found, kept in the checkout: no part of the program
BUNDLED = ("gradproof", "reference", "frameworks", "reports", "lectures", "networks")


def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def missing_build_tools() -> list[str]:
    """What pyproject.toml asks for to build, and pip, as far as this environment has no such version."""
    wanted = [*pyproject()["build-system"]["requires"], "pip"]
    return [text for text in wanted if not installed(Requirement(text))]


def installed(requirement: Requirement) -> bool:
    try:
        return requirement.specifier.contains(metadata.version(requirement.name), prereleases=True)
    except metadata.PackageNotFoundError:
        return False


no_build_tools = pytest.mark.skipif(
    bool(missing_build_tools()),
    reason=f"building a wheel without a download needs {', '.join(missing_build_tools())} in this environment",
)


def requirements() -> list[Requirement]:
    """Everything that the project and its extras ask for on the Python and platform of the pins."""
    project = pyproject()["project"]
    wanted = chain(project["dependencies"], *project["optional-dependencies"].values())
    pinned_for = {"python_version": "3.11", "sys_platform": "linux"}
    return [it for it in map(Requirement, wanted) if it.marker is None or it.marker.evaluate(pinned_for)]


def pins() -> dict[str, str]:
    found = {}
    for line in (ROOT / "constraints" / "py311.txt").read_text(encoding="utf-8").splitlines():
        line = line.partition("#")[0].strip()
        if line:
            name, version = line.split("==")
            found[canonicalize_name(name)] = version
    return found


def tox_dependencies(environment: str) -> set[str]:
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini", encoding="utf-8")
    lines = tox[f"testenv:{environment}"]["deps"].splitlines()
    return {canonicalize_name(Requirement(line).name) for line in lines if line and not line.startswith("-c")}


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of the checkout, built from a copy so that the build leaves nothing here."""
    source = tmp_path_factory.mktemp("source")
    for name in (*BUNDLED, *DATA_ONLY):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        if (ROOT / name).is_file():
            shutil.copy(ROOT / name, source / name)
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-cache-dir", "--no-index"]
    run = subprocess.run([*build, "-w", str(folder), str(source)], capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stdout + run.stderr
    (built,) = folder.glob("gradproof-*.whl")
    return built


@pytest.fixture(scope="session")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture
def hostile_folder(tmp_path: Path) -> Path:
    """A user's folder whose own files have the names of our packages and fail when they are imported."""
    trap = "raise RuntimeError('a file of the user was imported')\n"
    (tmp_path / "reference.py").write_text(trap)
    for name in ("reports", "frameworks"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(trap)
    return tmp_path


@no_build_tools
def test_the_wheel_installs_one_name(wheel: Path):
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"gradproof"}
    assert len(tops) == 2


@no_build_tools
def test_the_wheel_holds_every_file_of_the_bundled_folders(wheel: Path):
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    expected = set()
    for name in BUNDLED:
        for path in (ROOT / name).rglob("*"):
            if path.is_file() and not {"__pycache__", FOUND} & set(path.parts):
                inside = path.relative_to(ROOT).as_posix()
                expected.add(inside if name == "gradproof" else f"gradproof/{inside}")
    expected |= {f"gradproof/assignments/{path.name}" for path in (ROOT / "assignments").glob("*.toml")}
    assert expected - held == set(), "missing: list the package or its data in pyproject.toml"
    assert not [name for name in held if "answers" in name and "assignments" in name]


@no_build_tools
@pytest.mark.parametrize("module", ["gradproof.reference", "gradproof.frameworks", "gradproof.reports"])
def test_an_installed_package_never_takes_the_users_files(unpacked: Path, hostile_folder: Path, module: str):
    program = f"import {module} as it, gradproof; print(it.__file__); print(*gradproof.__path__)"
    run = subprocess.run(
        [sys.executable, "-B", "-c", program],
        cwd=hostile_folder,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(unpacked)},
    )
    assert run.returncode == 0, run.stderr
    where, path = run.stdout.splitlines()
    assert Path(where).is_relative_to(unpacked / "gradproof")
    assert path == str(unpacked / "gradproof")


@no_build_tools
def test_the_command_runs_from_the_users_folder(unpacked: Path, hostile_folder: Path):
    run = subprocess.run(
        [sys.executable, "-B", "-m", "gradproof", "--help"],
        cwd=hostile_folder,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(unpacked)},
    )
    assert run.returncode == 0, run.stderr
    assert "gradproof" in run.stdout


def test_every_folder_with_python_files_is_listed():
    setup = pyproject()["tool"]["setuptools"]
    folders = {path.parent.relative_to(ROOT).as_posix() for name in BUNDLED for path in (ROOT / name).rglob("*.py")}
    assert folders | DATA_ONLY == set(setup["package-dir"].values())
    assert set(setup["package-dir"]) == set(setup["packages"])


def test_every_pin_fits_what_the_project_asks_for():
    known = pins()
    for requirement in requirements():
        pinned = known.get(canonicalize_name(requirement.name))
        assert pinned is not None, f"constraints/py311.txt does not pin {requirement.name}"
        assert requirement.specifier.contains(pinned, prereleases=True), f"{requirement} excludes {pinned}"


def test_the_tests_environment_holds_all_dependencies_and_frameworks():
    names = {canonicalize_name(requirement.name) for requirement in requirements()}
    assert names - tox_dependencies("tests") == set()


@pytest.mark.parametrize("environment", ["tests", "lint", "types"])
def test_every_dependency_of_a_tox_environment_is_pinned(environment: str):
    assert tox_dependencies(environment) - set(pins()) == set()


def test_pins_name_no_build_of_their_own():
    unfit = {name: version for name, version in pins().items() if not re.fullmatch(r"\d+(\.\d+)*", version)}
    assert unfit == {}
