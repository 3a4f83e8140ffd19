"""What the default audit costs: wall time, peak memory of all its processes together, cases and comparisons.

`python -m gradproof audit` runs in a process of its own, with all frameworks that this interpreter has. Every half
second the memory of that process and all of its descendants is summed from /proc/PID/smaps_rollup (Linux): RSS, which
counts a page once for each process that maps it, and PSS, which divides shared pages among them and so is what the
tree really takes.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from gradproof.reports.findings import Findings, read

ROOT = Path(__file__).resolve().parent.parent
EVERY = 0.5  # seconds between two looks at the memory


def main(cases: int | None = None) -> dict[str, Any]:
    """Print time, peaks and counts of an audit; `cases` for each operation, the audit's own default without."""
    if not Path("/proc/self/smaps_rollup").exists():
        print("not measured: there is no /proc/PID/smaps_rollup on this system")
        return {}
    with tempfile.TemporaryDirectory() as folder:
        figures, findings = audit(Path(folder), cases)
    statuses: dict[str, int] = {}
    for finding in findings.findings:
        statuses[finding["status"]] = statuses.get(finding["status"], 0) + 1
    figures["statuses"] = statuses
    known = findings.header["implementations"]
    figures["implementations"] = {name: it["versions"] for name, it in known.items() if it["status"] == "ready"}
    print(f"implementations: {', '.join(figures['implementations'])}")
    print(f"wall time: {figures['seconds']:.0f} s; exit code {figures['exit']}")
    print(f"peak memory of {figures['processes']} processes, summed:", end=" ")
    print(f"RSS {figures['peak_rss_mib']:.0f} MiB, PSS {figures['peak_pss_mib']:.0f} MiB")
    each = findings.header["settings"]["cases"]
    print(f"cases: {figures['cases']} ({each} an operation asked for); entries compared: {figures['comparisons']}")
    print("statuses: " + ", ".join(f"{count} {status}" for status, count in sorted(statuses.items())))
    return figures


def audit(folder: Path, cases: int | None = None) -> tuple[dict[str, Any], Findings]:
    """Run `gradproof audit` into a folder; what it cost, and what it found."""
    command = [sys.executable, "-m", "gradproof", "audit", "--output", str(folder)]
    command += ["--cases", str(cases)] if cases else []
    start = time.perf_counter()
    rss = pss = processes = 0
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            tree = _tree(process.pid)
            memory = [_memory(pid) for pid in tree]
            rss, pss = max(rss, sum(m[0] for m in memory)), max(pss, sum(m[1] for m in memory))
            processes = max(processes, len(tree))
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(EVERY)
    seconds = time.perf_counter() - start
    findings = read(folder / "findings.jsonl")
    end = findings.end or {}
    return {
        "seconds": seconds,
        "exit": process.returncode,
        "peak_rss_mib": rss / 1024,
        "peak_pss_mib": pss / 1024,
        "processes": processes,
        "cases": end.get("cases", 0),
        "comparisons": end.get("comparisons", 0),
    }, findings


def _tree(root: int) -> list[int]:
    """A process and all of its descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):  # it may have ended meanwhile
                after_name = (entry / "stat").read_text().rsplit(")", 1)[1].split()
                children.setdefault(int(after_name[1]), []).append(int(entry.name))
    found = [root]
    for pid in found:
        found.extend(children.get(pid, []))
    return found


def _memory(pid: int) -> tuple[int, int]:
    """RSS and PSS of a process in KiB; zeros for one that has ended."""
    sizes = {}
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
            name, _, rest = line.partition(":")
            sizes[name] = int(rest.split()[0])
    return sizes.get("Rss", 0), sizes.get("Pss", 0)
