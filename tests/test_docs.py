"""The documentation: its examples do what they show, the generated pages are whole, links lead somewhere.

Nothing here needs Sphinx: `tox run -e docs` builds the site.
"""

from __future__ import annotations

import argparse
import re
from functools import cache
from pathlib import Path

import pytest

from docs import blocks
from docs.blocks import Differs, Runner
from docs.generator import operation_page, pages, write
from docs.generator.verdicts import Verdicts
from gradproof.reference import operations

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
WRITTEN = sorted(path for path in DOCS.rglob("*.md") if "reference" not in path.relative_to(DOCS).parts)
OPERATIONS = operations()
SECTIONS = ("Formula", "Inputs and outputs", "Options", "Domain and regimes", "Kinks", "Known differences", "Verdicts")
FENCE = re.compile(r"^(`{3,}).*?^\1$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


@cache
def generated() -> dict[str, str]:
    return pages()


# -- the examples -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", WRITTEN, ids=lambda path: path.relative_to(DOCS).as_posix())
def test_examples_do_what_they_show(page: Path, tmp_path: Path):
    runner = Runner(tmp_path, page.relative_to(ROOT).as_posix())
    runner.run(page.read_text(encoding="utf-8"))
    if runner.skipped:
        pytest.skip("; ".join(runner.skipped))


def test_every_block_of_the_written_pages_is_run_or_is_data():
    """A language that is not run would be an example that nobody checks."""
    languages = {block.language for page in WRITTEN for block in blocks.blocks(page.read_text(encoding="utf-8"))}
    assert languages <= {"python", "output", "console", "diff", "toml", "ini", "yaml", "{toctree}"}
    for page in WRITTEN:
        for block in blocks.blocks(page.read_text(encoding="utf-8")):
            assert block.caption or block.language not in ("diff",), f"{page.name}, line {block.line}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("```python\nprint(1)\n```\n\n```output\n2\n```\n", "does not print what is shown"),
        ("```python\n1 / 0\n```\n", "line 1: ZeroDivisionError"),
        ("```console\n$ echo one\ntwo\n```\n", "`echo one` does not print"),
        ("```console\n$ echo one; echo two\none\n```\n", "does not print"),
        ("```console\n$ false\n```\n", "ended with 1"),
        ("```console\n$ gradproof check nothing.py\n```\n", "ended with 4"),
        ("```console\n$ false\n$ echo $?\n0\n```\n", "ended with 1"),
        ("```{code-block} diff\n:caption: a.py\n\n-x = 1\n+x = 2\n```\n", "a.py"),
    ],
)
def test_an_example_that_does_something_else_fails(text: str, said: str, tmp_path: Path):
    (tmp_path / "a.py").write_text("y = 1\n")
    with pytest.raises(Differs, match=re.escape(said)):
        Runner(tmp_path, "page.md").run(text)


@pytest.mark.parametrize(
    "text",
    [
        "```console\n$ printf 'a\\nb\\nc\\n'\na\n[...]\nc\n```\n",
        "```console\n$ echo at worst 0.31 of the allowance\nat worst 0.7 of the allowance\n```\n",
        "```console\n$ echo one two three\none [...] three\n```\n",
        "```{code-block} python\n:caption: b.py\n\nx = 1\n```\n\n```python\nimport b\nprint(b.x)\n```\n\n"
        "```output\n1\n```\n",
        "% needs: no_such_module_anywhere\n\n```python\n1 / 0\n```\n\n```output\n0\n```\n",
    ],
)
def test_an_example_that_does_what_it_shows_passes(text: str, tmp_path: Path):
    Runner(tmp_path, "page.md").run(text)


def test_what_is_not_run_is_said(tmp_path: Path):
    runner = Runner(tmp_path, "page.md")
    assert runner.run("% needs: no_such_module_anywhere\n\n```python\n1 / 0\n```\n") == 0
    assert runner.skipped == ["page.md, line 3: no_such_module_anywhere is not installed"]


LAYERS = """
import numpy as np


def affine_forward(x, w, b):
    return x @ w + b, (x, w)


def affine_backward(dy, cache):
    x, w = cache
    return dy @ w.T, x.T @ dy, dy.sum(axis=0)


def softmax_loss(scores, labels):
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = p / p.sum(axis=1, keepdims=True)
    n = len(labels)
    loss = -np.log(p[np.arange(n), labels]).mean()
    p[np.arange(n), labels] -= 1
    return loss, p
"""


