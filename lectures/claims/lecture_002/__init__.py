"""Claims of *Module 2: Artificial Neural Networks* (Santa Clara), by group of slides.

Without a record of their own are headings within slides, the repeated setting η = 0.01 (line 570; line 348 has one),
line 531, which prints line 521 again, the lines 183, 596, 599 and 600, which repeat a claim for another layer, the
stray label of line 470, addresses (101, 114, 124, 517, 759), and the instructions of the lines 386 and 614 to 621.
"""
