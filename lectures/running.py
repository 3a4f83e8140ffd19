"""Run one system: prove its gradients, train it, write its history and pictures. What `gradproof lectures run` does.

Exit codes: 0 it ran and every gradient is proved; 1 a gradient is not, or the training left the finite numbers.
"""

from __future__ import annotations

import difflib
import math
from pathlib import Path
from typing import IO, Any

from . import System, all_systems

PROVED, NOT_PROVED = 0, 1
PAGE = "page.html"


def names() -> tuple[str, ...]:
    """Names of all systems, by lecture and name."""
    return tuple(all_systems())


def listing() -> str:
    """One line for each system: its lecture, name and summary."""
    every = all_systems().values()
    width = max((len(s.name) for s in every), default=0)
    return "\n".join(f"{s.lecture}  {s.name:{width}}  {s.summary}" for s in every)


def system(name: str) -> System:
    """The system of this name; ValueError with the nearest names where there is none."""
    every = all_systems()
    if name not in every:
        near = difflib.get_close_matches(name.replace("-", "_"), every, n=3)
        hint = f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(every)}"
        raise ValueError(f"there is no system {name!r}; {hint}")
    return every[name]


def run(
    name: str,
    *,
    seed: int = 0,
    epochs: int | None = None,
    output: Path | str | None = None,
    plot: bool = False,
    mnist: Path | str | None = None,
    stream: IO[str] | None = None,
    size: str = "full",
) -> int:
    """Run the system of this name and write the result to `stream` (standard output by default); returns the exit code.

    epochs: None for the system's own number. output: a folder for history.jsonl, page.html and, with `plot`, the
    pictures; it is made where it is missing. Without one nothing is written, and a plot needs one. mnist: a folder with
    MNIST's IDX files. size: "small" for a second's run on few data.
    ValueError in one sentence for whatever of this makes no sense.
    """
    from .training import History, Progress

    chosen = system(name)
    epochs = _epochs(chosen, epochs)
    if seed < 0:
        raise ValueError(f"the seed {seed} is negative; give 0 or more")
    folder = _folder(output, plot)
    print(f"{chosen.name}: {chosen.summary}\n{chosen.cite}", file=stream)
    code, proofs = _prove(chosen, seed, stream)
    path = None if folder is None else folder / "history.jsonl"
    with History(path) as history, Progress(chosen.name, epochs) as progress:
        outcome = chosen.run(_settings(seed, epochs, history, mnist, size, progress))
    print(*outcome.lines, sep="\n", file=stream)
    if history.records and path is not None:
        print(f"history: {path}", file=stream)
    pictures = chosen.plot(outcome, history.records, folder) if plot and chosen.plot and folder else []
    for picture in pictures:
        print(f"picture: {picture}", file=stream)
    if plot and not chosen.plot:
        print("the lecture plots nothing here", file=stream)
    diverged = any(not math.isfinite(loss) for loss in history.column("loss"))
    if diverged:
        print("the loss left the finite numbers", file=stream)
    if folder is not None:
        from .page import write

        settings = {"seed": seed, "epochs": epochs, "mnist": mnist or "not given", "size": size}
        page = write(folder / PAGE, chosen, settings, proofs, outcome, history.records, pictures)
        print(f"page: {page}", file=stream)
    return NOT_PROVED if diverged else code


def _settings(seed: int, epochs: int, history: Any, mnist: Path | str | None, size: str, progress: Any) -> Any:
    from . import Run

    return Run(seed, epochs, history, None if mnist is None else Path(mnist), size, progress)


def _epochs(chosen: System, epochs: int | None) -> int:
    if epochs is None:
        return chosen.epochs
    if not chosen.epochs:
        raise ValueError(f"{chosen.name} does not train; run it without a number of epochs")
    if epochs < 1:
        raise ValueError(f"{epochs} epochs train nothing; give 1 or more")
    return epochs


def _folder(output: Path | str | None, plot: bool) -> Path | None:
    if plot:
        from .plotting import check_available

        check_available()
        if output is None:
            raise ValueError("a plot needs a folder to be written to; name one as the output")
    if output is None:
        return None
    folder = Path(output)
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} is a file; name a folder as the output")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _prove(chosen: System, seed: int, stream: IO[str] | None) -> tuple[int, list[str]]:
    """Prove every gradient of the system at a generic point; the exit code, and a line for each."""
    from .proving import prove

    code, lines = PROVED, []
    for gradient in chosen.gradients:
        proof = prove(gradient, seed)
        told = f"proved at {proof.precision} bits" if proof.status == "proved" else f"{proof.status}: {proof.message}"
        lines.append(f"gradient of {gradient.name}: {told}")
        print(lines[-1], file=stream)
        code = code if proof.status == "proved" else NOT_PROVED
    return code, lines
