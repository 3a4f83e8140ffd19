"""Cases: ids that rebuild them, the same bits everywhere, and regimes that do what their names say."""

from __future__ import annotations

import hashlib
import itertools
import math
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gradproof.cases import LAYOUTS, REGIMES, Spec, axes, build, parse, regimes, shape_of, simpler, starred
from gradproof.drawing import draw_spec, plain_specs, specs
from gradproof.pair import of_operation
from gradproof.reference import operations

ROOT = Path(__file__).resolve().parents[1]
OPERATIONS = operations()
every_operation = pytest.mark.parametrize("name", OPERATIONS)
quick = settings(
    max_examples=60, database=None, deadline=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck)
)


def drawn(op, count, regime=None, seed=0):
    """Specs as Hypothesis draws them."""
    found = []

    @hypothesis.seed(seed)
    @settings(quick, max_examples=count)
    @given(specs(op, regime=regime))
    def collect(spec):
        found.append(spec)

    collect()
    return found


def digest(case):
    parts = [(n, x.dtype.name, x.shape, x.strides, x.tobytes()) for n, x in case.inputs.items()]
    parts += [(dy.dtype.name, dy.shape, dy.tobytes()) for dy in case.cotangents]
    return hashlib.sha256(repr(parts).encode()).hexdigest()


# -- ids --------------------------------


@every_operation
def test_an_id_rebuilds_its_spec(name):
    op = OPERATIONS[name]

    @quick
    @given(specs(op), st.one_of(st.none(), st.integers(0, 9)))
    def round_trip(spec, digits):
        spec = Spec(**{**vars(spec), "digits": digits})
        assert parse(spec.id, OPERATIONS) == spec
        assert " " not in spec.id and spec.id.isascii()

    round_trip()


@every_operation
def test_every_simpler_spec_has_an_id_too(name):
    for spec in drawn(OPERATIONS[name], 15):
        for other in simpler(spec, OPERATIONS[name].sizes):
            assert parse(other.id, OPERATIONS) == other
            build(other, OPERATIONS[name])


def test_shrinking_ends():
    spec = drawn(OPERATIONS["affine"], 1)[0]
    for _ in range(500):
        options = simpler(spec)
        if not options:
            break
        spec = options[0]
    assert simpler(spec) == []
    assert spec.layout == "contiguous" and all(size == 1 for _, size in spec.sizes)


MALFORMED = {
    "": "not a case id",
    "affine": "not a case id",
    "affine:f64:N3,D2,M4:-:ordinary:contiguous:17:r1:x": "not a case id",
    "afine:f64:N3,D2,M4:-:ordinary:contiguous:17": "no operation 'afine'",
    "affine:f16:N3,D2,M4:-:ordinary:contiguous:17": "unknown dtype 'f16'",
    "affine:f64:N3,D2,M4:-:odd:contiguous:17": "unknown regime 'odd'",
    "affine:f64:N3,D2,M4:-:ordinary:packed:17": "unknown layout 'packed'",
    "affine:f64:N3,D2:-:ordinary:contiguous:17": "has the axes N, D, M",
    "affine:f64:N3,D2,M4,K5:-:ordinary:contiguous:17": "has the axes N, D, M",
    "affine:f64:N3,N3,D2,M4:-:ordinary:contiguous:17": "has the axes N, D, M",
    "affine:f64:-:-:ordinary:contiguous:17": "has the axes N, D, M",
    "affine:f64:N3,D2,M:-:ordinary:contiguous:17": "'M' is not an axis with its size",
    "affine:f64:N3,D2,M-4:-:ordinary:contiguous:17": "'M-4' is not an axis",
    "affine:f64:N3,D2,M99999:-:ordinary:contiguous:17": "'M99999' is not an axis",
    "affine:f64:N3x4,D2,M4:-:ordinary:contiguous:17": "sizes like 2x3",
    "affine:f64:N0d,D2,M4:-:ordinary:contiguous:17": "sizes like 2x3",
    "affine:f64:N3,D0,M4:-:ordinary:contiguous:17": "only N may be empty",
    "hinge:f64:N0,C3:margin=1.0,reduction=mean,per_class=False:ordinary:contiguous:1": "only none may be empty",
    "affine:f64:N9999,D9999,M4:-:ordinary:contiguous:17": "too large",
    "relu:f64:S9999x9999x9999x9999:-:ordinary:contiguous:17": "too large",
    "affine:f64:N3,D2,M4:-:ordinary:contiguous:x": "the seed is a whole number",
    "affine:f64:N3,D2,M4:-:ordinary:contiguous:-1": "the seed is a whole number",
    "affine:f64:N3,D2,M4:-:ordinary:contiguous:²": "the seed is a whole number",
    "affine:f64:N3,D2,M4:-:ordinary:contiguous:" + "9" * 5000: "the seed is a whole number",
    "affine:f64:N3,D2,M4:-:ordinary:contiguous:17:1": "rounding looks like r1",
    "affine:f64:N3,D2,M4:-:ordinary:contiguous:17:r12": "rounding looks like r1",
    "affine:f64:N3,D2,M4:bias=True:ordinary:contiguous:17": "no option 'bias'",
    "softmax:f64:S2,C4:-:ordinary:contiguous:17": "option axis of softmax is one of -1, 0, 1",
    "softmax:f64:S2,C4:axis=7:ordinary:contiguous:17": "option axis of softmax is one of -1, 0, 1",
    "softmax:f64:S2,C4:axis=0,axis=1:ordinary:contiguous:17": "given twice",
}


