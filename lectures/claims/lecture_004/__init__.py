"""Claims of Wu, *Training of Multi-Layer Neural Network*, by group of slides.

Without a record of their own are the lines 11 to 15 and 17 of the outline, which only name what the slides treat; its
lines 10 and 16 claim something.
The figures and the data files linearly_separable.txt, non_linearly_separable.txt and circles.txt are lost; generated
points stand for the files. sigmoid, softmax and prepend_bias, which the listings call, are no part of the text.
"""
