"""Figures and ratios about gradproof, each measured in one run: `python -m benchmarks`. Nothing here asserts a time."""

from gradproof.environment import one_thread

one_thread()  # before any figure imports NumPy