@pytest.mark.parametrize("text", MALFORMED, ids=range(len(MALFORMED)))
def test_what_is_no_id_is_said_in_one_sentence(text):
    with pytest.raises(ValueError) as error:
        parse(text, OPERATIONS)
    message = str(error.value)
    assert MALFORMED[text] in message and "\n" not in message
    assert "invalid literal" not in message


@given(st.text(alphabet="affine:f64NDM3,-xr=0 ²\n\x00S", max_size=60) | st.text(max_size=40))
def test_any_other_text_is_a_value_error_and_nothing_else(text):
    with pytest.raises(ValueError):
        parse(text, OPERATIONS)


@given(st.data())
def test_an_id_with_one_character_changed_is_an_error_or_another_case(data):
    text = "softmax_cross_entropy:f32:N3,C4:labels=one_hot,reduction=sum:ties:strided:17:r1"
    at = data.draw(st.integers(0, len(text) - 1))
    changed = text[:at] + data.draw(st.characters()) + text[at + 1 :]
    try:
        spec = parse(changed, OPERATIONS)
    except ValueError as error:
        assert "invalid literal" not in str(error)
    else:
        assert parse(spec.id, OPERATIONS) == spec


# -- the same bits --------------------------------


@every_operation
def test_the_same_spec_gives_the_same_bits(name):
    op = OPERATIONS[name]
    for spec in drawn(op, 20):
        assert digest(build(spec, op)) == digest(build(parse(spec.id, OPERATIONS), op))


