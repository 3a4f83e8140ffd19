"""`python -m gradproof`: the same as the `gradproof` command."""

from .cli import main

if __name__ == "__main__":
    raise SystemExit(main())
