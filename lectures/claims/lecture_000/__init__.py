"""Claims of Truong Ngoc Son, *AI - Foundation and Application*, Chapter 2: Back Propagation, by group of slides.

Without a record of their own are the outline, the fragments of matrices on the lines 240 to 256 and 276 to 288 beyond
their corners and sizes, the lines 297, 301 and 313, which repeat formulas that have one, and the single settings of
the lines 369 to 386. The printed accuracies are judged by trainings on record.
"""
