"""The students' skeleton: it parses, it runs, it fails with words, and it is a valid notebook."""

from __future__ import annotations

import ast
import functools
import inspect
import json

import numpy as np
import pytest

from gradproof.grading.assignments import starter
from gradproof.grading.assignments.assignment import read, ready_made

KEYWORDS_OF_A_CELL = {"cell_type", "id", "metadata", "source"}


ready = functools.cache(read)
module, notebook = starter.module, starter.notebook


@pytest.fixture(params=ready_made(), ids=str)
def assignment(request):
    return ready(request.param)


def run(source: str) -> dict:
    names: dict = {}
    exec(compile(source, "starter.py", "exec"), names)
    return names


def test_the_module_runs_and_defines_every_name_that_is_called(assignment):
    names = run(module(assignment))
    assert names["np"] is np
    for task in assignment.tasks:
        for called in task.called:
            assert called in names, (task.name, called)


def test_what_is_to_be_written_fails_with_its_name(assignment):
    names = run(module(assignment))
    for name, thing in names.items():
        if inspect.isfunction(thing):
            with pytest.raises(NotImplementedError, match=f"write {name}"):
                thing(*[None] * len(inspect.signature(thing).parameters))
        elif inspect.isclass(thing) and thing.__module__ == "builtins":
            continue
        elif inspect.isclass(thing):
            made = thing(*[None] * (len(inspect.signature(thing).parameters)))
            for method, of in inspect.getmembers(thing, inspect.isfunction):
                if method != "__init__":
                    with pytest.raises(NotImplementedError, match=f"write {name}.{method}"):
                        of(made, *[None] * (len(inspect.signature(of).parameters) - 1))


def test_every_function_says_what_it_is_and_how_it_is_called(assignment):
    tree = ast.parse(module(assignment))
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            said = ast.get_docstring(node)
            assert said, node.name
            if isinstance(node, ast.FunctionDef):
                assert "Called as" in said, node.name


def test_lines_have_a_readable_length(assignment):
    long = [line for line in module(assignment).splitlines() if len(line) > 120 and "->" not in line]
    assert long == []


def test_the_notebook_has_the_same_functions(assignment):
    whole = json.loads(notebook(assignment))
    code = "\n".join("".join(cell["source"]) for cell in whole["cells"] if cell["cell_type"] == "code")
    mine = {n for n in run(code) if not n.startswith("__")}
    assert mine == {n for n in run(module(assignment)) if not n.startswith("__")}


def test_the_notebook_has_the_form_of_format_4_5(assignment):
    whole = json.loads(notebook(assignment))
    assert set(whole) == {"cells", "metadata", "nbformat", "nbformat_minor"}
    assert (whole["nbformat"], whole["nbformat_minor"]) == (4, 5)
    ids = [cell["id"] for cell in whole["cells"]]
    assert len(set(ids)) == len(ids)
    for cell in whole["cells"]:
        extra = {"execution_count", "outputs"} if cell["cell_type"] == "code" else set()
        assert set(cell) == KEYWORDS_OF_A_CELL | extra
        assert all(c.isalnum() or c in "-_" for c in cell["id"])
        assert len(cell["id"]) <= 64
        assert isinstance(cell["source"], list)
        assert all(isinstance(line, str) for line in cell["source"])


def test_the_notebook_is_valid_by_its_schema(assignment):
    nbformat = pytest.importorskip("nbformat", reason="nbformat holds the schema of notebooks")
    nbformat.validate(nbformat.reads(notebook(assignment), as_version=4))


def write(tmp_path, task: str):
    path = tmp_path / "a.toml"
    path.write_text(f'format = 1\nname = "a"\n\n[[task]]\nname = "t"\n{task}', encoding="utf-8")
    return read(path)


def test_words_shapes_and_variants_stand_in_the_docstring(tmp_path):
    source = module(
        write(
            tmp_path,
            'operation = "softmax_cross_entropy"\naccept = { reduction = ["mean", "sum"] }\n'
            'forward = "loss(logits, target) -> y, dlogits"\npoints = { forward = 1, backward = 1 }',
        )
    )
    said = run(source)["loss"].__doc__
    assert "Softmax cross-entropy" in said
    assert "logits: shape (N, C)" in said
    assert "target: shape (N,), whole numbers, class labels" in said
    assert "dlogits: gradient of the loss with respect to logits, shape (N, C)" in said
    assert "reduction: mean or sum, whichever you choose" in said


def test_the_gradients_formula_is_not_given_away(assignment):
    from gradproof.reference import operations

    source = module(assignment)
    for task in assignment.tasks:
        if task.operation and (backward := operations()[task.operation].backward):
            said = (backward.__doc__ or "").strip().splitlines()
            assert not said or said[0] not in source


def test_parameters_of_one_name_are_told_apart(tmp_path):
    source = module(
        write(tmp_path, 'operation = "relu"\nforward = "f(x, x.T, {}, 3) -> y, _"\npoints = { forward = 1 }')
    )
    assert list(inspect.signature(run(source)["f"]).parameters) == ["x", "x_", "param", "argument4"]


def test_a_text_with_quotes_and_backslashes_stays_python(tmp_path):
    text = "text = '''ends \"\"\" and \\\\ slashes'''\n"
    made = write(
        tmp_path, 'operation = "relu"\nforward = "f(x, \'\\"\\"\\"\') -> y"\npoints = { forward = 1 }\n' + text
    )
    run(module(made))
    json.loads(notebook(made))


def test_what_a_dict_of_parameters_holds_is_said():
    said = run(module(ready("cs231n-a2")))
    assert "bn_param: {'mode': 'train', 'eps': epsilon" in said["batchnorm_forward"].__doc__
    assert "afterwards bn_param['running_mean'] is new_mean" in " ".join(said["batchnorm_forward"].__doc__.split())
    assert "conv_param: {'stride': stride, 'pad': padding}" in said["conv_forward_naive"].__doc__
    assert "afterwards config['velocity'] is v_new" in said["sgd_momentum"].__doc__


def test_the_languages_functions_are_explained_and_axes_are_counted():
    said = run(module(ready("lecture-004")))
    assert "rows(a, b): a above b, a vector as one row" in said["back"].__doc__
    assert "x: shape (S1, S2)" in said["Dropout"].__doc__
    assert "shape ()" in run(module(ready("lecture-003")))["MultiplyLayer"].forward.__doc__


def test_nothing_is_said_twice_in_one_docstring(assignment):
    for node in ast.walk(ast.parse(module(assignment))):
        if isinstance(node, ast.FunctionDef):
            lines = [line for line in ast.get_docstring(node).splitlines() if ": shape" in line]
            assert len(set(lines)) == len(lines), node.name


def test_an_argument_that_only_some_calls_pass_is_optional():
    net = run(module(ready("cs231n-a1")))["TwoLayerNet"]
    assert str(inspect.signature(net.loss)) == "(self, x, target=None)"
    deep = run(module(ready("cs231n-a2")))["FullyConnectedNet"]
    assert str(inspect.signature(deep)) == "(values, input_dim, num_classes, reg, dtype, normalization=None)"
