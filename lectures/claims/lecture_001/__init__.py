"""Claims of Alireza Moradi, *Sixteenth Session: Backpropagation algorithm, SoftMax*, by group of slides.

Every slide with text is covered; those of which only a lost figure remains (lines 80, 113 and 430) have no claim.
Questions without a printed answer ("how many parameters do we have?") are no claims, and a formula that is printed
again unchanged is one claim, whose words give the other lines.
"""
