"""Detection power, measured: known mistakes and right programs before the judge and before other checkers.

`points` draws the inputs that all of them get. `outcomes` is the judge on a mistake, `equivalence` the proof that a
change is none. `checkers` are the others, each called as its documentation says. `variants` are right programs that
nobody may reject. `smallest` finds the least wrong entry that a checker notices. `run` puts a whole run together.
"""
