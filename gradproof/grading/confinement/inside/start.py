"""The first thing that runs in a sandbox: `PYTHON -S -s -B start.py PLAN`, PLAN being a JSON object.

Loads its neighbours by location under a private name, enters namespaces where the plan says so, and splits in two:
a warden, which reaps and ends what is left, and the process that the submission will run in. A nursery stays as it is,
and does that in a fork for each submission.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import sys
from types import ModuleType

PRIVATE = "gradproof_inside"


def main() -> int:
    """Run until the submission's process ends; returns its exit status."""
    plan = json.loads(sys.argv[1])
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [entry for entry in sys.path if entry not in ("", here)]
    sys.argv[1:] = []
    _load_package(here)
    # All that is needed later is loaded first: afterwards its files may be out of reach.
    _load_numpy(plan["numpy"])
    confining = importlib.import_module(f"{PRIVATE}.confining")
    warden = importlib.import_module(f"{PRIVATE}.warden")
    zygote = importlib.import_module(f"{PRIVATE}.zygote")
    wire = importlib.import_module(f"{PRIVATE}.frames").load(plan["wire"])
    nursery = importlib.import_module(f"{PRIVATE}.nursery") if plan.get("nursery") else None
    if plan["root"] is not None:
        mounts = importlib.import_module(f"{PRIVATE}.mounts")
        mounts.enter_namespaces(plan["own_user"])
        if child := os.fork():
            # This one stayed outside the new process namespace: it only passes on how the one inside ends.
            for each in (plan["control"], plan["lifeline"]):
                if each is not None:
                    os.close(each)
            return int(warden.exit_status(os.waitpid(child, 0)[1]))
        mounts.change_root(plan["root"])

    if nursery is not None:
        nursery.serve(plan, wire)
        return 0

    def run() -> None:
        confining.confine(plan)
        zygote.serve(plan["control"], wire)

    return int(warden.watch(run, plan["control"], plan["lifeline"], plan["uid"]))


def _load_package(folder: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        PRIVATE, os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"{folder} is no Python package")
    package = importlib.util.module_from_spec(spec)
    sys.modules[PRIVATE] = package
    spec.loader.exec_module(package)
    return package


def _load_numpy(folder: str) -> None:
    # Nothing else from there: a submission finds no other installed package.
    sys.path.append(folder)
    for name in ("numpy", "numpy.linalg", "numpy.ma", "numpy.random"):
        importlib.import_module(name)
    sys.path.remove(folder)


if __name__ == "__main__":
    status = main()
    os._exit(status)
