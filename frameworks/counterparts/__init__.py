"""One file an operation, of the same name as in reference/: each framework's own layer or function."""
