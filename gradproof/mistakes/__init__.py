"""The catalogue of mistakes: written ones, as students and libraries made them, and ones derived from the reference.

`written`: wrong pairs by operation, in the words of those who write such code. `operators`: what turns a line of the
reference into a mistake. `derived.mutants(op)` applies every operator wherever it fits. `catalogue` finds both.
Importing this package loads nothing.
"""
