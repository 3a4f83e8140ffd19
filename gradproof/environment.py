"""Where a run takes place: versions, processor, BLAS and settings that may change a float. Imports no framework."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from . import __version__

DISTRIBUTIONS = (
    "numpy",
    "python-flint",
    "hypothesis",
    "torch",
    "tensorflow",
    "tensorflow-cpu",
    "keras",
    "jax",
    "jaxlib",
)

BLAS_THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
)
THREAD_VARIABLES = (
    *BLAS_THREADS,
    "TF_NUM_INTRAOP_THREADS",
    "TF_NUM_INTEROP_THREADS",
    "XLA_FLAGS",
)

ABSENT, NOT_SET, UNKNOWN = "absent", "not set", "unknown"


def one_thread() -> None:
    """Hold BLAS to one thread, unless somebody said how many; only before NumPy is imported.

    Sums then come in the same order on every machine, and small products are not slowed by threads that wait.
    """
    for name in BLAS_THREADS:
        os.environ.setdefault(name, "1")


def environment() -> dict[str, Any]:
    """All of it, as a nested dict of strings, integers, booleans and lists: the header of a findings file.

    What is not installed is "absent", a variable that nobody set "not set", what cannot be found out "unknown".
    The versions of frameworks are those beside this Python; a worker with another Python says its own.
    """
    return {
        "gradproof": {"version": __version__, "in_place": _in_place()},
        "python": {"version": platform.python_version(), "implementation": platform.python_implementation()},
        "platform": platform.platform(),
        "glibc": " ".join(platform.libc_ver()).strip() or UNKNOWN,
        "cpu": {"model": cpu_model(), "machine": platform.machine() or UNKNOWN, "cores": _cores()},
        "numpy": _numpy_build(),
        "versions": {name: installed_version(name) for name in DISTRIBUTIONS},
        "threads": {name: os.environ.get(name, NOT_SET) for name in THREAD_VARIABLES},
        "hash_seed": os.environ.get("PYTHONHASHSEED", NOT_SET),
    }


def installed_version(distribution: str) -> str:
    """The version of an installed distribution, or "absent". The package itself is not imported."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ABSENT


def cpu_model(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """The processor's own name: from `cpuinfo` on Linux, from sysctl on macOS, else what Python knows."""
    try:
        for line in cpuinfo.read_text(errors="replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() in ("model name", "Model", "cpu model") and value.strip():
                return value.strip()
    except OSError:
        pass
    if sys.platform == "darwin":
        try:
            brand = ["sysctl", "-n", "machdep.cpu.brand_string"]
            return subprocess.run(brand, capture_output=True, text=True, timeout=10, check=True).stdout.strip()
        except (OSError, subprocess.SubprocessError):
            pass
    return platform.processor() or UNKNOWN


def _cores() -> int:
    """Processors that this process may use, which a container or taskset makes fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _numpy_build() -> dict[str, Any]:
    """NumPy's version, its BLAS, and the vector instructions that it found here: each changes last bits."""
    try:
        import numpy as np
    except ImportError:
        return {"version": ABSENT, "blas": ABSENT, "simd": []}
    try:
        build: dict[str, Any] = np.show_config(mode="dicts")  # type: ignore[assignment]
    except (TypeError, ValueError, ModuleNotFoundError):
        build = {}
    blas = build.get("Build Dependencies", {}).get("blas", {})
    simd = build.get("SIMD Extensions", {})
    return {
        "version": np.__version__,
        "blas": " ".join(str(blas[key]) for key in ("name", "version") if blas.get(key)) or UNKNOWN,
        "blas_configuration": str(blas.get("openblas configuration", UNKNOWN)),
        "simd": [str(name) for name in (*simd.get("baseline", ()), *simd.get("found", ()))],
    }


def _in_place() -> bool:
    """Whether this is a checkout, where `reference` stands beside the package and not inside it."""
    return not (Path(__file__).parent / "reference").is_dir()
