"""What a case file holds, for people."""

from __future__ import annotations

from typing import Any

from .case_file import CaseFile


def described(drawn: CaseFile) -> dict[str, Any]:
    """Format, hash, settings, where it was drawn, and counts, as plain values."""
    index = drawn.index
    cases: dict[str, int] = {}
    for record in index["cases"]:
        name = record["id"].partition(":")[0]
        cases[name] = cases.get(name, 0) + 1
    proofs = [record["proof"]["status"] for record in index["cases"]]
    return {
        "file": str(drawn.path),
        "format": index["format"],
        "version": index["version"],
        "hash": drawn.hash,
        "bytes": drawn.path.stat().st_size,
        "settings": index["settings"],
        "drawn_by": index["drawn_by"],
        "cases": cases,
        "true_values": int(drawn.pools["allowance"].size),
        "proofs": {status: proofs.count(status) for status in sorted(set(proofs))},
        "left_out": index["left_out"],
    }


def lines(about: dict[str, Any]) -> list[str]:
    """The same as lines of text."""
    settings, by = about["settings"], about["drawn_by"]
    proofs = ", ".join(f"{number:,} {status}" for status, number in about["proofs"].items())
    total, dtypes = sum(about["cases"].values()), " and ".join(settings["dtypes"])
    return [
        f"{about['file']}: {total:,} cases of {len(about['cases'])} operations, {about['bytes'] / 1e6:.1f} MB",
        f"hash        {about['hash']}",
        f"drawn with  {settings['cases']} cases an operation, seed {settings['seed']}, {dtypes}",
        f"drawn by    {', '.join(f'{name} {version}' for name, version in by.items())}",
        f"truth       {about['true_values']:,} true values with their allowances; proofs: {proofs or 'none'}",
        *(f"left out    {sentence}" for sentence in about["left_out"]),
        f"operations  {', '.join(f'{name} {number}' for name, number in about['cases'].items())}",
    ]
