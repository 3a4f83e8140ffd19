"""Figures and ratios about gradproof, each measured in one run: `python -m benchmarks`. Nothing here asserts a time."""
