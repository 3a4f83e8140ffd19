"""Reading submissions: Python files, notebooks, folders and zips, cleaned and never executed."""

from .reading import NAMES, read_source
from .record import Origin, Problem, Source, Submission, shown
from .submissions import find_submissions

__all__ = ["NAMES", "Origin", "Problem", "Source", "Submission", "find_submissions", "read_source", "shown"]
