"""The matrix: one file of cases, judged in many environments, and what changed between neighbouring ones."""
