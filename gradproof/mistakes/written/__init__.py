"""Mistakes as students and libraries really wrote them, by operation: `WRONG` of each file; and `UNUSUAL` right pairs.

A file is named after its operation, and holds the pairs in plain NumPy as a student would write them.
"""
