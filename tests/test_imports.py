"""Dependencies point one way, and importing stays cheap: read from the sources and seen in fresh processes."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OUR_PACKAGES = {"frameworks", "gradproof", "reference", "reports"}
FRAMEWORKS = {"jax", "jaxlib", "keras", "tensorflow", "torch"}
HEAVY = FRAMEWORKS | {"flint", "hypothesis", "jinja2", "matplotlib", "pytest", "rich"}
STANDARD = set(sys.stdlib_module_names) | {"tomli"}  # tomllib, as Python 3.10 has it


def sources(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imports(source: str, module_level_only: bool = False) -> Iterator[str]:
    """Top-level names that a source imports; of a relative import only its dots.

    What stands under `if TYPE_CHECKING:` is not imported when the program runs.
    """
    pending: list[ast.AST] = [ast.parse(source)]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            pending.extend(node.orelse)
            continue
        if module_level_only and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level or (node.module or "").partition(".")[0]
        pending.extend(ast.iter_child_nodes(node))


def outside(package: str, module_level_only: bool = False) -> dict[str, set[str]]:
    """For each source of a package, the names that it imports from outside of it and the standard library.

    A relative import that climbs out of the package counts as "..".
    """
    found = {}
    for path in sources(package):
        depth = len(path.relative_to(ROOT / package).parts)
        names = set(imports(path.read_text(encoding="utf-8"), module_level_only)) - STANDARD
        climbing = {".." for name in names if name.startswith(".") and len(name) > depth}
        found[str(path.relative_to(ROOT))] = {name for name in names if not name.startswith(".")} | climbing
    return found


def loaded_by(statement: str, *, cwd: Path = ROOT) -> set[str]:
    """Top-level names of the modules that a fresh Python holds after `statement`, started in the checkout."""
    program = f"import json, sys\n{statement}\nprint(json.dumps(sorted(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-B", "-c", program],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert run.returncode == 0, run.stderr
    return {name.partition(".")[0] for name in json.loads(run.stdout.splitlines()[-1])}


def importable(package: str) -> list[str]:
    """Modules of a package that its folder holds, as dotted names."""
    names = []
    for path in sources(package):
        dotted = path.relative_to(ROOT).with_suffix("").parts
        names.append(".".join(dotted[:-1] if dotted[-1] == "__init__" else dotted))
    return names


def test_an_import_out_of_the_package_is_seen():
    source = (
        "import torch.nn\nfrom ..gradproof import x\nfrom . import y\n"
        "def f():\n    import jax\nif TYPE_CHECKING:\n    import flint\nelse:\n    import rich\n"
    )
    assert set(imports(source)) == {"torch", ".", "..", "jax", "rich"}
    assert set(imports(source, module_level_only=True)) == {"torch", ".", "..", "rich"}


def test_reference_imports_numpy_only():
    assert {path: names - {"numpy"} for path, names in outside("reference").items() if names - {"numpy"}} == {}


def test_importing_reference_loads_numpy_only():
    loaded = loaded_by(";".join(f"import {name}" for name in importable("reference")))
    assert "numpy" in loaded
    assert loaded & (HEAVY | OUR_PACKAGES) == {"reference"}


def test_frameworks_import_no_framework_at_module_level():
    found = outside("frameworks", module_level_only=True)
    assert {path: names - {"numpy"} for path, names in found.items() if names - {"numpy"}} == {}


def test_frameworks_import_neither_the_judge_nor_the_reference():
    found = outside("frameworks")
    forbidden = OUR_PACKAGES | {".."}
    assert {path: names & forbidden for path, names in found.items() if names & forbidden} == {}


def test_importing_frameworks_loads_no_framework():
    loaded = loaded_by(";".join(f"import {name}" for name in importable("frameworks")))
    assert loaded & (HEAVY | OUR_PACKAGES) == {"frameworks"}


def test_reports_import_none_of_the_others():
    forbidden = (OUR_PACKAGES - {"reports"}) | {".."} | FRAMEWORKS | {"flint", "hypothesis"}
    found = outside("reports")
    assert {path: names & forbidden for path, names in found.items() if names & forbidden} == {}


def test_importing_reports_loads_none_of_the_others():
    loaded = loaded_by(";".join(f"import {name}" for name in importable("reports")))
    assert loaded & (FRAMEWORKS | OUR_PACKAGES | {"flint", "hypothesis"}) == {"reports"}


def test_the_judge_reaches_the_others_only_through_its_own_name():
    found = outside("gradproof")
    assert {path: names & OUR_PACKAGES for path, names in found.items() if names & OUR_PACKAGES} == {}


MEASURED = "gradproof/power/checkers/"  # the frameworks' own gradient checkers, called in a process of their own


def test_no_module_of_the_judge_imports_a_framework():
    found = {path: names & FRAMEWORKS for path, names in outside("gradproof").items() if names & FRAMEWORKS}
    assert [path for path in found if not path.startswith(MEASURED)] == []


def test_the_measured_checkers_import_their_framework_only_when_called():
    found = outside("gradproof", module_level_only=True)
    assert {path: names & FRAMEWORKS for path, names in found.items() if names & FRAMEWORKS} == {}
    assert loaded_by("import gradproof.power.run") & FRAMEWORKS == set()


def test_import_gradproof_is_cheap():
    loaded = loaded_by("import gradproof; gradproof.__version__; dir(gradproof)")
    assert loaded & (HEAVY | {"numpy", "reference", "frameworks", "reports"}) == set()


def test_the_check_needs_neither_framework_nor_hypothesis_nor_reports():
    assert loaded_by("import gradproof.checking") & (HEAVY - {"flint"}) == set()


def test_check_is_the_function_whatever_was_imported_before():
    statement = "import gradproof, gradproof.checking; assert callable(gradproof.check), gradproof.check"
    loaded_by(statement)
    loaded_by("from gradproof import check, Finding, Mismatch; assert issubclass(Mismatch, Exception)")


def test_an_unknown_attribute_is_an_attribute_error():
    import gradproof

    with pytest.raises(AttributeError, match="no attribute 'chekc'"):
        _ = gradproof.chekc


@pytest.mark.parametrize("package", ["reference", "frameworks", "reports"])
def test_the_checkout_serves_the_bundled_packages(package: str, tmp_path: Path):
    (tmp_path / f"{package}.py").write_text("raise RuntimeError('a file of the user was imported')\n")
    statement = (
        f"import sys; sys.path.insert(0, ''); import gradproof.{package} as it; "
        f"assert it.__name__ == 'gradproof.{package}', it.__name__"
    )
    loaded_by(statement, cwd=tmp_path)
