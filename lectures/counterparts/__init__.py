"""The lectures' own networks as each framework builds them: one file a gradient, functions `pytorch` and `keras`.

The files follow the rules of `frameworks/counterparts`: a function gets the live framework and the inputs by name,
loads the weights by the framework's own loading where there is a layer, and returns the output.
"""
