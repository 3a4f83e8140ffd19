"""The findings file: what is read, what is refused, what is written, and what is kept of a file that was cut."""

from __future__ import annotations

import copy
import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from reports.findings import (
    STATUSES,
    Writer,
    badness,
    check_record,
    collect,
    rank,
    ratio_of,
    read,
    schema,
    validate,
)
from tests import reports_synthetic as synthetic

ROOT = Path(__file__).resolve().parent.parent


def write(path: Path, records: list[dict[str, Any]]) -> Path:
    with Writer(path) as out:
        for record in records:
            out.write(record)
    return path


def records_of_each_kind() -> list[dict[str, Any]]:
    of = synthetic.case()
    found = synthetic.wrong(of)
    refused = {"record": "vacuous", "op": "affine", "case": "affine:1", "message": "the true gradient is zero"}
    return [synthetic.header(), of, found, synthetic.detail(found), refused, synthetic.end()]


def test_what_is_written_is_read(tmp_path):
    found = read(write(tmp_path / "run.jsonl", records_of_each_kind()))
    header, case, finding, detail, vacuous, end = records_of_each_kind()
    assert found.header == header
    assert found.cases == {case["case"]: case}
    assert found.findings == [finding]
    assert found.details == {("affine", "keras"): detail}
    assert found.vacuous == [vacuous]
    assert found.end == end
    assert not found.cut


def test_a_whole_run_fits_the_schema(tmp_path):
    records = synthetic.run()
    assert validate(write(tmp_path / "run.jsonl", records)) == len(records)


def test_the_schema_is_itself_valid():
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(schema())


def test_the_whole_schema_decides_as_the_parts_do():
    from jsonschema import Draft202012Validator

    whole = Draft202012Validator(schema())
    for record in records_of_each_kind():
        assert whole.is_valid(record)
        assert not whole.is_valid({**record, "unheard of": 1})


@pytest.mark.parametrize("place", range(6))
def test_a_record_without_any_one_of_its_fields_is_refused(place):
    record = records_of_each_kind()[place]
    optional = {"seconds"} if record["record"] == "case" else set()
    for key in record.keys() - optional:
        with pytest.raises(ValueError, match=key):
            check_record({k: v for k, v in record.items() if k != key})


@pytest.mark.parametrize(
    ("place", "changes", "field"),
    [
        (0, {"version": 2}, "version"),
        (0, {"format": "other"}, "format"),
        (0, {"created": "yesterday"}, "created"),
        (0, {"implementations": {"jax": {"status": "agree", "versions": {}, "message": ""}}}, "implementations.jax"),
        (1, {"dtype": "float"}, "dtype"),
        (1, {"sizes": {"N": -1}}, "sizes.N"),
        (1, {"proof": {"status": "sure"}}, "proof"),
        (1, {"case": ""}, "case"),
        (2, {"status": "fine"}, "status"),
        (2, {"ratio": -1}, "ratio"),
        (2, {"ratio": "infinite"}, "ratio"),
        (2, {"entries": 1.5}, "entries"),
        (2, {"status": "agree", "ratio": 1.5}, "ratio"),
        (2, {"status": "agree", "ratio": "inf"}, "ratio"),
        (2, {"status": "absent", "ratio": 0.5}, "ratio"),
        (2, {"native": "yes"}, "native"),
        (2, {"worst": {"index": [0], "true": 1.0, "got": "1", "error": "0", "allowance": "0"}}, "worst"),
        (3, {"true": [[1.0, "many"]]}, "true"),
        (3, {"shape": [3, "4"]}, "shape"),
        (5, {"status": "killed"}, "status"),
        (5, {"exit": -1}, "exit"),
    ],
)
def test_a_bad_field_is_refused_by_name(place, changes, field):
    with pytest.raises(ValueError, match=field):
        check_record({**records_of_each_kind()[place], **changes})


def test_validate_names_file_line_and_field(tmp_path):
    records = records_of_each_kind()
    records[2]["entries"] = -3
    path = write(tmp_path / "run.jsonl", records)
    with pytest.raises(ValueError, match=r"run\.jsonl, line 3: finding field entries: -3"):
        validate(path)


