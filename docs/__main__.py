"""`python -m docs FOLDER [--findings FILE]`: write the generated reference pages, without building the site."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from .generator import write

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m docs", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--findings", default=os.environ.get("GRADPROOF_FINDINGS"), help="of an audit, for verdicts")
    args = parser.parse_args()
    print(f"{len(write(args.folder, args.findings))} pages in {args.folder}")
