"""Grading of submissions: marks, words and the sandbox that submissions run in."""
