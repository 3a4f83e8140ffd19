"""Assignments: the file, its line language, its checks, and what it gives the student."""
