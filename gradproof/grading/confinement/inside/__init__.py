"""What runs inside a sandbox: confines itself, imports one submission, and forks for each program.

Standard library and NumPy only, from Python 3.10 on. It is loaded by file location (see start.py), and nothing else
of gradproof is readable where it runs. The judge believes nothing that comes from here: once a submission is imported,
its code and this code are one process.
"""