@pytest.mark.parametrize(("name", "begins", "code"), [("affine", "affine: ", 0), ("softmax_loss", "softmax_loss: ", 1)])
def test_the_readme_shows_what_check_prints(
    name: str, begins: str, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    from gradproof.cli import main

    (tmp_path / "layers.py").write_text(LAYERS)
    every = blocks.blocks((ROOT / "README.md").read_text(encoding="utf-8"))
    (shown,) = (block.text for block in every if block.text.startswith(begins))
    assert main(["check", f"{tmp_path / 'layers.py'}:{name}"]) == code
    shown = re.sub(r"\[\.\.\. [^\]]*\]", "[...]", shown)  # the README says what was left out
    assert blocks.fits(f"{shown}[...]", capsys.readouterr().out)


# -- the generated pages --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_has_a_whole_page(name: str):
    op, text = OPERATIONS[name], generated()[f"operations/{name}.md"]
    assert text.startswith(f"# {name}\n")
    assert [section for section in SECTIONS if f"\n## {section}\n" not in text] == []
    assert f"def {op.forward.__name__}(" in text
    if op.backward is not None:
        assert f"def {op.backward.__name__}(" in text
    for i in op.inputs_for(op.defaults()):
        assert f"| `{i.name}` |" in text
    for option, values in op.options.items():
        assert f"| `{option}` | `{values[0]}` |" in text
    for framework in ("pytorch", "keras", "tensorflow", "jax"):
        assert re.search(rf"^\| `{framework}` \| (its own|own, composed|composed|absent)", text, re.MULTILINE)
    assert "No verdicts are at hand" in text


def test_a_page_tells_absence_composition_layouts_differences_and_causes():
    every = generated()
    assert "TensorFlow has no recurrent layer of its own: its Keras has" in every["operations/lstm.md"]
    assert "JAX has no recurrent layer of its own" in every["operations/lstm.md"]
    assert "| `pytorch` | `w` | `layer.weight` | `gradient.T` |" in every["operations/affine.md"]
    assert "clips probabilities" in every["operations/binary_cross_entropy.md"]
    assert "In keras: " in every["operations/celu.md"]
    assert "`approximate=tanh`" not in every["operations/softplus.md"]


def test_a_findings_file_gives_verdicts(tmp_path: Path):
    from gradproof.cli import main

    assert main(["audit", "relu", "--cases", "2", "--frameworks", "none", "--output", str(tmp_path)]) == 0
    verdicts = Verdicts(tmp_path)
    text = operation_page.page(OPERATIONS["relu"], [], verdicts)
    assert "| `numpy` | agree 0 |" in text
    assert "proved on 2 of 2 cases" in text
    assert "No verdicts are at hand" not in text
    assert "did not exercise" in operation_page.page(OPERATIONS["affine"], [], verdicts)
    with pytest.raises(ValueError, match=r"no findings file .*missing"):
        pages(tmp_path / "missing")


def test_pages_are_written_once_and_stale_ones_removed(tmp_path: Path):
    write(tmp_path)
    page = tmp_path / "operations" / "relu.md"
    before = page.stat().st_mtime_ns
    (tmp_path / "operations" / "no_longer_there.md").write_text("# gone\n")
    write(tmp_path)
    assert page.stat().st_mtime_ns == before
    assert not (tmp_path / "operations" / "no_longer_there.md").exists()


def parsers(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    """The parser's commands and theirs, straight from argparse."""
    found = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                found += [command, *parsers(command)]
    return found


def test_every_command_and_option_is_on_the_commands_page():
    from gradproof.cli import _parser

    text = generated()["commands.md"]
    commands = parsers(_parser())
    assert len(commands) > 10
    for command in commands:
        section = text.partition(f"\n## {command.prog}\n")[2].partition("\n## ")[0]
        assert section, f"{command.prog} has no section"
        options = [o for a in command._actions for o in a.option_strings if o not in ("-h", "--help")]
        assert [o for o in options if f"`{o}" not in section] == []
    for name in set(re.findall(r"^\| `gradproof ([a-z]+)", (ROOT / "README.md").read_text(), re.MULTILINE)):
        assert f"## gradproof {name}\n" in text


def test_every_field_of_the_schema_is_on_the_findings_page():
    import json

    schema = json.loads((ROOT / "reports" / "findings.schema.json").read_text())
    text = generated()["findings.md"]
    for record in ("header", "case", "finding", "detail", "vacuous", "end"):
        section = text.partition(f"\n## {record}\n")[2].partition("\n## ")[0]
        assert [f for f in schema["$defs"][record]["properties"] if f"| `{f}` |" not in section] == []


# -- links ----------------------------------------------------------------------------------------------------------


@cache
def texts() -> dict[str, str]:
    """Every page by its path in docs/, its code blocks left out."""
    written = {page.relative_to(DOCS).as_posix(): page.read_text(encoding="utf-8") for page in WRITTEN}
    every = {**written, **{f"reference/{name}": text for name, text in generated().items()}}
    return {name: FENCE.sub("", text) for name, text in every.items()}


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as MyST and GitHub make them."""
    titles = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.replace("\\", "").lower()).strip().replace(" ", "-") for title in titles}


def test_internal_links_resolve():
    broken = []
    for name, text in texts().items():
        for target in LINK.findall(text):
            if target.startswith(("https://", "http://")):
                continue
            path, _, anchor = target.partition("#")
            where = (DOCS / name).parent / path if path else DOCS / name
            there = where.resolve().relative_to(DOCS).as_posix()
            if there not in texts() or (anchor and anchor not in anchors(texts()[there])):
                broken.append(f"{name}: {target}")
    assert broken == []


def test_every_page_is_in_a_table_of_contents():
    listed = set()
    for page in [*WRITTEN, None]:
        name = "reference/operations/index.md" if page is None else page.relative_to(DOCS).as_posix()
        text = generated()["operations/index.md"] if page is None else page.read_text(encoding="utf-8")
        for block in blocks.blocks(text):
            if block.language == "{toctree}":
                entries = [line for line in block.text.splitlines() if line and not line.startswith(":")]
                listed |= {((DOCS / name).parent / f"{e}.md").relative_to(DOCS).as_posix() for e in entries}
    assert set(texts()) - listed == {"index.md"}


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_links_of_the_files_at_the_root_resolve(name: str):
    text = FENCE.sub("", (ROOT / name).read_text(encoding="utf-8"))
    relative = [target for target in LINK.findall(text) if not target.startswith("https://")]
    assert [target for target in relative if not (ROOT / target.partition("#")[0]).exists()] == []
