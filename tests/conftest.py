"""Settings that every test shares. Nothing heavy is imported here."""

from __future__ import annotations

import os

from hypothesis import settings

# Before NumPy is imported: tests run side by side, and small products are slower on threads that wait for each other.
for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

# No deadline: a first call may import a framework or compile. In CI the same examples are drawn on every run.
settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, database=None, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")


def pytest_report_header() -> str:
    return f"PYTHONHASHSEED: {os.environ.get('PYTHONHASHSEED', 'not set')}"
