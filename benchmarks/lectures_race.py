"""784-100-10, one thread: NumPy against PyTorch eager and a compiled Keras `fit`, and how far apart they end.

The three start from the same weights and take the same batches of 256 of MNIST (of scikit-learn's small digits without
a folder in GRADPROOF_MNIST), in one process, in turn; a ratio below one says that NumPy is faster. What races, and what
the distances may be, is in `gradproof.lectures.race`; here it runs in a new process, whose libraries are told to use
one thread before they load.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

PROGRAM = """
import dataclasses, json, os, statistics, sys
from gradproof.lectures import race
mnist, rounds = os.environ.get("GRADPROOF_MNIST"), int(sys.argv[1])
start = race.start(mnist)
taken = race.times(start, rounds)
print(*race.told_times(taken, start.steps), sep="\\n", flush=True)
figures = {"rows": len(start.x), "steps": start.steps, "seconds": taken, "agreement": []}
for dtype in ("float32", "float64"):
    found = race.agreement(race.start(mnist, dtype=dtype))
    print(*race.told_agreement(found), sep="\\n", flush=True)
    figures["agreement"].append({**dataclasses.asdict(found), "holds": found.holds})
print(json.dumps(figures))
"""


def main(repetitions: int = 9) -> dict[str, Any]:
    """Print milliseconds, ratios and distances; `repetitions` timed epochs of each. Returns the figures."""
    from gradproof.lectures.race import ONE_THREAD

    command = [sys.executable, "-c", PROGRAM, str(repetitions)]
    environment = {**os.environ, **ONE_THREAD}
    last = "{}"
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            if line.startswith("{"):
                last = line
            else:
                print(line, end="", flush=True)
    if process.returncode != 0:
        raise RuntimeError(f"the race ended with exit code {process.returncode}")
    figures: dict[str, Any] = json.loads(last)
    return figures


if __name__ == "__main__":
    main()
