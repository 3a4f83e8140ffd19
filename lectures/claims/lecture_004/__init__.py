"""Claims of Wu, *Training of Multi-Layer Neural Network*, by group of slides.

The figures and the data files linearly_separable.txt, non_linearly_separable.txt and circles.txt are lost; generated
points stand for the files. sigmoid, softmax and prepend_bias, which the listings call, are no part of the text.
"""