def test_a_file_cut_at_every_byte_keeps_what_is_whole(tmp_path):
    records = records_of_each_kind()
    records[1]["layout"] = "Fortran-ordered, größer"
    text = b"".join(json.dumps(r, ensure_ascii=False, separators=(",", ":")).encode() + b"\n" for r in records)
    path = tmp_path / "cut.jsonl"
    ends = [i for i, byte in enumerate(text) if byte == ord("\n")]
    for length in range(len(text) + 1):
        path.write_bytes(text[:length])
        found = read(path)
        whole = sum(end <= length for end in ends)
        kept = [bool(found.header), *map(len, (found.cases, found.findings, found.details, found.vacuous)), found.end]
        assert [bool(k) for k in kept] == [i < whole for i in range(6)]
        assert found.cut == (length not in {0, *ends, *(end + 1 for end in ends)})
        assert validate(path) == whole


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"hello\n", "line 1: not a findings file"),
        (b"hello", "line 1: not a findings file"),
        (b"\n\nhello", "line 3: not a findings file"),
        (b"[1, 2]\n", "line 1: not a findings file"),
        (b"{}\n", "line 1: not a findings file"),
        (b'{"record":"end","status":"finished"}\n', "line 1: not a findings file"),
        (b"\x89PNG\r\n\x1a\n\x00", "line 1: not a findings file"),
        (b"\xff\xfe\n", "line 1: not a findings file"),
        (b"[" * 100_000, "line 1: not a findings file"),
        (b'{"record":"header","format":"gradproof-findings","version":2}\n', "version 2 is not known"),
        (b'{"record":"header","format":"gradproof-findings"}\n', "version None is not known"),
    ],
)
def test_what_is_no_findings_file_is_refused(tmp_path, content, said):
    path = tmp_path / "other.jsonl"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=said) as refused:
        read(path)
    assert "other.jsonl" in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("nonsense", "line 2: not a record"),
        ("[]", "line 2: not a record"),
        ('{"record":"other"}', "line 2: unknown record 'other'"),
        ('{"record":["case"]}', "line 2: unknown record"),
        ('{"record":"finding"}', "line 2: a finding record needs 'case'"),
        ('{"record":"case","case":"c","op":7}', "line 2: a case record needs 'op'"),
        (json.dumps(synthetic.finding(synthetic.case(), status="fine")), "line 2: unknown status 'fine'"),
        (json.dumps(synthetic.header()), "line 2: a second header"),
    ],
)
def test_a_bad_line_is_refused_by_its_number(tmp_path, line, said):
    path = tmp_path / "bad.jsonl"
    path.write_text(json.dumps(synthetic.header()) + "\n" + line + "\n")
    with pytest.raises(ValueError, match=said):
        read(path)


def test_what_cannot_be_opened_is_one_sentence(tmp_path):
    with pytest.raises(ValueError, match=r"cannot read .*missing: no such file"):
        read(tmp_path / "missing")
    with pytest.raises(ValueError, match=r"cannot read .*is a directory"):
        read(tmp_path)


def test_half_a_surrogate_pair_is_replaced(tmp_path):
    path = tmp_path / "run.jsonl"
    of = synthetic.case(case="a")
    text = json.dumps(of).replace('"a"', '"a\\ud800"')
    path.write_text(json.dumps(synthetic.header()) + "\n" + text + "\n")
    (name,) = read(path).cases
    assert name.encode("utf-8") == b"a?"


def test_an_end_that_is_followed_by_more_is_an_earlier_runs_end():
    of = synthetic.case()
    records = [synthetic.header(), synthetic.end(status="interrupted"), of]
    assert collect(records).end is None
    assert collect([*records, synthetic.end()]).end == synthetic.end()


def test_a_case_that_is_judged_again_counts_once_and_hides_nothing():
    of = synthetic.case()
    found = [synthetic.wrong(of, "keras", "dx"), synthetic.finding(of, "numpy", "dx")]
    again = [of, *found, synthetic.finding(of, "keras", "dx")]
    findings = collect([synthetic.header(), of, *found, *again]).findings
    assert [f["status"] for f in findings] == ["wrong", "agree", "agree"]


def test_a_later_detail_replaces_an_earlier_one():
    of = synthetic.case()
    first = synthetic.detail(synthetic.wrong(of), (2,))
    second = synthetic.detail(synthetic.wrong(of), (3,))
    assert collect([synthetic.header(), first, second]).details == {("affine", "keras"): second}


def test_the_statuses_are_those_of_the_schema_worst_first():
    assert list(STATUSES) == schema()["$defs"]["status"]["enum"]
    assert STATUSES[0] == "wrong"
    assert STATUSES[-1] == "agree"
    assert rank("wrong") < rank("absent") < rank("agree")


def test_findings_are_ordered_by_status_then_ratio():
    of = synthetic.case()
    shapeless = synthetic.wrong(of, ratio=None, reason="wrong-shape")
    infinite = synthetic.wrong(of, ratio="inf")
    large, small = synthetic.wrong(of, ratio=1e9), synthetic.wrong(of, ratio=3.0)
    agreeing = synthetic.finding(of, ratio=0.9)
    exact = synthetic.finding(of, ratio=None)
    ordered = [shapeless, infinite, large, small, agreeing, exact]
    assert sorted(reversed(ordered), key=badness, reverse=True)[2:] == ordered[2:]
    assert max(reversed(ordered), key=badness) == infinite
    assert badness(shapeless) == badness(infinite)


@pytest.mark.parametrize(
    ("ratio", "value"), [(None, None), (0.5, 0.5), ("inf", float("inf")), ("nan", float("inf")), ([], float("inf"))]
)
def test_a_ratio_that_is_no_number_is_the_worst(ratio, value):
    assert ratio_of({"ratio": ratio}) == value


