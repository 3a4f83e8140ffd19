"""Settings that every test shares. Nothing heavy is imported here."""

from __future__ import annotations

import os

from hypothesis import settings

# No deadline: a first call may import a framework or compile. In CI the same examples are drawn on every run.
settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, database=None, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")


def pytest_report_header() -> str:
    return f"PYTHONHASHSEED: {os.environ.get('PYTHONHASHSEED', 'not set')}"
