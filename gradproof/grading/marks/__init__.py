"""Marking one submission: cases, programs, verdicts by stage, words."""