def test_the_writer_flushes_every_line(tmp_path):
    path = tmp_path / "run.jsonl"
    with Writer(path) as out:
        for n, record in enumerate(records_of_each_kind(), start=1):
            out.write(record)
            assert path.read_bytes().count(b"\n") == n


def test_the_writer_makes_json_of_what_is_not_finite_and_of_numpy(tmp_path):
    import numpy as np

    of = synthetic.case()
    values = {"ratio": float("inf"), "entries": np.int64(3), "native": np.bool_(True), "ulp": np.float32(0.5)}
    found = synthetic.finding(of, status="wrong", **values)
    about = synthetic.detail(found)
    about.update(true=np.array([[1.0, np.nan]]), got=np.array([-np.inf, 0.0]), shape=(1, 2))
    path = write(tmp_path / "run.jsonl", [synthetic.header(), of, found, about])
    assert validate(path) == 4
    back = read(path)
    assert back.findings[0]["ratio"] == "inf"
    assert back.findings[0]["entries"] == 3
    assert back.details["affine", "pytorch"]["true"] == [[1.0, "nan"]]
    assert back.details["affine", "pytorch"]["got"] == ["-inf", 0.0]


def test_an_existing_file_is_not_overwritten_unless_told(tmp_path):
    path = write(tmp_path / "run.jsonl", records_of_each_kind())
    before = path.read_bytes()
    with pytest.raises(ValueError, match="already exists"), Writer(path):
        pass
    assert path.read_bytes() == before
    with Writer(path, overwrite=True) as out:
        out.write(synthetic.header())
    assert len(path.read_bytes().splitlines()) == 1


def test_a_file_that_is_no_findings_file_is_never_overwritten(tmp_path):
    path = tmp_path / "thesis.txt"
    path.write_text("years of work\n")
    for how in ({"overwrite": True}, {"resume": True}, {}):
        with pytest.raises(ValueError, match=r"thesis\.txt"), Writer(path, **how):
            pass
    assert path.read_text() == "years of work\n"


def test_an_empty_file_is_written(tmp_path):
    path = tmp_path / "run.jsonl"
    path.touch()
    write(path, records_of_each_kind())
    assert read(path).end


def test_resume_goes_on_from_a_file_cut_at_every_byte(tmp_path):
    records = [synthetic.header(), synthetic.case(), synthetic.wrong(synthetic.case())]
    whole = write(tmp_path / "whole.jsonl", records).read_bytes()
    path = tmp_path / "run.jsonl"
    for length in range(0, len(whole) + 1, 7):
        path.write_bytes(whole[:length])
        with Writer(path, resume=True) as out:
            if not (out.previous and out.previous.header):
                out.write(records[0])
            for record in records[1:]:
                out.write(record)
            out.write(synthetic.end())
        found = read(path)
        assert validate(path) >= 4
        assert (list(found.cases), found.findings, found.end) == ([records[1]["case"]], [records[2]], synthetic.end())


def test_resume_begins_a_missing_file(tmp_path):
    with Writer(tmp_path / "run.jsonl", resume=True) as out:
        assert out.previous is None
        out.write(synthetic.header())


def test_the_header_comes_first_and_once(tmp_path):
    with Writer(tmp_path / "run.jsonl") as out:
        with pytest.raises(ValueError, match="begins with its one header"):
            out.write(synthetic.case())
        out.write(synthetic.header())
        with pytest.raises(ValueError, match="begins with its one header"):
            out.write(synthetic.header())
        with pytest.raises(ValueError, match="unknown record 'other'"):
            out.write({"record": "other"})
    with pytest.raises(ValueError, match="not open"):
        out.write(synthetic.case())


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    with pytest.raises(ValueError, match=r"cannot write .*no such file or directory; name a file"):
        Writer(tmp_path / "no" / "run.jsonl").__enter__()
    with pytest.raises(ValueError, match=r"cannot write .*is a directory"):
        Writer(tmp_path).__enter__()


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write into a folder without write permission")
def test_a_folder_without_permission_is_one_sentence(tmp_path):
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        with pytest.raises(ValueError, match=r"cannot write .*permission denied"):
            Writer(tmp_path / "run.jsonl").__enter__()
    finally:
        tmp_path.chmod(stat.S_IRWXU)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_a_full_disk_is_one_sentence():
    out = Writer("/dev/full").__enter__()
    with pytest.raises(ValueError, match=r"cannot write /dev/full: no space left"):
        out.write(synthetic.header())


def test_records_are_not_changed(tmp_path):
    records = synthetic.run(1)
    before = copy.deepcopy(records)
    write(tmp_path / "run.jsonl", records)
    assert records == before


def test_importing_reports_is_cheap():
    program = "import sys, reports, reports.findings; print(sorted({'rich','jinja2','jsonschema'} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert run.stdout.strip() == "[]", run.stderr