def test_another_process_builds_the_same_bits():
    chosen = [spec for op in OPERATIONS.values() for spec in drawn(op, 4)]
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from gradproof.cases import build, parse\nfrom gradproof.reference import operations\n"
        "import hashlib\nops = operations()\n"
        "def digest(case):\n"
        "    parts = [(n, x.dtype.name, x.shape, x.strides, x.tobytes()) for n, x in case.inputs.items()]\n"
        "    parts += [(dy.dtype.name, dy.shape, dy.tobytes()) for dy in case.cotangents]\n"
        "    return hashlib.sha256(repr(parts).encode()).hexdigest()\n"
        "for text in sys.stdin.read().split():\n"
        "    print(digest(build(parse(text, ops), ops[text.partition(':')[0]])))\n"
    )
    text = "\n".join(spec.id for spec in chosen)
    done = subprocess.run(
        [sys.executable, "-I", "-c", program, str(ROOT)], input=text, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [digest(build(spec, OPERATIONS[spec.op])) for spec in chosen]


def test_another_seed_gives_other_numbers():
    spec = drawn(OPERATIONS["affine"], 1)[0]
    assert digest(build(spec, OPERATIONS["affine"])) != digest(
        build(Spec(**{**vars(spec), "seed": spec.seed + 1}), OPERATIONS["affine"])
    )


def test_plain_drawing_is_deterministic_and_takes_regimes_and_dtypes_in_turn():
    for name in ("affine", "relu", "hinge", "softmax"):
        op = OPERATIONS[name]
        first, again = (list(plain_specs(op, 30, 3, ("float32", "float64"))) for _ in range(2))
        assert first == again != list(plain_specs(op, 30, 4, ("float32", "float64")))
        assert {s.dtype for s in first} == {"float32", "float64"}
        assert {s.regime for s in first} == set(regimes(op, op.defaults()))
        for spec in plain_specs(op, 6, 3, ("float32",), {n: values[-1] for n, values in op.options.items()}):
            assert dict(spec.options) == {n: values[-1] for n, values in op.options.items()}


# -- what is drawn --------------------------------


@every_operation
def test_every_option_regime_layout_and_dtype_is_reached(name):
    op = OPERATIONS[name]
    offered = regimes(op, op.defaults())
    # Hypothesis alone does not spread its draws evenly, so whoever must meet every regime asks for each
    found = [spec for regime in offered for spec in drawn(op, 30, regime)]
    assert {s.dtype for s in found} == {"float32", "float64"}
    assert {s.layout for s in found} == set(LAYOUTS)
    assert {s.regime for s in found} == set(offered)
    assert {s.options for s in found} >= {
        ((n, v),) for n, values in op.options.items() for v in values if len(op.options) == 1
    }
    for n, values in op.options.items():
        assert {dict(s.options)[n] for s in found} == set(values)


def test_sizes_reach_what_vector_code_trips_over():
    reached = {
        s for name in ("affine", "relu", "softmax") for spec in drawn(OPERATIONS[name], 300) for s in sizes_of(spec)
    }
    assert reached >= {0, 1, 2, 7, 8, 9, 15, 16, 17}
    assert {len(dict(s.sizes)["S"]) for s in drawn(OPERATIONS["relu"], 200)} >= {0, 1, 2, 3}


def sizes_of(spec, besides=()):
    return [
        s for name, size in spec.sizes if name not in besides for s in (size if isinstance(size, tuple) else (size,))
    ]


@every_operation
def test_axes_have_sizes_of_their_own_or_all_the_same(name):
    """Equal sizes hide transposes, and sizes that all differ hide programs that tell axes apart by them.

    Only ones, and axes cut to what exact arithmetic can pay for, may be equal besides.
    """
    op = OPERATIONS[name]
    rng = np.random.default_rng(0)  # Hypothesis repeats itself too much to count by

    def choose(values):
        return values[int(rng.integers(len(values)))]

    found = [draw_spec(choose, 0, op, ["float64"]) for _ in range(150)]
    found = [s for s in found if s.regime not in ("size-one", "empty")]
    free = [sizes for s in found if len(sizes := [n for n in sizes_of(s, op.sizes) if n > 1]) > 1]
    square = [sizes for sizes in free if len(set(sizes)) == 1]
    equal = [sizes for sizes in free if 1 < len(set(sizes)) < len(sizes)]
    assert not free or 0 < len(square) <= len(free) * (0.8 if op.sizes else 0.4)
    # Where sizes are declared, kernels and images above all, what is free is cut more often.
    assert len(equal) <= len(found) * (0.8 if op.sizes else 0.3)
    assert all(
        shape_of(i, dict(s.sizes)) for s in found for i in op.inputs_for(dict(s.options)) if "N" in i.shape.split()
    )


@every_operation
def test_one_regime_can_be_asked_for(name):
    op = OPERATIONS[name]
    for regime in regimes(op, op.defaults()):
        assert {s.regime for s in drawn(op, 12, regime)} == {regime}


def test_a_start_turns_the_first_example_away_from_the_plainest():
    def first(start):
        found = []

        @hypothesis.seed(0)
        @settings(quick, max_examples=1)
        @given(specs(OPERATIONS["softmax"], start=start))
        def collect(spec):
            found.append(spec)

        collect()
        return found[0]

    assert (first(None).layout, first(None).seed, first(None).regime) == ("contiguous", 0, "ordinary")
    assert first(1) == first(1)
    assert len({first(k) for k in range(12)}) == 12
    assert len({first(k).layout for k in range(12)} | {first(k).regime for k in range(12)}) > 8
    for spec in (first(k) for k in range(12)):
        build(spec, OPERATIONS["softmax"])


def test_every_regime_belongs_to_some_operation():
    assert {r for op in OPERATIONS.values() for r in regimes(op, op.defaults())} == set(REGIMES)


# -- what the regimes do --------------------------------


def built(name, regime, count=40, **fixed):
    op = OPERATIONS[name]
    cases = [build(spec, op) for spec in drawn(op, count, regime)]
    return [c for c in cases if all(dict(c.spec.options).get(n) == v for n, v in fixed.items())]


def test_kinks_are_met_exactly():
    for case in built("relu", "kinks") + built("leaky_relu", "kinks"):
        assert (case.inputs["x"] == 0).any()
    for case in built("absolute_error", "kinks"):
        assert (case.inputs["prediction"] == case.inputs["target"]).any()
    for case in built("huber", "kinks"):
        assert (np.abs(case.inputs["prediction"] - case.inputs["target"]) == case.options["delta"]).any()


def test_ties_are_injected():
    tied = [
        len(np.unique(c.inputs["x"])) < c.inputs["x"].size
        for c in built("softmax", "ties")
        if c.inputs["x"].shape[-1] > 2
    ]
    assert sum(tied) > 0.6 * len(tied)
    with_target = [
        (c.inputs["prediction"] == c.inputs["target"]).any()
        for c in built("absolute_error", "ties")
        if c.inputs["target"].size > 4
    ]
    assert sum(with_target) > 0.6 * len(with_target)


def test_integers_are_integers_and_some_are_zero():
    cases = built("affine", "integers")
    for case in cases:
        for x in (*case.inputs.values(), *case.cotangents):
            assert (x == np.round(x)).all() and np.abs(x).max() <= 8
    assert any((c.inputs["x"] == 0).any() for c in cases)


@pytest.mark.parametrize(
    ("regime", "low", "high"), [("tails", 5, 60), ("tiny", 1e-31, 1e-6), ("huge", 1e4, 1e15), ("offset", 900, 1.1e5)]
)
def test_magnitudes_are_those_of_the_regime(regime, low, high):
    for case in built("sigmoid", regime, 25):
        size = np.abs(case.inputs["x"].astype(np.float64))
        assert (size >= low * 0.99).all() and (size <= high * 1.01).all()


@pytest.mark.parametrize("name", ["norm", "hypot", "weight_norm"])
def test_squares_vanish_where_lengths_underflow(name):
    """In the dtype's own arithmetic; the entries themselves are there, and not subnormal."""
    for case in built(name, "underflow", 20):
        for x in case.inputs.values():
            assert not (x * x).any() and (np.abs(x) > np.finfo(x.dtype).tiny).all()


def test_the_offset_is_much_larger_than_the_spread():
    for case in built("softmax", "offset", 20):
        x = case.inputs["x"].astype(np.float64)
        assert np.abs(x.mean()) > 50 * x.std()


def test_size_one_and_empty_have_such_an_axis():
    for name in OPERATIONS:
        offered = regimes(OPERATIONS[name], OPERATIONS[name].defaults())
        if "size-one" in offered:
            drawn_so = [c.spec for c in built(name, "size-one", 8) if c.spec.regime == "size-one"]
            assert all(1 in sizes_of(spec) for spec in drawn_so)
        if "empty" in offered:
            empty = [c for c in built(name, "empty", 8) if c.spec.regime == "empty"]
            assert all(0 in sizes_of(c.spec) for c in empty)
            assert all(any(x.size == 0 for x in c.inputs.values()) for c in empty)


@every_operation
def test_inputs_keep_to_their_declaration(name):
    op = OPERATIONS[name]
    for spec in drawn(op, 80):
        case = build(spec, op)
        for i in op.inputs_for(case.options):
            x = case.inputs[i.name]
            assert x.shape == shape_of(i, dict(spec.sizes))
            if i.kind == "labels":
                assert x.dtype.kind == "i" and (x.size == 0 or (x.min() >= 0 and x.max() < dict(spec.sizes)[i.classes]))
                continue
            if i.kind == "mask":
                assert x.dtype == bool and (x.ndim == 0 or x.size == 0 or x.any(axis=-1).all())
                continue
            assert x.dtype == spec.dtype and np.isfinite(x).all()
            assert (x >= i.low).all() and (x <= i.high).all()
            if i.kind in ("binary", "one_hot"):
                assert np.isin(x, (0, 1)).all()
            if i.kind == "one_hot":
                assert (x.sum(axis=-1) == 1).all()
            if i.kind == "simplex":
                assert (x > 0).all()
                np.testing.assert_allclose(x.sum(axis=-1), 1, rtol=1e-5)


@every_operation
def test_cotangents_are_generic(name):
    op = OPERATIONS[name]
    for spec in itertools.chain(
        drawn(op, 70), *(drawn(op, 25, r) for r in ("integers", "kinks") if r in regimes(op, op.defaults()))
    ):
        case = build(spec, op)
        y, _ = of_operation(op, case.options).forward(*case.inputs.values())
        assert len(case.cotangents) == 3
        buffers = sum(math.prod(shape) for name, shape in case.parts if name in op.buffers)
        for whole in case.cotangents:
            assert whole.shape == np.shape(y) and whole.dtype == spec.dtype
            dy = whole[: whole.size - buffers] if buffers else whole
            assert (dy != 0).all() and not whole.ravel()[whole.size - buffers :].any(), spec.id
            assert dy.size < 2 or (dy != dy.flat[0]).any(), spec.id
        if np.shape(y) == ():
            assert case.cotangents[0] == 1


@pytest.mark.parametrize("digits", [0, 1, 2])
def test_rounded_cotangents_are_generic_too(digits):
    op = OPERATIONS["affine"]
    for spec in drawn(op, 100):
        case = build(Spec(**{**vars(spec), "digits": digits}), op)
        for dy in case.cotangents:
            assert (dy != 0).all() and (dy.size < 2 or (dy != dy.flat[0]).any())
        np.testing.assert_allclose(case.inputs["x"], np.round(case.inputs["x"], digits), rtol=1e-6)


def test_layouts_are_what_they_say():
    found = defaultdict(list)
    for spec in drawn(OPERATIONS["affine"], 200):
        case = build(spec, OPERATIONS["affine"])
        found[spec.layout] += [x for x in (*case.inputs.values(), *case.cotangents) if x.ndim == 2 and min(x.shape) > 1]
    assert all(x.flags.c_contiguous for x in found["contiguous"])
    assert all(x.flags.f_contiguous and not x.flags.c_contiguous for x in found["fortran"])
    assert all(x.strides[-1] == 2 * x.itemsize for x in found["strided"])
    assert all(x.strides[0] < 0 for x in found["reversed"])
    assert all(len(arrays) > 50 for arrays in found.values())


def test_a_layout_changes_no_number():
    op = OPERATIONS["softmax"]
    for spec in drawn(op, 30):
        values = [build(Spec(**{**vars(spec), "layout": layout}), op).inputs["x"].tolist() for layout in LAYOUTS]
        assert all(v == values[0] for v in values)


def test_axes_and_shapes_of_a_starred_operation():
    op = OPERATIONS["softmax"]
    assert (axes(op, {"axis": 1}), starred(op, {"axis": 1})) == (["N", "C", "S"], {"S"})
    (i,) = op.inputs_for({"axis": 1})
    assert shape_of(i, {"N": 2, "C": 3, "S": (4, 5)}) == (2, 3, 4, 5)
    assert parse("softmax:f32:S0d,C4:axis=-1:ordinary:contiguous:0", OPERATIONS).sizes == (("S", ()), ("C", 4))
